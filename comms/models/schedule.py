"""Exports that are made again and again, and mailed."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, inside_one, scoped


class ExportSchedule(Owned):
    """A saved view that is exported every day, week or month, and mailed to people of the organisation."""

    class Every(models.TextChoices):
        DAY = "day", "Every day"
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    class How(models.TextChoices):
        LINK = "link", "As a link"
        ATTACHMENT = "attachment", "As an attachment"

    name = models.CharField(max_length=80)
    view = inside("comms.SavedView", related_name="schedules", null=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    every = models.CharField(max_length=5, choices=Every, default=Every.MONTH)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday.")
    day = models.PositiveSmallIntegerField(default=1, help_text="Of the month; of shorter ones the last.")
    at = models.TimeField(help_text="In the organisation's time zone.")
    format = models.CharField(max_length=4, default="csv")
    how = models.CharField(max_length=10, choices=How, default=How.LINK)
    recipients = ArrayField(models.BigIntegerField(), default=list, help_text="Keys of members.")
    next_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped()

    class Meta:
        ordering = [Lower("name"), "id"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(paused_at__isnull=True, ended_at__isnull=True),
                name="schedule_due",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(view__isnull=False), name="schedule_has_a_view"
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(day__gte=1, day__lte=31), name="schedule_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("comms:schedule", args=[self.organisation.slug, self.public_id])


class ScheduleRun(Owned):
    """One run of a schedule: the days that it is about, its file, and whether it was mailed."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MAKING = "making", "Being made"
        MAILED = "mailed", "Mailed"
        FAILED = "failed", "Failed"

    schedule = inside("comms.ExportSchedule", related_name="runs")
    due_at = models.DateTimeField()
    since = models.DateField(help_text="The first day that it is about.")
    until = models.DateField(help_text="The last one.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(default=timezone.now)
    export = inside_one("comms.Export", null=True, blank=True, related_name="run")
    mailed = ArrayField(
        models.BigIntegerField(), default=list, help_text="Keys of those whom it has reached."
    )
    problem = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["-due_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "since", "until"], condition=Q(by__isnull=True), name="each_period_once"
            )
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state__in=["waiting", "making"]), name="run_open")
        ]

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"

    def change(self, **changes: Any) -> None:
        """Keep what a run has come to."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=list(changes))
