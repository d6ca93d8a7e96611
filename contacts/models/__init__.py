from contacts.models.contact import AddressFlag, Contact, OtherAddress
from contacts.models.intake import Import
from contacts.models.occupancy import Occupancy
from contacts.models.relation import ContactRelation

__all__ = ["AddressFlag", "Contact", "ContactRelation", "Import", "Occupancy", "OtherAddress"]
