"""Every address of the pages of contacts, below /o/<slug>/."""

from contacts.views import editing, imports, occupancies, people, relations

app_name = "contacts"
urlpatterns = [
    *editing.urlpatterns,
    *people.urlpatterns,
    *occupancies.urlpatterns,
    *relations.urlpatterns,
    *imports.urlpatterns,
]
