"""Posts on residents' pages, and the links to them, for the tests."""

import hashlib
import re
import zlib

from django.test import Client
from django.urls import reverse

from comms.channels.base import Message, Party
from comms.channels.portal import PortalChannel
from comms.models import Content, LogEntry, PortalLink
from comms.portal import links
from comms.record import entries, events
from tests.comms.logbook import NOW

HOME = object()  # the first flat
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


def post(
    cast, contact=None, unit=HOME, body="<p>The lift stands still on Tuesday.</p>", at=NOW, **facts
) -> LogEntry:
    """Post something on the page of a contact, as the pipeline does: entry, exact bytes, sent."""
    contact, unit = contact or cast.contacts[0], cast.units[0] if unit is HOME else unit
    title = facts.pop("title", "Lift out of service")
    message = Message(title, body, "", Party("", ""), Party(contact.name, ""), "<1@x>", at, body=body)
    data = b"".join(part.data for part in PortalChannel().compose(message))
    facts = {"unit": unit, "block": unit and unit.block, "words": "The lift stands still.", **facts}
    (entry,) = entries.write(
        [
            LogEntry(
                organisation=contact.organisation,
                channel="portal",
                contact=contact,
                to_name=contact.name,
                to_address="Residents' page",
                title=title,
                sender_label="Alice Marsh",
                personal=zlib.compress(data),
                layout=[len(data)],
                sha256=hashlib.sha256(data).hexdigest(),
                **facts,
            )
        ]
    )
    events.append(entry, "sent", happened_at=at, source="portal")
    return entry


def attached(cast, name="rota.txt", data=b"The rota, as a text.", media_type="text/plain") -> dict:
    kept = Content.keep(cast.organisation, data)
    return {"name": name, "media_type": media_type, "size": len(data), "sha256": kept.sha256}


def link_of(cast, contact=None, unit=None) -> PortalLink:
    return links.of(contact or cast.contacts[0], unit or cast.units[0], cast.alice)


def page(link, entry=None) -> str:
    """Give the address of a resident's page, or of a post on it."""
    token = links.token_of(link)
    if entry is None:
        return reverse("portal:board", args=[token])
    return reverse("portal:post", args=[token, entry.public_id])


def phone(**kwargs) -> Client:
    """A resident with a telephone, who has never signed in."""
    return Client(headers={"User-Agent": PHONE}, **kwargs)


def once(response) -> str:
    """Give the hidden word by which a reply that is sent twice is known."""
    return re.search(r'name="once" value="([^"]+)"', response.content.decode())[1]
