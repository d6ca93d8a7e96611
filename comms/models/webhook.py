"""Other systems that are told what happens: where they listen, what they were told, and each attempt."""

import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, scoped


class Webhook(Owned):
    """An address of another system. Its secret is derived from its nonce and a key outside the database."""

    url = models.CharField(max_length=2000)
    deliveries = models.BooleanField(default=True)
    tickets = models.BooleanField(default=True)
    nonce = models.CharField(max_length=64, default=secrets.token_hex)
    old_nonce = models.CharField(max_length=64, blank=True, help_text="Of the secret before.")
    old_until = models.DateTimeField(null=True, blank=True, help_text="Until when that one signs too.")
    off_at = models.DateTimeField(null=True, blank=True)
    off_reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        return reverse("comms:webhook", args=[self.organisation.slug, self.public_id])


class WebhookMessage(Owned):
    """One thing that a webhook is told. A trigger adds it in the transaction in which the thing happens."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Taken"
        FAILED = "failed", "Given up"

    webhook = inside("comms.Webhook", related_name="messages")
    type = models.CharField(max_length=40)
    event = inside("comms.DeliveryEvent", null=True, blank=True, related_name="+")
    change = inside("comms.TicketChange", null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who has it told again.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = scoped()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state="waiting"), name="webhook_waiting"),
            models.Index(fields=["webhook", "-id"], name="webhook_newest"),
            models.Index(fields=["created_at"], name="webhook_by_age"),
        ]

    def __str__(self) -> str:
        return self.type


class WebhookAttempt(models.Model):
    """One attempt to tell: what the other side answered, or why there was no answer."""

    organisation = models.ForeignKey("portfolio.Organisation", on_delete=models.PROTECT, related_name="+")
    message = inside("comms.WebhookMessage", related_name="tries", on_delete=models.CASCADE)
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the answer (RFC 9110).")
    words = models.CharField(
        max_length=500, blank=True, help_text="The answer's beginning, or why none came."
    )
    milliseconds = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = scoped()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.status or 'no answer'}"
