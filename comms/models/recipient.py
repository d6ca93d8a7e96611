from django.db import models
from django.db.models import Q
from django.utils import timezone

from portfolio.scoping import Owned, inside, scoped


class RecipientQuerySet(models.QuerySet):
    def with_delivery(self) -> "RecipientQuerySet":
        return self.select_related("entry__delivery", "unit", "contact")


class Recipient(Owned):
    """One addressee of one communication: what was known when they were added, and the outbox row."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        RECORDED = "recorded", "Recorded"
        HANDING_OVER = "handing_over", "Handing over"
        DEFERRED = "deferred", "Deferred"
        DONE = "done", "Done"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"

    communication = inside("comms.Communication", related_name="recipients", on_delete=models.CASCADE)
    contact = inside("contacts.Contact", null=True, blank=True, related_name="+")
    regarding = inside("contacts.Contact", null=True, blank=True, related_name="+")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="+")
    # The snapshot: as it was when the recipient was added, and so it stays.
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.TextField(blank=True)
    merge_values = models.JSONField(default=dict)
    wishes = models.JSONField(default=dict, blank=True, help_text="Preferred channel, large print, opt-ins.")
    # Their devices by channel (push, app), as they were when sending began; like the channel they stay from then on.
    devices = models.JSONField(default=dict, blank=True)
    # By which channel they get it: chosen when sending begins, and then it stays.
    channel = models.CharField(max_length=50, blank=True)
    copy_of = inside(
        "comms.LogEntry", null=True, blank=True, related_name="sent_again", help_text="What this sends again."
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    # The outbox.
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    lease_token = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    objects = scoped(RecipientQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["communication", "contact", "unit", "regarding", "channel"],
                condition=Q(contact__isnull=False),
                nulls_distinct=False,
                name="each_recipient_once",
            ),
            models.UniqueConstraint(
                fields=["copy_of"], condition=Q(copy_of__isnull=False), name="sent_again_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["communication", "id"],
                condition=Q(state__in=["pending", "recorded", "deferred"]),
                name="recipient_waiting",
            ),
            models.Index(fields=["next_attempt_at"], condition=Q(state="deferred"), name="recipient_retry"),
            models.Index(
                fields=["leased_until"], condition=Q(state="handing_over"), name="recipient_handing_over"
            ),
            models.Index(
                fields=["organisation", "id"], condition=Q(state="unconfirmed"), name="recipient_unconfirmed"
            ),
        ]

    def __str__(self) -> str:
        return self.name
