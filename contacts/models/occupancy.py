"""Who has a part in which flat, and when."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, Q

from portfolio.history import tracked
from portfolio.scoping import Owned, inside, scoped


class Parts(NamedTuple):
    """Occupancies as they stand on a day."""

    now: list["Occupancy"]
    to_come: list["Occupancy"]
    over: list["Occupancy"]


class OccupancyQuerySet(models.QuerySet):
    def on(self, day: datetime.date) -> "OccupancyQuerySet":
        """Narrow to the occupancies that hold on a day; until is the last day."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=day), Q(until__isnull=True) | Q(until__gte=day)
        )

    def with_flat(self) -> "OccupancyQuerySet":
        """Add flat and block, those that matter most first."""
        return self.select_related("unit__block").order_by(
            "-is_primary", F("since").desc(nulls_last=True), "id"
        )

    def parts(self, day: datetime.date) -> Parts:
        """Part them into those that hold on a day, those to come and those that are over."""
        parts = Parts([], [], [])
        occupancies: Iterable[Any] = self
        for occupancy in occupancies:
            over, to_come = occupancy.is_over(day), occupancy.is_to_come(day)
            (parts.over if over else parts.to_come if to_come else parts.now).append(occupancy)
        return parts


@tracked(exclude=["public_id"])
class Occupancy(Owned):
    """A contact's part in a unit, from a day until a day."""

    class Role(models.TextChoices):
        LEASEHOLDER = "leaseholder", "Leaseholder"
        TENANT = "tenant", "Tenant"
        OCCUPIER = "occupier", "Occupier"
        DIRECTOR = "director", "Director"
        FREEHOLDER = "freeholder", "Freeholder"
        AGENT = "agent", "Agent"
        EXECUTOR = "executor", "Executor"
        OTHER = "other", "Other"

    class Ownership(models.TextChoices):
        SOLE = "sole", "Sole owner"
        JOINT = "joint", "Joint owner"

    OWNERS = (Role.LEASEHOLDER, Role.FREEHOLDER)

    unit = inside("portfolio.Unit", related_name="occupancies")
    contact = inside("contacts.Contact", related_name="occupancies")
    role = models.CharField(max_length=12, choices=Role, default=Role.LEASEHOLDER)
    ownership = models.CharField(
        max_length=5,
        choices=Ownership,
        blank=True,
        help_text="Of a leaseholder or freeholder, where it is known.",
    )
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="The last day.")
    is_primary = models.BooleanField(default=False)

    objects = scoped(OccupancyQuerySet)

    class Meta:
        ordering = ["unit_id", "-is_primary", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="occupancy_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.get_role_display().lower()} of {self.unit}"

    def is_over(self, day: datetime.date) -> bool:
        return self.until is not None and self.until < day

    def is_to_come(self, day: datetime.date) -> bool:
        return self.since is not None and self.since > day
