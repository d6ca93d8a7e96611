"""A spreadsheet on its way in."""

from typing import Any

from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, scoped


class Import(Owned):
    """A spreadsheet of people and flats, from its upload until its rows are in.

    Nothing of it is written before somebody has confirmed what the check found; then all of it is, or nothing.
    """

    class State(models.TextChoices):
        MATCHING = "matching", "Matching columns"
        CHECKING = "checking", "Checking"
        CHECKED = "checked", "Checked"
        IMPORTING = "importing", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    WORKING = (State.CHECKING, State.IMPORTING)

    name = models.CharField(max_length=200)
    rows: Any = models.JSONField(default=list)  # lists of texts; the first is the head
    first_row = models.PositiveIntegerField(default=1)  # the spreadsheet's number of the head
    matching: Any = models.JSONField(default=dict)  # our field -> column of the file, from 0
    state = models.CharField(max_length=10, choices=State, default=State.MATCHING)
    counts: Any = models.JSONField(default=dict)  # new, changed, same, refused
    problems: Any = models.JSONField(default=list)  # {row, field, value, why}
    failure = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state__in=["checking", "importing"]), name="import_due"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def total(self) -> int:
        """How many rows it has below its head."""
        return max(0, len(self.rows) - 1)

    @property
    def incoming(self) -> int:
        """How many rows would be written."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))
