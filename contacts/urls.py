from django.urls import path

from contacts import views

app_name = "contacts"
urlpatterns = [
    path("contacts/", views.contacts, name="contacts"),
    path("contacts/<uuid:public_id>/", views.contact, name="contact"),
]
