"""Files that are made in the background for somebody: asked for, made, taken, and gone after a while."""

import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, scoped


class Export(Owned):
    """A file that somebody asked for: the job, how far it is, and where the file is until it expires.

    What was taken, by whom, stands for good in ExportRecord, whose `export` is this row's `public_id`.
    """

    class Kind(models.TextChoices):
        LOG = "log", "The log"
        PACK = "pack", "Evidence pack"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "No longer kept"

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200, help_text="What is in it, for lists.")
    params = models.JSONField(
        default=dict, help_text="What its maker needs: filters, order, columns, format."
    )
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    readers = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Keys of others who may take it."
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True, help_text="Of the attempt under way; its lease.")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When its maker was last heard of.")
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveBigIntegerField(default=0, help_text="Rows, or whatever its maker counts.")
    total = models.PositiveBigIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True, help_text="Of the file, as it is saved.")
    media_type = models.CharField(max_length=100, blank=True)
    file = models.CharField(
        max_length=300, blank=True, help_text="Its name in the store; empty once it is gone."
    )
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "requested_by", "-id"], name="export_asked_for"),
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="export_open"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="export_expiring"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Say whether its file is still to come."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int | None:
        """Say how far it is, where its maker knows how much there is."""
        return min(99, 100 * self.done // self.total) if self.total else None

    def may_be_taken_by(self, user: User, now: datetime.datetime) -> bool:
        """Say whether the file is there for this person: who asked for it, or was named for it."""
        mine = user.pk == self.requested_by_id or user.pk in self.readers
        return mine and self.state == self.State.READY and bool(self.expires_at and now < self.expires_at)

    def swap(self, seen: tuple[str, ...], **changes: Any) -> bool:
        """Change it if it is in one of the states seen, and say whether nobody was there first."""
        moved = Export.objects.filter(pk=self.pk, state__in=seen).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)

    def cancel(self) -> bool:
        """Stop it; whoever is making it learns of it at the next piece. False where it is through already."""
        return self.swap(
            (self.State.WAITING, self.State.RUNNING),
            state=self.State.CANCELLED,
            finished_at=timezone.now(),
        )
