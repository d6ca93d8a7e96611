"""The people and companies behind the flats, and the addresses at which they are reached."""

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from contacts import phone
from contacts.address import PostalAddress, parse
from contacts.mistake import Mistake
from portfolio.history import tracked
from portfolio.languages import CHOICES
from portfolio.models import CHANNELS, User
from portfolio.scoping import Owned, inside, scoped

if TYPE_CHECKING:
    from contacts.models.occupancy import Parts
    from contacts.models.relation import ContactRelation


class ContactQuerySet(models.QuerySet):
    def matching(self, text: str) -> "ContactQuerySet":
        """Narrow to contacts with each word of the text in their name, reference, emails or phones.

        A text of digits is a piece of one phone number, however it is written: 07700 900 finds +447700900123.
        """
        if re.fullmatch(r"[\d\s().+\-/]+", text) and len(_digits(text)) >= 3:
            return self.filter(_has(text, phone=_digits(text)))
        matches = self
        for word in text.split():
            matches = matches.filter(_has(word, phone=_digits(word)))
        return matches

    def current(self) -> "ContactQuerySet":
        return self.filter(archived_at__isnull=True)

    def flagged(self) -> "ContactQuerySet":
        """Narrow to those whose first email or phone is to be looked at."""
        standing = AddressFlag.objects.standing()
        by_email = standing.filter(kind=AddressFlag.Kind.EMAIL, address=Lower(OuterRef("email")))
        by_phone = standing.filter(kind=AddressFlag.Kind.PHONE, address=OuterRef("phone"))
        others = OtherAddress.objects.filter(contact=OuterRef("pk")).annotate(plain=Lower("value"))
        flagged = others.filter(Exists(standing.filter(kind=OuterRef("kind"), address=OuterRef("plain"))))
        return self.filter(Exists(by_email) | Exists(by_phone) | Exists(flagged))


def _digits(text: str) -> str:
    """Give the digits by which a piece of a phone number is found, or nothing: 07700 900123 is kept as +447700900123."""
    plain = text.replace("(0)", "")
    return re.sub(r"\D", "", plain).lstrip("0") if re.fullmatch(r"[\d\s().+\-/]+", plain) else ""


def _has(word: str, phone: str = "") -> Q:
    number = phone or word
    others = OtherAddress.objects.filter(contact=OuterRef("pk")).filter(
        Q(value__icontains=word) | Q(value__contains=number)
    )
    return (
        Q(name__icontains=word)
        | Q(reference__icontains=word)
        | Q(email__icontains=word)
        | Q(phone__contains=number)
        | Q(Exists(others))
    )


@tracked(exclude=["public_id", "created_at"])
class Contact(Owned):
    """A person or a company that messages are sent to or are about."""

    ACTIVITY = "{name}"

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Company"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    title = models.CharField(max_length=20, blank=True, help_text="Mr, Mrs, Ms, Dr …")
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200, help_text="As it is shown and written on an envelope.")
    reference = models.CharField(
        max_length=40, blank=True, help_text="The number that your office gives them."
    )
    # The first ones are here, so that each contact has exactly one of each; the others are OtherAddress.
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164: +447700900123.")
    labels = models.JSONField(
        "what email and phone are",
        default=dict,
        blank=True,
        help_text="What email and phone are: Work, Home.",
    )
    address = models.TextField(
        "postal address", blank=True, help_text="Postal address where it differs from the flat's."
    )
    preferred_channel = models.CharField(max_length=50, blank=True, choices=list(CHANNELS.items()))
    whatsapp_opt_in = models.BooleanField(
        "agreed to WhatsApp",
        default=False,
        help_text="WhatsApp may only be used with people who agreed to it.",
    )
    language = models.CharField(max_length=10, default="en", choices=CHOICES)
    large_print = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    # Set where the contact was found to be another one twice. What stands in the log stays where it is.
    merged_into = inside("contacts.Contact", null=True, blank=True, related_name="merged")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(ContactQuerySet)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["organisation", "name"], name="contact_by_name"),
            models.Index("organisation", Lower("email"), name="contact_by_email"),
            models.Index("organisation", "phone", name="contact_by_phone"),
            models.Index("organisation", Lower("name"), name="contact_by_any_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("reference"),
                condition=~Q(reference=""),
                name="one_contact_per_reference",
                violation_error_message="Another contact has this reference.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def salutation(self) -> str:
        """How a letter greets them: Mrs Okafor, else the first name, else the whole name."""
        if self.title and self.last_name:
            return f"{self.title} {self.last_name}"
        return self.first_name or self.name

    @property
    def postal(self) -> PostalAddress:
        return parse(self.address)

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

    @cached_property
    def flags(self) -> list["AddressFlag"]:
        """What is to be looked at in the contact's addresses."""
        emails = [self.email.lower(), *(o.value.lower() for o in self.others if o.kind == "email")]
        phones = [self.phone, *(o.value for o in self.others if o.kind == "phone")]
        return list(
            AddressFlag.objects.standing().filter(
                Q(kind=AddressFlag.Kind.EMAIL, address__in=emails)
                | Q(kind=AddressFlag.Kind.PHONE, address__in=phones)
            )
        )

    @cached_property
    def others(self) -> list["OtherAddress"]:
        """The emails and phones beside the first ones."""
        return list(self.other_addresses.all())


@tracked(exclude=["public_id"])
class OtherAddress(Owned):
    """An email address or phone of a contact beside the first one."""

    ACTIVITY = "other {kind} {value}"

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        PHONE = "phone", "Phone"

    contact = inside("contacts.Contact", related_name="other_addresses", on_delete=models.CASCADE)
    kind = models.CharField(max_length=5, choices=Kind)
    value = models.CharField(max_length=254)
    label = models.CharField(max_length=40, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "kind", "value"], name="each_other_address_once")
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def shown(self) -> str:
        """The address as people write it."""
        if self.kind == self.Kind.EMAIL:
            return self.value
        try:
            return phone.parse(self.value).national
        except Mistake:
            return self.value


class AddressFlagQuerySet(models.QuerySet):
    def standing(self) -> "AddressFlagQuerySet":
        return self.filter(settled_at__isnull=True)


class AddressFlag(Owned):
    """Says that an address should be looked at by somebody, since something that happened to it.

    It is about the address, not about one contact: whoever has it is in the review list, until it is
    settled or nobody has it any more.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        PHONE = "phone", "Phone"

    kind = models.CharField(max_length=5, choices=Kind)
    address = models.CharField(max_length=320, help_text="In lower case.")
    reason = models.CharField(max_length=500)
    flagged_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = scoped(AddressFlagQuerySet)

    class Meta:
        ordering = ["-flagged_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "address"],
                condition=Q(settled_at__isnull=True),
                name="one_standing_flag",
            )
        ]

    def __str__(self) -> str:
        return self.address
