"""Contacts, written through the form of their page."""

import uuid
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import shapes
from contacts.forms import ContactForm
from contacts.models import Contact, Occupancy
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import asked, body
from portfolio.api.idempotency import once
from portfolio.api.places import typed_in

ROWS = {"email": "emails", "phone": "phones"}


def rows() -> QuerySet[Contact]:
    parts = Prefetch("occupancies", Occupancy.objects.select_related("unit").order_by("pk"))
    found: QuerySet[Contact] = Contact.objects.prefetch_related(parts, "other_addresses")
    return found


class Contacts(ApiViewSet):
    @extend_schema(
        operation_id="contacts_list",
        tags=["contacts"],
        summary="List contacts by name",
        parameters=[shapes.ContactQuery],
        responses=shapes.ContactPage,
    )
    def list(self, request: Request) -> Response:
        wanted = asked(shapes.ContactQuery, request)
        found = rows().matching(wanted.get("q", ""))  # type: ignore[attr-defined]
        if wanted["archived"] != "all":
            found = found.filter(archived_at__isnull=wanted["archived"] == "no")
        if "unit_id" in wanted:
            parts = Occupancy.objects.filter(unit__public_id=wanted["unit_id"])
            found = found.filter(pk__in=parts.values("contact"))
        return self.listed(found, wanted, shapes.ContactShown)

    @extend_schema(
        operation_id="contacts_create",
        tags=["contacts"],
        summary="Add a contact",
        request=shapes.ContactBody,
        responses={201: shapes.ContactShown},
        examples=[shapes.CONTACT],
    )
    @once
    def create(self, request: Request) -> Response:
        data = {"kind": "person", "language": self.organisation.language, **body(shapes.ContactBody, request)}
        return Response(self._saved(None, data, {}), status=201)

    @extend_schema(
        operation_id="contacts_get", tags=["contacts"], summary="Get a contact", responses=shapes.ContactShown
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shapes.ContactShown(self.find(rows(), public_id)).data)

    @extend_schema(
        operation_id="contacts_update",
        tags=["contacts"],
        summary="Change a contact; what was sent keeps the name and address that it was sent with",
        request=shapes.ContactBody,
        responses=shapes.ContactShown,
        examples=[shapes.CONTACT],
    )
    def partial_update(self, request: Request, public_id: uuid.UUID) -> Response:
        found: Any = self.find(rows(), public_id)
        data = body(shapes.ContactBody, request, partial=True)
        known = shapes.ContactShown(found).data
        if {"first_name", "last_name"} & set(data) and "name" not in data:
            data["name"] = ""  # made anew of its parts
        return Response(self._saved(found, typed_in(ContactForm, found, data), known))

    def _saved(self, contact: Contact | None, data: dict[str, Any], known: dict[str, Any]) -> Any:
        """Save by the page's form, which takes the addresses as rows; those that are not named stay."""
        typed = dict(data)
        for prefix, name in ROWS.items():
            typed |= _rows(prefix, data.get(name, known.get(name, [])))
        form = ContactForm(typed, instance=contact, organisation=self.organisation)
        if not form.saved():
            raise ValidationError(_mistakes(form))
        return shapes.ContactShown(rows().get(pk=form.instance.pk)).data


def _rows(prefix: str, addresses: list[dict[str, str]]) -> dict[str, Any]:
    """Give addresses as the page would post them."""
    typed: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(addresses),
        f"{prefix}-INITIAL_FORMS": 0,
        f"{prefix}-first": "0",
    }
    for number, one in enumerate(addresses):
        typed[f"{prefix}-{number}-value"] = one["value"]
        typed[f"{prefix}-{number}-label"] = one.get("label", "")
    return typed


def _mistakes(form: ContactForm) -> dict[str, Any]:
    """Gather what is wrong with a contact and with each of its addresses."""
    found: dict[str, Any] = {name: list(why) for name, why in form.errors.items()}
    for prefix, rows_of in (("email", form.emails), ("phone", form.phones)):
        if general := rows_of.non_form_errors():
            found[ROWS[prefix]] = list(general)
        elif any(rows_of.errors):
            found[ROWS[prefix]] = [{n: list(why) for n, why in row.items()} for row in rows_of.errors]
    return found
