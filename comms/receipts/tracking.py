"""What it means that the picture of a watched mail was fetched, or one of its links followed.

There is no receipt behind it: the request is the news. Of each entry one open a day (UTC) and one click a link and day
are kept, persons and machines apart, so that however often it is fetched the log stays as long as what happened.
"""

import datetime
from uuid import UUID

from django_scopes import scope, scopes_disabled

from comms.models import DeliveryEvent, LinkTarget, LogEntry
from comms.record import events, machines
from comms.record.machines import Visit

SOURCE = "tracking"
SOON = datetime.timedelta(seconds=5)  # after the handover
KIND = DeliveryEvent.Kind


def target_of(target: UUID, entry: UUID) -> str:
    """Give where a link leads, "" where there is none: its row must be of the organisation of the entry."""
    with scopes_disabled():
        organisation = LogEntry.objects.filter(public_id=entry).values("organisation")
        row: LinkTarget | None = LinkTarget.objects.filter(
            public_id=target, organisation__in=organisation
        ).first()
    return row.url if row and row.url.startswith(("http://", "https://")) else ""


def organisation_of(entry: UUID) -> int | None:
    """Give the key of the organisation of an entry."""
    with scopes_disabled():
        found: int | None = (
            LogEntry.objects.filter(public_id=entry).values_list("organisation", flat=True).first()
        )
    return found


def opened(entry: UUID, visit: Visit, now: datetime.datetime) -> bool:
    """Append that a mail was opened; false where that is known or the mail is not."""
    return _append(KIND.OPENED, entry, visit, now)


def clicked(entry: UUID, target: UUID, url: str, visit: Visit, now: datetime.datetime) -> bool:
    """Append that a link was followed; false where that is known or the mail is not."""
    return _append(KIND.CLICKED, entry, visit, now, target, f"It led to {url}.")


def _append(
    kind: str,
    public_id: UUID,
    visit: Visit,
    now: datetime.datetime,
    target: UUID | None = None,
    words: str = "",
) -> bool:
    with scopes_disabled():
        entry = (
            LogEntry.objects.select_related("organisation", "delivery").filter(public_id=public_id).first()
        )
    if entry is None:
        return False
    why = machines.why(visit, picture=kind == KIND.OPENED) or _soon(entry, now)
    who = "machine" if why else "person"
    key = f"{entry.public_id}:{kind}:{target or ''}:{now.astimezone(datetime.UTC):%Y-%m-%d}:{who}"
    with scope(organisation=entry.organisation):
        # Looked for before the lock is taken: who comes a thousand times a second makes nobody wait.
        if DeliveryEvent.objects.filter(
            organisation=entry.organisation_id, source=SOURCE, provider_event_id=key
        ).exists():
            return False
        reason = " ".join(filter(None, [why, words]))[:500]
        appended = events.append(
            entry,
            kind,
            happened_at=now,
            source=SOURCE,
            provider_event_id=key,
            machine=bool(why),
            reason=reason,
        )
    return appended is not None


def _soon(entry: LogEntry, now: datetime.datetime) -> str:
    """Say that nobody can have looked yet, while it is being handed over or has just been."""
    sent_at = entry.delivery.sent_at
    return machines.SOON if sent_at is None or now - sent_at < SOON else ""
