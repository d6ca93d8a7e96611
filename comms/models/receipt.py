from django.db import models
from django.utils import timezone

from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, scoped


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
