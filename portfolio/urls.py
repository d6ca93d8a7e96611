from django.urls import path

from portfolio import views

app_name = "portfolio"
urlpatterns = [
    path("blocks/", views.blocks, name="blocks"),
    path("blocks/<uuid:public_id>/", views.block, name="block"),
    path("units/<uuid:public_id>/", views.unit, name="unit"),
]
