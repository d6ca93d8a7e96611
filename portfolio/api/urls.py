from django.urls import path

from portfolio.api import places, tokens

LIST, ONE = {"get": "list", "post": "create"}, {"get": "retrieve", "patch": "partial_update"}

urlpatterns = [
    path("blocks/", places.Blocks.as_view(LIST), name="blocks"),
    path("blocks/<uuid:public_id>/", places.Blocks.as_view(ONE), name="block"),
    path("units/", places.Units.as_view(LIST), name="units"),
    path("units/<uuid:public_id>/", places.Units.as_view(ONE), name="unit"),
    path("tokens/", tokens.Tokens.as_view({"get": "list"}), name="tokens"),
    path("tokens/<uuid:public_id>/", tokens.Tokens.as_view({"delete": "destroy"}), name="token"),
]
