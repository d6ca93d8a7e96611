from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, scoped


class ExportRecord(Owned, Permanent):
    """Who took what out of the log: one row when an export starts, another when it ends."""

    class Phase(models.TextChoices):
        STARTED = "started", "Started"
        FINISHED = "finished", "Finished"
        BROKEN_OFF = "broken_off", "Broken off"

    export = models.UUIDField(help_text="The same in the rows of one export.")
    phase = models.CharField(max_length=10, choices=Phase)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filters = models.JSONField(default=dict, help_text="The page's filters as in its address.")
    rows = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["export", "phase"], name="export_phase_once")]
        indexes = [models.Index(fields=["organisation", "-id"], name="export_newest")]

    def __str__(self) -> str:
        return f"{self.export} {self.phase}"
