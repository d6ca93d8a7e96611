"""Who has a part in which flat, and when."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from portfolio.history import tracked
from portfolio.models import Unit
from portfolio.scoping import Owned, inside, scoped
from portfolio.templatetags.look import on


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

    ACTIVITY = "{contact}, {role} of {unit}"

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
    is_primary = models.BooleanField("first contact", default=False)

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

    def mistake(self) -> tuple[str, str]:
        """Say what is wrong with it beside the others of its flat: the field, and a sentence; nothing if all is well."""
        if self.since and self.until and self.until < self.since:
            return "until", f"It ends before it starts, on {on(self.since)}. Look at both days."
        if self.ownership and self.role not in self.OWNERS:
            return (
                "ownership",
                "Only a leaseholder or a freeholder owns. Choose the role, or leave this open.",
            )
        for other in self._meanwhile():
            word, who = self.get_role_display().lower(), other.contact
            if other.contact_id == self.contact_id:
                return "since", f"{who} is {word} of {self.unit} in that time already."
            if self.role in self.OWNERS and self.Ownership.SOLE in (self.ownership, other.ownership):
                return "ownership", (
                    f"{who} is {word} of {self.unit} in that time too, so there is no sole owner. "
                    "Make both joint owners, or end the other part first."
                )
        return "", ""

    def _meanwhile(self) -> Any:
        others = Occupancy.objects.filter(unit=self.unit, role=self.role).exclude(pk=self.pk)
        if self.since:
            others = others.filter(Q(until__isnull=True) | Q(until__gte=self.since))
        if self.until:
            others = others.filter(Q(since__isnull=True) | Q(since__lte=self.until))
        return others.select_related("contact").order_by("pk")

    def keep(self) -> None:
        """Save it; a flat has one first contact, so the former one is that no longer."""
        with transaction.atomic():
            Unit.objects.select_for_update().get(pk=self.unit_id)  # one change of a flat at a time
            _, why = self.mistake()
            if why:
                raise IntegrityError(why)
            if self.is_primary:
                Occupancy.objects.filter(unit=self.unit, is_primary=True).exclude(pk=self.pk).update(
                    is_primary=False
                )
            self.save()

    def is_over(self, day: datetime.date) -> bool:
        return self.until is not None and self.until < day

    def is_to_come(self, day: datetime.date) -> bool:
        return self.since is not None and self.since > day
