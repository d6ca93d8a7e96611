"""The columns of the log: what each is called, what it sorts by, and what stands in it."""

import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Case, CharField, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Lower, NullIf
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from comms.log.keyset import Order
from comms.models import Communication, Delivery


class Column(NamedTuple):
    name: str
    heading: str
    kind: str  # the class of its width
    wide: str = ""  # leaves where there is no room


COLUMNS = [
    Column("sent", "Sent at", "col-at"),
    Column("recipient", "Recipient", "col-who"),
    Column("channel", "Channel", "col-channel"),
    Column("title", "Title", "col-title"),
    Column("linked", "Linked to", "col-link", wide="wide"),
    Column("sender", "Sent by", "col-by", wide="wide"),
    Column("status", "Status", "col-status"),
    Column("template", "Template", "col-template", wide="wide widest"),
]


def _text(expression: Combinable | str) -> NullIf:
    return NullIf(Lower(expression, output_field=CharField()), Value(""), output_field=CharField())


def _words(field: str, choices: list[tuple[str, str]]) -> Case:
    return Case(*(When(**{field: value}, then=Value(word)) for value, word in choices), default=F(field))


KEYS = {
    "recipient": _text(Coalesce(NullIf("entry__to_name", Value("")), "entry__to_address")),
    "channel": _text("channel"),
    "title": _text("entry__title"),
    "linked": _text(
        Coalesce(
            Concat("block__name", Value(" "), "unit__name"),
            Concat("reference_type", Value(" "), "reference"),
            output_field=CharField(),
        )
    ),
    "sender": _text("sender_label"),
    "status": _text(_words("status", Delivery.Status.choices)),
    "template": _text("entry__template_label"),
    "type": _text(_words("type", Communication.Type.choices)),
}


def order_by(param: str) -> Order | None:
    """Read a sort from the address: a column, with a minus for descending; None if there is none such."""
    name, descending = param.removeprefix("-"), param.startswith("-")
    if name == "sent":
        return Order("sent", F("at"), descending, dated=True)
    return Order(name, KEYS[name], descending) if name in KEYS else None


NEWEST = Order("sent", F("at"), descending=True, dated=True)


class Link(NamedTuple):
    """What an entry is linked to: what it is called, its page, and what filters the log by it."""

    text: str
    url: str = ""
    filter: str = ""
    outside: bool = False


def links(row: Delivery, slug: str, everything: bool = False) -> list[Link]:
    """List what an entry belongs to, the most particular first; its contact too where there is room for everything."""
    found = []
    if row.reference:
        kind = row.reference_type.replace("_", " ").capitalize()
        url = row.organisation.reference_url(row.reference_type, row.reference)
        same = {"reference": row.reference, "reference_type": row.reference_type, "sent": "all"}
        log = f"{_url('comms:log', slug)}?{urlencode({k: v for k, v in same.items() if v})}"
        found.append(Link(f"{kind} {row.reference}".strip(), url, log, outside=True))
    if row.ticket:
        found.append(Link(f"Ticket {row.ticket_id}", _url("comms:ticket", slug, row.ticket.public_id)))
    if row.block:
        found.append(Link(row.block.name, _url("portfolio:block", slug, row.block.public_id)))
    if row.unit:
        found.append(Link(row.unit.name, _url("portfolio:unit", slug, row.unit.public_id)))
    if row.regarding:
        name = f"About {row.regarding.name}"
        found.append(Link(name, _url("contacts:contact", slug, row.regarding.public_id)))
    if row.communication:
        name = row.communication.get_type_display()
        found.append(Link(name, _url("comms:communication", slug, row.communication.public_id)))
    if row.contact and (everything or not found):
        found.append(Link(row.contact.name, _url("contacts:contact", slug, row.contact.public_id)))
    return found


def reason(delivery: Delivery) -> str:
    """Say why it has its status, with the kind of bounce first."""
    kind = {"hard": "Hard", "soft": "Soft", "spam": "Spam-filtered"}.get(delivery.bounce, "")
    if delivery.status != Delivery.Status.BOUNCED or not kind or delivery.reason.startswith(kind):
        return delivery.reason
    return f"{kind}: {delivery.reason}" if delivery.reason else kind


def since(delivery: Delivery) -> str:
    """Say when it came to its status, where nothing else is to be said."""
    if delivery.manual:
        return "Recorded by hand"
    at = timezone.localtime(delivery.status_at)
    same_day = at.date() == timezone.localtime(delivery.at).date()
    return f"{at:%H:%M:%S}" if same_day else f"{at.day} {at:%b, %H:%M}"


def short(at: datetime.datetime, today: datetime.date) -> str:
    """Write a time for a narrow screen."""
    local = timezone.localtime(at)
    if local.date() == today:
        return f"Today {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def _url(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
