"""Entries for the tests of the log, written through the one door."""

import datetime
from typing import Any

from comms.models import LogEntry
from comms.record import entries, events
from portfolio.models import Organisation

NOW = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


def write(organisation: Organisation, **facts: Any) -> LogEntry:
    """Write one entry; `at` is when it was sent."""
    at = facts.pop("at", NOW)
    facts = {
        "channel": "email",
        "to_name": "Priya Raman",
        "to_address": "priya.raman@example.com",
        "title": "Lift out of service",
        "words": "The lift is out of service on Tuesday.",
        "sender_label": "Alice Marsh",
        **facts,
    }
    return entries.write([LogEntry(organisation=organisation, happened_at=at, **facts)])[0]


def happen(
    entry: LogEntry, kind: str, at: datetime.datetime = NOW, source: str = "smtp", **facts: Any
) -> None:
    events.append(entry, kind, happened_at=at, source=source, **facts)


def days_ago(days: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
