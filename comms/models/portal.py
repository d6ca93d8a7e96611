"""The residents' page: the secret link that opens it, and the devices that asked to be told of new posts."""

import json

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, scoped


class PortalLinkQuerySet(models.QuerySet):
    def standing(self) -> "PortalLinkQuerySet":
        return self.filter(revoked_at__isnull=True)


class PortalLink(Owned):
    """A secret link to one person's page: of one flat, or without a flat all that was posted to them.

    The token in the link is not kept, only its SHA-256; `comms.portal.links` derives it again from the nonce and
    a key that the database does not hold. A revoked link has no nonce, so nothing can derive it any more; its
    row stays, so that its bearer is told that it was revoked.
    """

    contact = inside("contacts.Contact", related_name="+")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    nonce = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True, help_text="When a person last opened it.")

    objects = scoped(PortalLinkQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "unit"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="one_standing_portal_link",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(nonce=""), name="revoked_portal_link_has_no_nonce"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class PortalPushSubscriptionQuerySet(models.QuerySet):
    def standing(self) -> "PortalPushSubscriptionQuerySet":
        """Narrow to those that can be sent to: neither they nor their link were taken back."""
        return self.filter(removed_at__isnull=True, link__revoked_at__isnull=True)


class PortalPushSubscription(Owned):
    """A device that takes push messages: a browser (Web Push, RFC 8030) with the keys to encrypt for it, or a phone
    with the firm's own app, whose registration token is the endpoint."""

    class Removal(models.TextChoices):
        ASKED = "asked", "The resident asked for no more"
        RENEWED = "renewed", "The browser gave new keys"
        CROWDED = "crowded", "Too many devices, and it was the oldest"
        EXPIRED = "expired", "The push service says that it has expired"
        REVOKED = "revoked", "The link was revoked"

    class Channel(models.TextChoices):
        PUSH = "push", "Browser"
        APP = "app", "App"

    link = inside("comms.PortalLink", related_name="subscriptions")
    channel = models.CharField(max_length=4, choices=Channel, default=Channel.PUSH)
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(
        max_length=100, blank=True, help_text="Base64url: the browser's public key (RFC 8291)."
    )
    auth = models.CharField(
        max_length=40, blank=True, help_text="Base64url: its authentication secret (RFC 8291)."
    )
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    removal = models.CharField(max_length=10, choices=Removal, blank=True)

    objects = scoped(PortalPushSubscriptionQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["link", "endpoint"],
                condition=Q(removed_at__isnull=True),
                name="one_push_subscription_each",
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def address(self) -> str:
        """The address on its channel: an app's token, or the subscription as the browser's toJSON() writes it."""
        if self.channel == self.Channel.APP:
            return self.endpoint
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return json.dumps({"endpoint": self.endpoint, "keys": keys}, sort_keys=True)
