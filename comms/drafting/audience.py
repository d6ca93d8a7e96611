"""Who gets a communication. The page that shows it, the adding and the check before sending share one plan."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils import formats, timezone, translation

from comms.models import Communication, Recipient
from contacts.models import Contact, ContactRelation, Occupancy
from portfolio.models import Block, Unit

NOBODY = "no current {role} on record"
ALREADY = "already among the recipients"


class Skipped(NamedTuple):
    who: str  # a flat, or a person and a flat
    why: str
    unit: Unit


@dataclass
class Plan:
    """Whom to add, whom not and why."""

    recipients: list[Recipient] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    foreign: int = 0  # units that are not of this organisation

    @property
    def reasons(self) -> dict[str, list[str]]:
        """The skipped by reason, for a report of a line each."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for one in self.skipped:
            grouped[one.why].append(one.who)
        return dict(grouped)

    @property
    def report(self) -> list[str]:
        """Say who was skipped and why, in a sentence for each reason."""
        said = []
        for why, who in self.reasons.items():
            names = ", ".join(who[:8]) + (f" and {len(who) - 8} more" if len(who) > 8 else "")
            said.append(f"{len(who)} skipped, {why}: {names}.")
        return said


def plan(
    communication: Communication,
    units: Iterable[Unit],
    role: str,
    on: datetime.date,
    asked_for: int | None = None,
) -> Plan:
    """Find the people with a role in some units on a day; joint owners are one recipient each.

    Whoever gets copies of what is sent to one of them is a recipient too, and the message regards that one.
    `asked_for` says how many units were named: those that were not found are of another organisation.
    """
    found = sorted(units, key=lambda unit: (unit.block_id, unit.position, unit.name))
    made = Plan(foreign=max(0, (asked_for or len(found)) - len(found)))
    there = set(communication.recipients.values_list("contact_id", "unit_id", "regarding_id"))
    occupancies = defaultdict(list)
    held = Occupancy.objects.on(on).filter(unit__in=[unit.pk for unit in found], role=role)
    for occupancy in held.select_related("contact"):
        occupancies[occupancy.unit_id].append(occupancy)
    copied = _copied(occupancy.contact_id for people in occupancies.values() for occupancy in people)
    word = Occupancy.Role(role).label.lower()
    for unit in found:
        people = occupancies.get(unit.pk, [])
        if not people:
            made.skipped.append(Skipped(unit.name, NOBODY.format(role=word), unit))
        for occupancy in people:
            contact = occupancy.contact
            wanted = [(contact, None), *((copy, contact) for copy in copied[contact.pk])]
            for to, regarding in wanted:
                place = (to.pk, unit.pk, regarding and regarding.pk)
                if place in there:
                    made.skipped.append(Skipped(f"{to.name}, {unit.name}", ALREADY, unit))
                    continue
                there.add(place)
                made.recipients.append(recipient(communication, to, unit, regarding))
    return made


def _copied(contacts: Iterable[int]) -> dict[int, list[Contact]]:
    """Give who gets copies of what is sent to each of some contacts."""
    found: dict[int, list[Contact]] = defaultdict(list)
    relations = ContactRelation.objects.filter(acts_for__in=set(contacts), copies=True)
    current = relations.filter(contact__archived_at__isnull=True).select_related("contact").order_by("pk")
    for relation in current:
        if relation.contact not in found[relation.acts_for_id]:
            found[relation.acts_for_id].append(relation.contact)
    return found


def plan_people(communication: Communication, contacts: Iterable[Contact], unit: Unit | None) -> Plan:
    """Plan a message to some people of a flat, with copies to those who get them."""
    people = list(contacts)
    copied = _copied(contact.pk for contact in people)
    made = Plan()
    for contact in people:
        made.recipients.append(recipient(communication, contact, unit))
        made.recipients += [recipient(communication, copy, unit, contact) for copy in copied[contact.pk]]
    return made


def plan_for(communication: Communication, contact: Contact, regarding: Contact | None = None) -> Plan:
    """Plan a message to one contact, about another if one is named; copies go to those who get them."""
    about = regarding or contact
    occupancy = (
        Occupancy.objects.on(timezone.localdate())
        .filter(contact=about)
        .select_related("unit__block")
        .order_by("-is_primary", "pk")
        .first()
    )
    unit = communication.unit or (occupancy and occupancy.unit)
    if regarding is None:
        return plan_people(communication, [contact], unit)
    return Plan([recipient(communication, contact, unit, regarding)])


def add(made: Plan) -> int:
    """Add the people of a plan; whoever was added meanwhile is left as they are. Gives how many are new."""
    if not made.recipients:
        return 0
    communication = made.recipients[0].communication
    before = communication.recipients.count()
    Recipient.objects.bulk_create(made.recipients, ignore_conflicts=True, batch_size=2000)
    return communication.recipients.count() - before


def recipient(
    communication: Communication, contact: Contact, unit: Unit | None, regarding: Contact | None = None
) -> Recipient:
    """Copy what is known of a contact at this moment; it stays so, whatever becomes of the contact."""
    lives_there = unit and not regarding  # who acts for another lives elsewhere
    address = contact.address or ("\n".join(unit.address_lines) if unit and lives_there else "")
    return Recipient(
        organisation_id=communication.organisation_id,
        communication=communication,
        contact=contact,
        regarding=regarding,
        unit=unit,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        address=address,
        wishes=wishes(contact),
        merge_values=values(communication, contact, unit),
    )


def wishes(contact: Contact) -> dict[str, str | bool]:
    """Give how somebody wants to be written to, as it is now. What they agreed to they can take back until it leaves."""
    return {
        "channel": contact.preferred_channel,
        "large_print": contact.large_print,
        "whatsapp": contact.whatsapp_opt_in,
        "language": contact.language,
    }


def values(communication: Communication, contact: Contact, unit: Unit | None) -> dict[str, str]:
    """Give the values of the merge fields that are about one recipient, as they are now."""
    organisation = communication.organisation
    block: Block | None = unit.block if unit else communication.block
    return {
        "salutation": contact.salutation,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "full_name": contact.name,
        "email": contact.email,
        "unit_name": unit.name if unit else "",
        "unit_reference": unit.reference if unit else "",
        "block_name": block.name if block else "",
        "block_address": ", ".join(block.address_lines) if block else "",
        "block_postcode": block.postcode if block else "",
        "organisation_name": organisation.name,
        "organisation_phone": organisation.phone,
        "organisation_email": organisation.reply_to or organisation.sender_email,
    }


def values_at_sending(
    communication: Communication, recipient: Recipient, language: str = ""
) -> dict[str, str]:
    """Give what is merged for a recipient: the snapshot, and what only sending decides: its day and its sender.

    The day is written in the language of the words.
    """
    at = communication.started_at or communication.sent_at or communication.scheduled_at
    day = timezone.localtime(at, communication.organisation.zone)
    with translation.override(language or communication.organisation.language):
        date = formats.date_format(day, "j E Y")
    return recipient.merge_values | {"sender_name": communication.sender_label, "date": date}
