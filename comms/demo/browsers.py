"""Residents whose browsers take push messages: simulated ones, so that what is pushed shows at the simulator's inbox."""

import datetime
import json
from urllib.parse import urlsplit

from django.conf import settings

from comms.demo.estate import Estate
from comms.models import PortalPushSubscription, Recipient
from comms.portal import links, subscriptions
from comms.simulator.pushes import subscription
from contacts.models import Occupancy

# Who has one, and what it is called: the beginning chooses what becomes of a message to it.
HOLDERS = {
    "Margaret Okafor": "margaret",
    "Charlotte Wadsworth": "charlotte",
    "Femi Adebayo": "femi",
    "Orla Brennan": "orla",
    "Nikolai Petrov": "gone-with-an-old-phone",
    "Yusuf Demir": "busy-yusuf",
    "Poppy Ellis": "drop-poppy",
}
PROGRAM = "Mozilla/5.0 (simulated)"


def give(estate: Estate, since: datetime.datetime) -> None:
    """Put the browsers down, each on its holder's own page; without a simulator there are none."""
    if not settings.SIMULATOR_HTTP:
        return
    for name, browser in HOLDERS.items():
        contact = estate.contacts[name]
        home = Occupancy.objects.filter(contact=contact).select_related("unit").order_by("pk").first()
        given = json.loads(subscription(browser, f"http://{settings.SIMULATOR_HTTP}"))
        PortalPushSubscription.objects.create(
            organisation=estate.organisation,
            link=links.of(contact, home.unit if home else None, estate.people["manager"]),
            endpoint=given["endpoint"],
            **given["keys"],
            user_agent=PROGRAM,
            created_at=since,
        )


def holders(recipients: list[Recipient]) -> list[Recipient]:
    """Narrow recipients down to those who have a browser, and write it down with them."""
    found = subscriptions.addresses({one.contact_id for one in recipients if one.contact_id})
    held = [one for one in recipients if "push" in found.get(one.contact_id or 0, {})]
    for one in held:
        one.devices = found[one.contact_id or 0]
    return held


def shown(recipient: Recipient) -> str:
    """Write a browser as the log does where push messages are switched off."""
    hosts = [urlsplit(json.loads(one)["endpoint"]).hostname for one in recipient.devices.get("push", ())]
    return f"Browser at {hosts[0]}" if hosts else "Browser"
