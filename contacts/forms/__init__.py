"""What people type about contacts, checked; each mistake is a sentence at its field."""

from contacts.forms.contact import ContactForm
from contacts.forms.occupancy import ArrivalForm, Arrivals, MoveForm, OccupancyForm
from contacts.forms.relation import RelationForm

__all__ = ["ArrivalForm", "Arrivals", "ContactForm", "MoveForm", "OccupancyForm", "RelationForm"]
