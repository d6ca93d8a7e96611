"""The sealed record: what each row says in bytes that never change."""

from django.db import models

from portfolio.models import Organisation
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import scoped


class Leaf(Permanent):
    """The canonical bytes of one row of the record, written in the transaction of that row.

    Personal and guessable values stand in `data` as commitments only; `salts` are what opens them, 32 bytes
    for each, in the order of the committed fields' names.
    """

    class Kind(models.TextChoices):
        ENTRY = "entry", "Entry"
        EVENT = "event", "Event"
        EXPORT = "export", "Export"
        TICKET = "ticket", "Ticket"
        LOG = "log", "Log opened"
        KEY = "key", "Key"
        CHECKPOINT = "checkpoint", "Checkpoint"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    row_id = models.BigIntegerField(help_text="The key of the row in its own table.")
    data = models.BinaryField()
    hash = models.BinaryField(help_text="SHA-256 of a zero byte and the data (RFC 6962).")
    salts = models.BinaryField(default=b"")

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "leaves"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind", "row_id"], name="leaf_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
