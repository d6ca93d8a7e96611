from django.urls import path

from contacts.api import occupancies, people

LIST, ONE = {"get": "list", "post": "create"}, {"get": "retrieve", "patch": "partial_update"}
Contacts, Occupancies = people.Contacts, occupancies.Occupancies

urlpatterns = [
    path("contacts/", Contacts.as_view(LIST), name="contacts"),
    path("contacts/<uuid:public_id>/", Contacts.as_view(ONE), name="contact"),
    path("occupancies/", Occupancies.as_view(LIST), name="occupancies"),
    path(
        "occupancies/<uuid:public_id>/",
        Occupancies.as_view(ONE | {"delete": "destroy"}),
        name="occupancy",
    ),
]
