import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portfolio.models import CHANNELS, User
from portfolio.scoping import Owned, inside, scoped


class Refused(ValueError):
    """Raised when a step is not possible now; its text is the sentence that the user reads."""


class CommunicationQuerySet(models.QuerySet):
    def due(self, now: datetime.datetime) -> "CommunicationQuerySet":
        return self.filter(status=Communication.Status.SCHEDULED, scheduled_at__lte=now)

    def editable(self) -> "CommunicationQuerySet":
        return self.filter(status__in=Communication.EDITABLE)


class Communication(Owned):
    """What a manager writes once and many receive. The database freezes it when sending begins."""

    class Type(models.TextChoices):
        CIRCULAR = "circular", "Circular"
        NOTICE = "notice", "Notice"
        DEMAND_LETTER = "demand_letter", "Demand letter"
        AGM_NOTICE = "agm_notice", "AGM notice"
        MESSAGE = "message", "One-off message"
        SYSTEM = "system", "System"
        TEST = "test", "Test"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    class Rule(models.TextChoices):
        """Which of several channels a recipient gets it by."""

        ONLY = "only", "By this channel only"
        ELSE = "else", "The first that reaches them"
        EACH = "each", "By each of them"
        PREFERRED = "preferred", "As each prefers, else the first that reaches them"

    WRITTEN = (Type.CIRCULAR, Type.NOTICE, Type.DEMAND_LETTER, Type.AGM_NOTICE, Type.MESSAGE)
    EDITABLE = (Status.DRAFT, Status.SCHEDULED)
    STATUTORY_TYPES = (Type.NOTICE, Type.DEMAND_LETTER, Type.AGM_NOTICE)

    type = models.CharField(max_length=20, choices=Type, default=Type.CIRCULAR)
    block = inside("portfolio.Block", null=True, blank=True, related_name="communications")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="communications")
    channel = models.CharField(max_length=50, default="email", help_text="The first one, or the only one.")
    also = models.JSONField(default=list, blank=True, help_text="The other channels, in their order.")
    rule = models.CharField(max_length=10, choices=Rule, default=Rule.ONLY)
    subject = models.CharField(max_length=500)
    body = models.TextField(blank=True, help_text="Clean HTML, merge fields unfilled.")
    notes = models.TextField(blank=True, help_text="For the office only. Never sent.")
    ticket = inside("comms.Ticket", null=True, blank=True, related_name="communications")
    template_version = inside("comms.TemplateVersion", null=True, blank=True, related_name="communications")
    statutory = models.BooleanField(default=False)
    track = models.BooleanField(default=False, help_text="Whether opens and clicks are watched.")
    must_arrive_by = models.DateTimeField(null=True, blank=True)
    # Where another system asked for it: what the log names as its sender, and what it is about over there.
    workflow = models.CharField(max_length=100, blank=True)
    reference_type = models.CharField(max_length=50, blank=True)
    reference = models.CharField(max_length=200, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.CharField(max_length=500, blank=True)
    declared = models.BooleanField(
        default=False, help_text="Marked as sent by a person; nothing was handed over."
    )

    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = scoped(CommunicationQuerySet)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="communication_newest"),
            models.Index(fields=["scheduled_at"], condition=Q(status="scheduled"), name="communication_due"),
            models.Index(fields=["status"], condition=Q(status="sending"), name="communication_sending"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="scheduled", scheduled_at__isnull=False) | ~Q(status="scheduled"),
                name="scheduled_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("comms:communication", args=[self.organisation.slug, self.public_id])

    @property
    def channels(self) -> list[str]:
        """The channels that it may go by, the first one first."""
        return (
            [self.channel] if self.rule == self.Rule.ONLY else list(dict.fromkeys([self.channel, *self.also]))
        )

    def languages(self) -> dict[str, str]:
        """Name the other languages that it is written in."""
        return {one.language: one.get_language_display() for one in self.translations.all()}

    @property
    def place(self) -> str:
        """Name the block or flat that it is about, in words."""
        if self.unit:
            return f"{self.unit.block.name}, {self.unit.name}"
        return self.block.name if self.block else "All blocks"

    @property
    def is_editable(self) -> bool:
        return self.status in self.EDITABLE

    @property
    def sender_label(self) -> str:
        return self.workflow or str(self.scheduled_by or self.created_by)

    @property
    def is_watched(self) -> bool:
        """Whether its mails tell of opens and clicks: never those of a statutory type, or treated as statutory."""
        return self.track and not self.statutory and self.type not in self.STATUTORY_TYPES

    def swap(self, seen: tuple[str, ...], **changes: Any) -> bool:
        """Move from one of the states seen, and say whether nobody was there first."""
        changes.setdefault("updated_at", timezone.now())
        moved = Communication.objects.filter(pk=self.pk, status__in=seen).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    def schedule(self, at: datetime.datetime, by: User) -> None:
        """Set the time to send. Raises Refused once sending has begun, or where the channel is switched off."""
        off = [CHANNELS[c] for c in self.channels if c in CHANNELS and c not in self.organisation.channels]
        if off:
            raise Refused(
                f"{' and '.join(off)} {'is' if len(off) == 1 else 'are'} switched off for {self.organisation}. "
                "An admin can switch channels on in the settings."
            )
        if not self.swap(self.EDITABLE, status=self.Status.SCHEDULED, scheduled_at=at, scheduled_by=by):
            raise Refused("It is already being sent, so it can no longer be scheduled.")

    def unschedule(self) -> None:
        """Take it back to draft. Raises Refused once sending has begun."""
        if not self.swap(self.EDITABLE, status=self.Status.DRAFT, scheduled_at=None, scheduled_by=None):
            raise Refused("It is already being sent, so it can no longer be taken back.")

    def discard(self) -> None:
        """Delete it with its recipients and attachments. Raises Refused once sending has begun."""
        with transaction.atomic():
            there = Communication.objects.editable().select_for_update().filter(pk=self.pk).first()
            if there is None:
                raise Refused("It was not deleted: sending has begun, and it stays in the record.")
            there.delete()

    def begin(self, now: datetime.datetime) -> bool:
        """Start sending if it is due; false when another worker did."""
        return self.swap((self.Status.SCHEDULED,), status=self.Status.SENDING, started_at=now)

    def finish(self, now: datetime.datetime) -> bool:
        return self.swap((self.Status.SENDING,), status=self.Status.SENT, sent_at=now)

    def fail(self, reason: str, now: datetime.datetime) -> bool:
        return self.swap(
            (self.Status.SENDING,), status=self.Status.FAILED, failed_at=now, failure_reason=reason[:500]
        )


class Attachment(Owned):
    """A file that goes with every copy of a communication."""

    communication = inside("comms.Communication", related_name="attachments", on_delete=models.CASCADE)
    content = inside("comms.Content", related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
