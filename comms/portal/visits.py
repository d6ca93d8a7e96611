"""What it means that somebody came: the post was opened, and the link was seen."""

import datetime
import re

from comms.models import DeliveryEvent, LogEntry, PortalLink
from comms.record import events

SOURCE = "portal"
SEEN_EVERY = datetime.timedelta(minutes=1)
# What fetches a link so that a person need not, or before one does: previews in messengers, scanners of mail, search
# engines, tools. By the words in their own User-Agent; whoever sends none is no browser of a person either.
MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|preview|facebookexternalhit|whatsapp/|slack|telegram|skype|discord|twitter|linkedin"
    r"|embedly|pinterest|mastodon|iframely|scan|safelinks|urldefense|proofpoint|mimecast|barracuda|messagelabs"
    r"|symantec|sophos|trend ?micro|forcepoint|fireeye|zscaler|virustotal|googleimageproxy|apple-pubsub"
    r"|ms-?office|microsoft office|outlook-|headless|lighthouse|curl/|wget/|python|java/|okhttp|go-http|libwww"
    r"|httpclient|axios|node-fetch|ruby|perl",
    re.IGNORECASE,
)


def is_machine(user_agent: str, purpose: str = "") -> bool:
    """Say whether a visit is a program's: by what it calls itself, or as a page fetched in advance (Sec-Purpose)."""
    return not user_agent.strip() or bool(MACHINES.search(user_agent)) or "prefetch" in purpose.lower()


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
