"""The devices that are told of new posts (Web Push): put down on a resident's page, and taken off."""

import json
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comms.channels import subscription as pushed
from comms.channels.push import KNOWN_SERVICES
from comms.channels.subscription import Subscription
from comms.models import PortalLink, PortalPushSubscription
from contacts.models import Contact

MOST = 10  # devices of one link
Removal = PortalPushSubscription.Removal
Channel = PortalPushSubscription.Channel
CHANNELS = tuple(Channel.values)


def read(endpoint: str, p256dh: str, auth: str) -> Subscription:
    """Read what a browser gave (W3C Push API). Raises ValueError with a sentence where we cannot push to it."""
    given = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
    return pushed.parse(json.dumps(given), settings.PUSH_SERVICES or KNOWN_SERVICES)


@transaction.atomic
def register(link: PortalLink, token: str, user_agent: str) -> PortalPushSubscription:
    """Put down a phone with the firm's own app, by the token that it was registered under; once."""
    PortalLink.objects.select_for_update().get(pk=link.pk)
    standing = link.subscriptions.filter(removed_at=None)
    there: PortalPushSubscription | None = standing.filter(endpoint=token).first()
    return there or _put_down(link, user_agent, channel=Channel.APP, endpoint=token)


@transaction.atomic
def subscribe(link: PortalLink, given: Subscription, user_agent: str) -> PortalPushSubscription:
    """Put a device down; the same one again changes nothing, with new keys it takes the place of the old."""
    PortalLink.objects.select_for_update().get(pk=link.pk)  # one after the other
    standing = link.subscriptions.filter(removed_at=None)
    there: PortalPushSubscription | None = standing.filter(endpoint=given.endpoint).first()
    if there and (there.p256dh, there.auth) == (given.p256dh, given.auth):
        return there
    if there:
        remove(there, Removal.RENEWED)
    return _put_down(link, user_agent, endpoint=given.endpoint, p256dh=given.p256dh, auth=given.auth)


def _put_down(link: PortalLink, user_agent: str, **device: str) -> PortalPushSubscription:
    for oldest in list(link.subscriptions.filter(removed_at=None).order_by("-pk")[MOST - 1 :]):
        remove(oldest, Removal.CROWDED)
    made: PortalPushSubscription = PortalPushSubscription.objects.create(
        organisation=link.organisation, link=link, user_agent=user_agent[:300], **device
    )
    return made


def unsubscribe(link: PortalLink, endpoint: str) -> bool:
    """Take a device off, as the person who holds it asked."""
    rows = link.subscriptions.filter(endpoint=endpoint, removed_at=None)
    return bool(rows.update(removed_at=timezone.now(), removal=Removal.ASKED))


def remove(subscription: PortalPushSubscription, why: str) -> bool:
    """Take a device off for a reason, once; the row stays."""
    rows = PortalPushSubscription.objects.filter(pk=subscription.pk, removed_at=None)
    return bool(rows.update(removed_at=timezone.now(), removal=why))


def expire(channel: str, addresses: Sequence[str]) -> int:
    """Take off every device behind addresses that their service called gone (404, 410): Outcome.gone.

    The addresses are those of the channel: a subscription as JSON, or an app's token. Gives how many devices it was.
    """
    if not addresses:
        return 0
    gone = [str(json.loads(one)["endpoint"]) if channel == Channel.PUSH else one for one in addresses]
    rows = PortalPushSubscription.objects.filter(channel=channel, endpoint__in=gone, removed_at=None)
    many: int = rows.update(removed_at=timezone.now(), removal=Removal.EXPIRED)
    return many


def addresses(contacts: Iterable[Contact | int]) -> dict[int, dict[str, list[str]]]:
    """Give the addresses of each of some contacts by their channel, each device once, the newest first."""
    rows = PortalPushSubscription.objects.standing().filter(link__contact__in=contacts).order_by("-pk")
    found: dict[int, dict[str, dict[str, str]]] = {}
    for row in rows.select_related("link"):
        devices = found.setdefault(row.link.contact_id, {}).setdefault(row.channel, {})
        devices.setdefault(row.endpoint, row.address)
    return {
        contact: {channel: list(devices.values()) for channel, devices in by_channel.items()}
        for contact, by_channel in found.items()
    }
