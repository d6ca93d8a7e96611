"""What happened elsewhere, written into the log by a person: an entry like any other, and as permanent."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from comms.models import LogEntry
from comms.record import entries, events
from portfolio.models import Organisation, User

NAMED = ("channel", "to_name", "to_address", "title", "words", "reference_type", "reference")


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
