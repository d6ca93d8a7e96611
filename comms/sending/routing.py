"""By which channel each recipient gets it. The check page and sending share these rules, so they say the same.

1. *Only*: by the one channel, reached or not.
2. *Else*: by the first channel of the list that reaches them; where none does, by the first, which says why not.
3. *Each*: by every channel of the list, each with an entry of its own.
4. *Preferred*: by the channel that they prefer where it reaches them, otherwise as *else*.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min

from comms.channels import registry
from comms.channels.base import Channel, Unreachable, reach
from comms.drafting import audience, html, merge
from comms.models import Communication, Delivery, Recipient, Suppression
from comms.portal import links, subscriptions


@dataclass
class Route:
    """One message to one recipient by one channel; `word` and `why` say what is in its way, if anything."""

    recipient: Recipient
    channel: str
    word: str = ""  # unreachable, empty_field or will_drop
    why: str = ""
    pence: Decimal | None = None


@dataclass
class Check:
    """What would happen to whom if it were sent now."""

    routes: list[Route] = field(default_factory=list)

    @property
    def obstacles(self) -> list[tuple[Recipient, str, str]]:
        return [(route.recipient, route.word, route.why) for route in self.routes if route.word]

    @property
    def by_channel(self) -> list[tuple[str, int]]:
        """How many are reached by each channel."""
        return list(Counter(route.channel for route in self.routes if not route.word).items())

    def pence(self) -> dict[str, Decimal]:
        """Give what it costs by channel, where a price is known, from the words as each recipient gets them."""
        costs: dict[str, Decimal] = {}
        for route in self.routes:
            if route.word or route.pence is None:
                continue
            costs[route.channel] = costs.get(route.channel, Decimal(0)) + route.pence
        return costs

    @property
    def reached(self) -> int:
        return sum(not route.word for route in self.routes)

    @property
    def total(self) -> int:
        return len(self.routes)


class Router:
    """The rules of one communication, with what is the same for all its recipients looked up once."""

    def __init__(self, communication: Communication, recipients: Iterable[Recipient]) -> None:
        self.communication = communication
        self.recipients = list(recipients)
        switched_on = communication.organisation.channels
        wanted = list(communication.channels)
        if communication.rule == Communication.Rule.PREFERRED:
            wanted += [word for word in registry.usable(switched_on) if word not in wanted]
        self.channels: dict[str, Channel] = {word: registry.get(word) for word in wanted}
        self._look_again()
        self.suppressed = self._suppressions()
        written: dict[str, Any] = {one.language: one for one in communication.translations.all()}
        written[""] = communication
        self.text = {language: html.to_text(one.body) for language, one in written.items()}
        self.wanted = {
            language: _fields(f"{one.subject}\n{one.body}\n{self.text[language]}")
            for language, one in written.items()
        }

    def _look_again(self) -> None:
        """Look up what is as it is when sending begins: wishes and devices. `assign` keeps what was found."""
        people = {one.contact_id for one in self.recipients if one.contact_id}
        by_device = bool({*subscriptions.CHANNELS, "portal"} & set(self.channels))
        devices = subscriptions.addresses(people) if by_device else {}
        pages = links.holders(people) if by_device else set()
        mailed = self.communication.organisation.portal_in_mail
        for one in self.recipients:
            if one.contact:
                one.wishes = audience.wishes(one.contact)
            one.devices = dict(devices.get(one.contact_id or 0, {}))
            if one.contact_id in pages or (mailed and one.contact_id and one.email):
                one.devices["portal"] = ["page"]

    def _suppressions(self) -> dict[tuple[str, str], str]:
        addresses = {
            address.lower()
            for channel in self.channels.values()
            for one in self.recipients
            if (address := _address(channel, one))
        }
        standing = Suppression.objects.standing().filter(channel__in=self.channels, address__in=addresses)
        return {
            (channel, address): why
            for channel, address, why in standing.values_list("channel", "address", "reason")
        }

    def routes(self) -> list[Route]:
        return [route for one in self.recipients for route in self._of(one)]

    def _of(self, one: Recipient) -> list[Route]:
        rule = Communication.Rule(self.communication.rule)
        words = list(self.communication.channels)
        if rule == Communication.Rule.PREFERRED and (first := one.wishes.get("channel")) in self.channels:
            words = list(dict.fromkeys([str(first), *words]))
        if rule in (Communication.Rule.ONLY, Communication.Rule.EACH):
            return [self._by(one, word) for word in words]
        tried = [self._by(one, word) for word in words]
        return [next((route for route in tried if not route.word), tried[0])]

    def _by(self, one: Recipient, word: str) -> Route:
        channel = self.channels[word]
        try:
            address = reach(channel, one)
        except Unreachable as unreachable:
            return Route(one, word, "unreachable", str(unreachable))
        language = str(one.wishes.get("language", ""))
        language = language if language in self.wanted else ""
        values = audience.values_at_sending(self.communication, one, language)
        if missing := merge.missing(self.wanted[language], values):
            names = merge.labels(missing)
            return Route(one, word, "empty_field", f"Nothing to fill it with: {names}.")
        if why := self.suppressed.get((word, address.lower())):
            return Route(one, word, "will_drop", why)
        if channel.price is None:
            return Route(one, word)
        return Route(one, word, pence=channel.pence(merge.fill_text(self.text[language], values)))


def _fields(words: str) -> str:
    """Give the fields of some words alone, so that a long text is not searched once for each person."""
    return " ".join(f"{{{{{name}}}}}" for name in merge.fields_in(words))


def _address(channel: Channel, one: Recipient) -> str:
    """Give the address as suppressions know it; nothing where it cannot be used."""
    try:
        return channel.address(one)
    except Unreachable:
        return ""


def check(communication: Communication, recipients: Iterable[Recipient]) -> Check:
    """Say who will be reached by what and who will not, and why, as sending would find it."""
    return Check(Router(communication, recipients).routes())


def assign(communication: Communication) -> None:
    """Write down by which channel each recipient gets it; who gets it by several becomes as many recipients.

    It belongs to the transaction in which sending begins: afterwards the database refuses both.
    """
    unassigned = communication.recipients.filter(channel="").select_related("unit", "contact__organisation")
    routes = Router(communication, unassigned).routes()
    first: dict[str, list[int]] = {}
    more: list[Recipient] = []
    seen: set[int] = set()
    for route in routes:
        if route.recipient.pk in seen:
            more.append(_another(route))
        else:
            seen.add(route.recipient.pk)
            first.setdefault(route.channel, []).append(route.recipient.pk)
    people = {route.recipient.pk: route.recipient for route in routes}
    Recipient.objects.bulk_update(people.values(), ["wishes", "devices"], batch_size=2000)
    for channel, keys in first.items():
        communication.recipients.filter(pk__in=keys).update(channel=channel)
    Recipient.objects.bulk_create(more, batch_size=2000)


def _another(route: Route) -> Recipient:
    copied = ("organisation_id", "communication_id", "contact_id", "regarding_id", "unit_id", "name", "email", "phone",
              "address", "merge_values", "wishes", "devices", "added_at")  # fmt: skip
    return Recipient(channel=route.channel, **{name: getattr(route.recipient, name) for name in copied})


def sent_before(communication: Communication) -> list[dict[str, Any]]:
    """Find the communication by which the same words went to most of the same people: how many, and when.

    The words are compared as they were written, by their SHA-256, merge fields unfilled.
    """
    if not communication.body.strip():
        return []
    sha256 = hashlib.sha256(communication.body.encode()).hexdigest()
    people = communication.recipients.filter(contact__isnull=False).values("contact")
    found: Any = (
        Delivery.objects.filter(content__sha256=sha256, contact__in=people, communication__isnull=False)
        .exclude(communication=communication)
        .order_by()
        .values("communication__public_id")
        .annotate(many=Count("contact", distinct=True), at=Min("at"))
        .order_by("-many", "-at")[:1]
    )
    return list(found)
