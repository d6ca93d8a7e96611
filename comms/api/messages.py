"""One message that another system asks for. What is refused leaves a line that a person finds, with the reason."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from comms.api import examples, recipients, shapes
from comms.api.communications import begun, write
from comms.api.words import refusing
from comms.models import Communication
from comms.sending import asked_for
from contacts.mistake import Mistake
from contacts.models import Contact
from portfolio.access import ADMINS
from portfolio.api.base import ApiViewSet, named
from portfolio.api.fields import Query, asked, body
from portfolio.api.idempotency import once
from portfolio.models import ApiToken, RefusedCall

# Of the caller's making; too many calls (429) and faults of ours (500) are not what a person puts right.
REFUSED = (400, 403, 404, 409, 413, 415, 422)
WORDS = ("template_id", "text", "body_html")
ONE_OF_WORDS = "Give one of template_id, text and body_html."
ONE_OF_TO = "Give either contact_id or address."
BOTH = "Give both reference_type and reference, or neither."


class Messages(ApiViewSet):
    @extend_schema(
        operation_id="messages_send",
        tags=["messages"],
        summary="Send one message for a workflow of another system",
        request=shapes.MessageBody,
        responses={201: shapes.MessageShown},
        examples=[examples.TEMPLATE, examples.TEXT],
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(shapes.MessageBody, request)
        _check(data)
        with _named_as_sent(data):
            one = self._written(data)
        with refusing():
            self._address(one, data)
            asked_for.send(one, by=self.user)
        one.people = recipients.rows().filter(communication=one)  # type: ignore[attr-defined]
        return Response(shapes.MessageShown(one).data, status=201)

    def _written(self, data: dict[str, Any]) -> Communication:
        words = {"subject": data.get("subject", "")}
        if "text" in data and not words["subject"]:
            words["subject"] = asked_for.first_words(data["text"])
        kept = ("communication_type", "block_id", "unit_id", "template_id")
        words |= {name: data[name] for name in kept if data.get(name)}
        one = begun(
            self.organisation,
            self.user,
            words,
            workflow=data.get("workflow") or self.token.name,
            reference_type=data.get("reference_type", ""),
            reference=data.get("reference", ""),
        )
        changes = {name: data[name] for name in ("body_html", "channel") if data.get(name)}
        if "text" in data:
            changes["body_html"] = asked_for.paragraphs(data["text"])
        write(one, changes)
        return one

    def _address(self, one: Communication, data: dict[str, Any]) -> None:
        contact = named(Contact.objects.current(), data.get("contact_id"), "contact_id", "contact")
        if contact:
            return asked_for.address_to(one, contact)
        try:
            asked_for.address(one, data["address"], data.get("name", ""))
        except Mistake as mistake:
            raise ValidationError({"address": [str(mistake)]}) from mistake

    @extend_schema(
        operation_id="messages_refused",
        tags=["messages"],
        summary="List the messages that were refused to your tokens, newest first; an admin sees all",
        parameters=[Query],
        responses=shapes.RefusedPage,
    )
    def refused(self, request: Request) -> Response:
        rows = RefusedCall.objects.select_related("token")
        if self.membership.role not in ADMINS:
            rows = rows.filter(token__user=self.user)
        return self.listed(rows, asked(Query, request), shapes.RefusedShown, by="-id")

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal, and note it."""
        response = super().handle_exception(exc)
        if (
            self.action == "create"
            and response.status_code in REFUSED
            and isinstance(self.request.auth, ApiToken)
        ):
            _note(self.request, response)
        return response


@contextmanager
def _named_as_sent(data: dict[str, Any]) -> Iterator[None]:
    """Lead what is wrong with words that were made of `text` back to it."""
    try:
        yield
    except ValidationError as wrong:
        made = {"body_html"} | (set() if data.get("subject") else {"subject"})
        if "text" not in data or not isinstance(wrong.detail, dict):
            raise
        raise ValidationError(
            {"text" if name in made else name: why for name, why in wrong.detail.items()}
        ) from wrong


def _check(data: dict[str, Any]) -> None:
    """Refuse what is said twice or by halves."""
    wrong = {}
    if sum(bool(data.get(name)) for name in WORDS) != 1:
        wrong["text"] = [ONE_OF_WORDS]
    if bool(data.get("contact_id")) == bool(data.get("address")):
        wrong["address"] = [ONE_OF_TO]
    if bool(data.get("reference")) != bool(data.get("reference_type")):
        wrong["reference"] = [BOTH]
    if wrong:
        raise ValidationError(wrong)


def _note(request: Request, response: Response) -> None:
    try:
        said = request.data if isinstance(request.data, Mapping) else {}
    except APIException:  # the body is what was refused
        said = {}
    sizes = {"workflow": 100, "reference_type": 50, "reference": 200}
    RefusedCall.objects.create(
        organisation=request.auth.organisation,
        token=request.auth,
        status=response.status_code,
        reason=_kept(response.data["detail"], 500),
        recipient=_kept(said.get("address") or said.get("contact_id"), 254),
        **{name: _kept(said.get(name), size) for name, size in sizes.items()},
    )


def _kept(value: Any, size: int) -> str:
    """Give what the database can keep of what was sent, whatever it was."""
    return " ".join(str(value or "").replace("\x00", " ").split())[:size]
