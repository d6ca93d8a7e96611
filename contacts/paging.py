"""Pages of contacts by name that hold still while others are added: a page starts after a contact, not after so many."""

import uuid
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import CombinedExpression

from contacts.models import Contact

SIZE = 50


class Page(NamedTuple):
    contacts: list[Contact]
    before: str = ""  # the contact to go back from, where there is something before
    after: str = ""


def page(contacts: QuerySet[Contact], after: str = "", before: str = "", size: int = SIZE) -> Page:
    """Give the contacts that follow one by name (or come before it); the first ones, if there is no such contact."""
    place = _find(before or after)
    if place is None:
        before = after = ""
    else:
        contacts = contacts.filter(_beyond(place, "<" if before else ">"))
    order = ("-name", "-pk") if before else ("name", "pk")
    found = list(contacts.order_by(*order)[: size + 1])
    more, shown = len(found) > size, found[:size]
    if before:
        shown.reverse()
    if not shown:
        return Page([])
    return Page(
        shown,
        before=str(shown[0].public_id) if (more if before else after) else "",
        after=str(shown[-1].public_id) if (before or more) else "",
    )


def _find(public_id: str) -> Contact | None:
    try:
        return Contact.objects.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _beyond(contact: Contact, sign: str) -> CombinedExpression:
    # One comparison of rows, which the index on (organisation, name) serves; an OR of two would not be.
    return CombinedExpression(
        _row(F("name"), F("pk")),
        sign,
        _row(Value(contact.name), Value(contact.pk)),
        output_field=BooleanField(),
    )


def _row(*parts: Any) -> Func:
    return Func(*parts, function="ROW", output_field=BooleanField())
