from django.db import models
from django.db.models import Q
from django.utils import timezone

from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, inside_one, scoped


class Receipt(Owned, Permanent):
    """What came in from outside about a message, as it came, before anybody parsed it."""

    source = models.CharField(max_length=50)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    key = models.CharField(
        max_length=200, help_text="The sender's own id of it, else the SHA-256 of the body."
    )
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "source", "key"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class ReceiptParsing(Owned):
    """How far we have come with reading a receipt: made with it, by comms.receipts.raw, and moved by the worker."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Read"
        PARKED = "parked", "Not understood"
        UNMATCHED = "unmatched", "No such message"

    receipt = inside_one("comms.Receipt", related_name="parsing")
    received_at = models.DateTimeField(help_text="That of the receipt, for the order of lists.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True, help_text="In our words.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="+")

    objects = scoped()

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="waiting"), name="receipt_waiting"),
            models.Index(fields=["organisation", "-received_at", "-id"], name="receipt_by_time"),
            models.Index(
                fields=["organisation", "state", "-received_at", "-id"],
                condition=~Q(state="done"),
                name="receipt_not_done",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()
