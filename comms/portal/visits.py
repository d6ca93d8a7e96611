"""What it means that somebody came: the post was opened, and the link was seen."""

import datetime

from comms.models import DeliveryEvent, LogEntry, PortalLink
from comms.record import events

SOURCE = "portal"
SEEN_EVERY = datetime.timedelta(minutes=1)


def saw(link: PortalLink, now: datetime.datetime) -> None:
    """Note when a person last came with a link, to the minute."""
    if link.last_seen_at is None or link.last_seen_at < now - SEEN_EVERY:
        PortalLink.objects.standing().filter(pk=link.pk).update(last_seen_at=now)


def opened(link: PortalLink, entry: LogEntry, now: datetime.datetime, *, machine: bool) -> None:
    """Append that a post was opened: by each link once on each day (UTC), persons and machines apart."""
    who = "machine" if machine else "person"
    events.append(
        entry,
        DeliveryEvent.Kind.OPENED,
        happened_at=now,
        source=SOURCE,
        provider_event_id=f"{link.public_id}:{entry.public_id}:{now:%Y-%m-%d}:{who}",
        machine=machine,
    )
