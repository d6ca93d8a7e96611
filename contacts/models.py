"""The people and companies behind the flats, and how they are connected."""

import datetime
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from contacts import phone
from contacts.mistake import Mistake
from portfolio.scoping import Owned, inside, scoped


class ContactQuerySet(models.QuerySet):
    def matching(self, text: str) -> "ContactQuerySet":
        """Narrow to contacts with each word of the text in their name, email or phone.

        A text of digits is a piece of one phone number, however it is written: 07700 900 finds +447700900123.
        """
        digits = re.sub(r"\D", "", text).lstrip("0")
        if len(digits) >= 3 and re.fullmatch(r"[\d\s().+\-/]+", text):
            return self.filter(Q(phone__contains=digits) | Q(name__icontains=text) | Q(email__icontains=text))
        matches = self
        for word in text.split():
            matches = matches.filter(
                Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__contains=word)
            )
        return matches


class Contact(Owned):
    """A person or a company that messages are sent to or are about."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Company"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    title = models.CharField(max_length=20, blank=True, help_text="Mr, Mrs, Ms, Dr …")
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200, help_text="As it is shown and written on an envelope.")
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164: +447700900123.")
    address = models.TextField(blank=True, help_text="Postal address where it differs from the flat's.")
    notes = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(ContactQuerySet)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["organisation", "name"], name="contact_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def salutation(self) -> str:
        """How a letter greets them: Mrs Okafor, else the first name, else the whole name."""
        if self.title and self.last_name:
            return f"{self.title} {self.last_name}"
        return self.first_name or self.name

    @property
    def phone_national(self) -> str:
        """The phone as it is written in this country: 07700 900123."""
        try:
            return phone.parse(self.phone).national if self.phone else ""
        except Mistake:
            return self.phone

    @cached_property
    def parts(self) -> "Parts":
        """What part the contact has, will have and had in which flats."""
        occupancies: Any = self.occupancies
        prefetched = "occupancies" in getattr(self, "_prefetched_objects_cache", ())
        found = occupancies.all() if prefetched else occupancies.with_flat()
        return found.parts(timezone.localdate())

    @cached_property
    def represented(self) -> list["ContactRelation"]:
        """Who acts for the contact."""
        return list(self.represented_by.select_related("contact").order_by("kind", "id"))

    @cached_property
    def acting(self) -> list["ContactRelation"]:
        """For whom the contact acts."""
        return list(self.relations.select_related("acts_for").order_by("kind", "id"))

    def get_absolute_url(self) -> str:
        return reverse("contacts:contact", args=[self.organisation.slug, self.public_id])


class ContactRelation(Owned):
    """Says that a message to one contact may be about another: a parent, an attorney, an agent."""

    class Kind(models.TextChoices):
        PARENT = "parent", "Parent"
        ATTORNEY = "attorney", "Attorney"
        AGENT = "agent", "Agent"
        SOLICITOR = "solicitor", "Solicitor"
        NEXT_OF_KIN = "next_of_kin", "Next of kin"

    contact = inside("contacts.Contact", related_name="relations")
    acts_for = inside("contacts.Contact", related_name="represented_by")
    kind = models.CharField(max_length=20, choices=Kind)

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "acts_for", "kind"], name="one_relation_each")
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.get_kind_display().lower()} of {self.acts_for}"


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

    unit = inside("portfolio.Unit", related_name="occupancies")
    contact = inside("contacts.Contact", related_name="occupancies")
    role = models.CharField(max_length=12, choices=Role, default=Role.LEASEHOLDER)
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
