"""What happened elsewhere, written into the log by a person: an entry like any other, and as permanent."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from comms.models import LogEntry
from comms.record import entries, events
from contacts.models import Contact, Occupancy
from portfolio.models import Block, Organisation, Unit, User

NAMED = ("channel", "to_name", "to_address", "title", "words", "reference_type", "reference")


def entries_to_correct() -> QuerySet[LogEntry]:
    return LogEntry.objects.select_related("contact", "unit__block", "block")


def about(
    contact: Contact | None, unit: Unit | None, block: Block | None, wrong: LogEntry | None
) -> dict[str, Any]:
    """Give what an entry is about: what is named, else what the wrong one was about, else the contact's flat."""
    if wrong:
        contact, unit = contact or wrong.contact, unit or wrong.unit
    if contact and not unit and not wrong:
        held = Occupancy.objects.on(timezone.localdate()).filter(contact=contact).with_flat().first()
        unit = held and held.unit
    block = unit.block if unit else block or (wrong.block if wrong else None)
    return {"contact": contact, "unit": unit, "block": block, "wrong": wrong}


def record(organisation: Organisation, by: User, said: dict[str, Any], about: dict[str, Any]) -> uuid.UUID:
    """Write the entry of a form; give its public id, which is the form's `once`: sent twice, it is one entry.

    `about` names block, unit, contact and the wrong entry that it corrects, each or None.
    """
    entry = LogEntry(
        public_id=said["once"],
        organisation=organisation,
        happened_at=said["at"],
        manual=True,
        block=about["block"],
        unit=about["unit"],
        contact=about["contact"],
        sender=by,
        sender_label=str(by),
        corrects=about["wrong"],
        **{name: said[name] for name in NAMED},
    )
    try:
        with transaction.atomic():
            _write(entry, by)
    except IntegrityError:
        if not LogEntry.objects.filter(public_id=entry.public_id).exists():
            raise
    return entry.public_id


def _write(entry: LogEntry, by: User) -> None:
    (written,) = entries.write([entry])
    events.append(
        written,
        "sent",
        happened_at=written.happened_at or written.recorded_at,
        source=events.PERSON,
        actor=by,
        reason="Recorded by hand.",
    )
