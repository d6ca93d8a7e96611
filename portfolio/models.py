"""Who manages what: organisations, their people and their roles, blocks and units."""

import datetime
import uuid
from functools import cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone

from portfolio.history import tracked
from portfolio.languages import CHOICES
from portfolio.scoping import Owned, inside, scoped
from portfolio.tokens import ApiToken, RefusedCall, RememberedAnswer

__all__ = [
    "CHANNELS",
    "ApiToken",
    "Block",
    "Invitation",
    "Logo",
    "Membership",
    "Organisation",
    "RefusedCall",
    "RememberedAnswer",
    "Unit",
    "User",
]

CHANNELS = {
    "email": "Email",
    "post": "Letter",
    "hybrid": "Letter by print service",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "push": "Push",
    "app": "App",
    "portal": "Portal",
}
# What the record has to know of channels, which it may not import (tests/test_arrows.py): by which of them an address
# is blocked once it is dead, and which say that the address of a contact itself is wrong. That a number has no
# WhatsApp says nothing against the number.
BLOCKED = ("email", "sms", "whatsapp")
FLAGGED = {"email": "email", "sms": "phone"}  # to the kind of address


def first_channels() -> list[str]:
    """Give the channels that a new organisation may use before it chooses."""
    return ["email"]


def validate_zone(name: str) -> None:
    """Refuse a time zone that the tz database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError("Choose a time zone by its name, such as Europe/London.") from None


@tracked(exclude=["public_id", "created_at"])
class Organisation(models.Model):
    """A managing agent. Nothing of one organisation is ever seen by another."""

    ACTIVITY = "the organisation"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=60, default="Europe/London", validators=[validate_zone])
    sender_name = models.CharField(max_length=200, help_text="The name that recipients see as the sender.")
    sender_email = models.EmailField()
    reply_to = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(
        blank=True, help_text="Postal address, one line each, for the foot of each message."
    )
    reference_urls = models.JSONField(
        default=dict, blank=True, help_text="By type of reference, the address with {reference} in it."
    )
    letter_foot = models.TextField(
        blank=True, help_text="At the foot of letters: company number, registered office, regulator."
    )
    language = models.CharField(
        max_length=10,
        default="en",
        choices=CHOICES,
        help_text="What is written to people, unless it is written in their own language too.",
    )
    portal_in_mail = models.BooleanField(
        "Residents' page in every email",
        default=False,
        help_text="Each email ends with its reader's own link to their page.",
    )
    channels = models.JSONField(
        default=first_channels, blank=True, help_text="Those that people here may send by."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def get_absolute_url(self) -> str:
        return reverse("comms:dashboard", args=[self.slug])

    def reference_url(self, kind: str, reference: str) -> str:
        """Give the outside address of a typed reference, or nothing where none is set."""
        pattern = str(self.reference_urls.get(kind, ""))
        if not pattern.startswith(("https://", "http://")):
            return ""
        return pattern.replace("{reference}", quote(reference, safe=""))


class Logo(Owned):
    """The picture at the head of an organisation's letters. Rows stay, so that each letter keeps its own."""

    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(removed_at__isnull=True), name="one_logo_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, by email address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_staff = models.BooleanField(
        default=False, help_text="May open the Django admin, where the log is read-only."
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


@tracked()
class Membership(models.Model):
    """A person's role in one organisation."""

    ACTIVITY = "{user}, {role}"

    class Role(models.TextChoices):
        STAFF = "staff", "Staff"
        MANAGER = "manager", "Manager"
        AUDITOR = "auditor", "Auditor"
        ADMIN = "admin", "Admin"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.organisation}"

    @property
    def can_write(self) -> bool:
        """Draft, schedule, send and mark."""
        return self.role in (self.Role.MANAGER, self.Role.ADMIN)

    def require_writer(self) -> None:
        """Refuse whoever may look at a page but not act on it."""
        if not self.can_write:
            raise PermissionDenied

    @property
    def can_export(self) -> bool:
        """Take the log away as a file."""
        return self.role in (self.Role.AUDITOR, self.Role.MANAGER, self.Role.ADMIN)


@tracked(exclude=["token_sha256"])
class Invitation(Owned):
    """An offer of a role to somebody by email. Only the hash of its link is kept."""

    ACTIVITY = "invitation of {email} as {role}"

    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, choices=Membership.Role)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()} at {self.organisation}"


class BlockQuerySet(models.QuerySet):
    def matching(self, text: str) -> "BlockQuerySet":
        """Narrow to blocks with each word of the text in their name, reference or address."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(reference__icontains=word)
                | Q(address__icontains=word)
                | Q(town__icontains=word)
                | Q(postcode__icontains=word)
            )
        return found

    def with_counts(self, day: datetime.date) -> "BlockQuerySet":
        """Add how many units each has, how many people have a part in them on a day, and how many open tickets."""
        part = "units__occupancies"
        holds = (Q(**{f"{part}__since__isnull": True}) | Q(**{f"{part}__since__lte": day})) & (
            Q(**{f"{part}__until__isnull": True}) | Q(**{f"{part}__until__gte": day})
        )
        return self.annotate(
            units_count=_counted("units", Q(units__archived_at__isnull=True)),
            people_count=_counted(f"{part}__contact", holds & Q(units__archived_at__isnull=True)),
            tickets_count=_counted("tickets", Q(tickets__state__in=["open", "waiting"])),
        )

    def in_use(self) -> "BlockQuerySet":
        return self.filter(archived_at__isnull=True)

    def with_open_tickets(self) -> "BlockQuerySet":
        return self.filter(
            Exists(Block.objects.filter(pk=OuterRef("pk"), tickets__state__in=["open", "waiting"]))
        )


def _counted(path: str, which: Q) -> Coalesce:
    """Count along a path for each block by itself: joined together, the counts would multiply each other's rows."""
    one = Block.objects.filter(pk=OuterRef("pk")).values("pk")
    return Coalesce(Subquery(one.annotate(n=Count(path, filter=which, distinct=True)).values("n")), 0)


@tracked(exclude=["public_id", "created_at"])
class Block(Owned):
    ACTIVITY = "{name}"

    class AddressStyle(models.TextChoices):
        NAMED = "named", "Flat and building"
        HOUSE = "house", "Flats in a house"
        NUMBERED = "numbered", "Numbered units"

    name = models.CharField(max_length=200)
    reference = models.CharField(max_length=40, blank=True)
    address = models.TextField(help_text="Street and locality, one line each.")
    town = models.CharField(max_length=100)
    postcode = models.CharField(max_length=8)
    address_style = models.CharField(max_length=10, choices=AddressStyle, default=AddressStyle.NAMED)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(BlockQuerySet)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("reference"),
                condition=~Q(reference=""),
                name="one_block_per_reference",
                violation_error_message="Another block has this reference.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address_lines(self) -> list[str]:
        lines = [line.strip() for line in self.address.splitlines() if line.strip()]
        return [*lines, self.town, self.postcode]

    def get_absolute_url(self) -> str:
        return reverse("portfolio:block", args=[self.organisation.slug, self.public_id])


class UnitQuerySet(models.QuerySet):
    def in_use(self) -> "UnitQuerySet":
        """Narrow to units that can be written to: neither they nor their block are put away."""
        return self.filter(archived_at__isnull=True, block__archived_at__isnull=True)


@tracked(exclude=["public_id"])
class Unit(Owned):
    """A flat, shop or garage. Pages say flat; the API says unit."""

    ACTIVITY = "{name}"

    block = inside("portfolio.Block", related_name="units")
    name = models.CharField(max_length=100, help_text="As people say it: Flat 4.")
    reference = models.CharField(max_length=40, blank=True)
    position = models.PositiveIntegerField(
        default=0, help_text="Where it stands in a list of the block's units."
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = scoped(UnitQuerySet)

    class Meta:
        ordering = ["block_id", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                "block",
                Lower("name"),
                name="one_unit_per_name",
                violation_error_message="Another flat of this block has this name.",
            ),
            models.UniqueConstraint(
                "organisation",
                Lower("reference"),
                condition=~Q(reference=""),
                name="one_unit_per_reference",
                violation_error_message="Another flat has this reference.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address_lines(self) -> list[str]:
        """Give the lines of the unit's own address, in the style of its block.

        Named: "Flat 4, Acacia Court", then the street. House: "Flat 4" above a house whose number is in the street.
        Numbered: "1204 Skyline Tower", as in towers whose units are addresses by themselves.
        """
        styles = Block.AddressStyle
        first = {
            styles.NAMED: f"{self.name}, {self.block.name}",
            styles.HOUSE: self.name,
            styles.NUMBERED: f"{self.name.split()[-1]} {self.block.name}",
        }
        return [first[styles(self.block.address_style)], *self.block.address_lines]

    as_of: datetime.date | None = None  # the day that a page asks about; today, if none

    @cached_property
    def people(self) -> Any:
        """Who has, will have and had a part in it (contacts.models.Parts)."""
        occupancies: Any = self.occupancies
        return occupancies.parts(self.as_of or timezone.localdate())

    def get_absolute_url(self) -> str:
        return reverse("portfolio:unit", args=[self.organisation.slug, self.public_id])
