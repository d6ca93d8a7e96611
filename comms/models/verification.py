from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portfolio.models import User
from portfolio.scoping import Owned, scoped


class Verification(Owned):
    """One run of the verifier over an organisation's record: asked for by a person, or by the timetable."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being verified"
        CLEAN = "clean", "All as it was recorded"
        FINDINGS = "findings", "Something is not as it was recorded"
        BROKEN = "broken", "Could not be verified"

    class Mode(models.TextChoices):
        FULL = "full", "Everything"
        TAIL = "tail", "The newest"

    mode = models.CharField(max_length=4, choices=Mode, default=Mode.FULL)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    figures = models.JSONField(default=dict, help_text="How much was looked at.")
    findings = models.JSONField(default=list, help_text="Kind, about what, in words; the first hundred.")
    remarks = models.JSONField(default=list)

    objects = scoped()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="verification_newest"),
            models.Index(
                fields=["id"], condition=Q(state__in=["waiting", "running"]), name="verification_open"
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def is_open(self) -> bool:
        """Say whether its result is still to come."""
        return self.state in (self.State.WAITING, self.State.RUNNING)
