"""How the cells of a row become a flat, a contact and a part in the flat: compared with what is there, checked, saved.

A cell that is empty, or a column that is not there, leaves what is on record as it is.
"""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from contacts import address, email, phone
from contacts.importing.columns import ADDRESS
from contacts.mistake import Mistake
from contacts.models import Contact, Occupancy
from portfolio.languages import LANGUAGES
from portfolio.models import CHANNELS, Block, Organisation, Unit

DAYS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
)
YES, NO = {"yes", "y", "true", "1", "x", "ja"}, {"no", "n", "false", "0"}
Row = dict[str, str]


class Text(Widget):
    """A cell of words; nothing where it is empty."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.read(value) if value else None

    def read(self, value: str) -> Any:
        return value


class Line(Text):
    def read(self, value: str) -> str:
        return " ".join(value.split())


class Email(Text):
    def read(self, value: str) -> str:
        return email.parse(value)


class Phone(Text):
    def read(self, value: str) -> str:
        return phone.parse(value).e164


class YesNo(Text):
    def read(self, value: str) -> bool:
        if value.lower() in YES | NO:
            return value.lower() in YES
        raise Mistake("Write yes or no.")


class Day(Text):
    def read(self, value: str) -> datetime.date:
        for pattern in DAYS:
            try:
                day = datetime.datetime.strptime(value.split(" 00:00")[0], pattern).date()
            except ValueError:
                continue
            if 1800 <= day.year <= 2200:
                return day
        raise Mistake("This is not a date. Write it like 3 March 2024, 03/03/2024 or 2024-03-03.")


class OneOf(Text):
    """One of the words of a list, by its label or its name."""

    def __init__(self, choices: dict[str, str]) -> None:
        super().__init__()
        self.choices = choices

    def read(self, value: str) -> str:
        wanted = value.lower().replace("_", " ").strip()
        for name, label in self.choices.items():
            if wanted in (
                name.replace("_", " "),
                label.lower(),
                label.lower() + "s",
                label.lower().split(" ")[0],
            ):
                return name
        raise Mistake(f"There is no such word here. Write one of: {', '.join(self.choices.values())}.")


class Address(Text):
    """The postal address, of one column or of five."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        lines = [row[name] for name in ADDRESS if row.get(name)]
        if not lines:
            return None
        if row.get("postcode"):
            address.normalise_postcode(row["postcode"])
        found = address.parse("\n".join(lines))
        if (count := len(str(found).splitlines())) > address.MAX_LINES:
            raise Mistake(f"The address has {count} lines. An envelope shows {address.MAX_LINES}.")
        return str(found)


def column(name: str, widget: Widget | None = None) -> Field:
    return Field(attribute=name, column_name=name, widget=widget or Line(), saves_null_values=False)


class Resource(ModelResource):
    """What the three have in common: they belong to an organisation, and save only what differs."""

    class Meta:
        skip_unchanged = True
        skip_html_diff = True
        report_skipped = True
        store_instance = True
        use_transactions = False

    def __init__(self, organisation: Organisation) -> None:
        super().__init__()
        self.organisation = organisation

    def init_instance(self, row: Any = None) -> Any:
        return self._meta.model(organisation=self.organisation)

    def get_instance(self, loader: Any, row: Row) -> Any:
        return self.find(row)

    def find(self, row: Row) -> Any:
        """Give the row of the database that a row of the file is about, if it is there. Raises ValidationError."""
        raise NotImplementedError

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Check the fields alone: keys are ours, and what must be unique is what `find` looks for."""
        errors = dict(import_validation_errors or {})
        keys = {field.name for field in instance._meta.fields if field.is_relation}
        try:
            instance.clean_fields(exclude=keys | set(errors))
        except ValidationError as mistake:
            errors = mistake.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return bool(instance.pk) and super().skip_row(instance, original, row, import_validation_errors)


class Units(Resource):
    name = Field("name", "unit", Line(), saves_null_values=False)
    reference = Field("reference", "unit_reference", Line(), saves_null_values=False)

    class Meta(Resource.Meta):
        model = Unit
        fields = ("name", "reference")

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(organisation)
        self.blocks: dict[str, set[Block]] = {}
        for block in Block.objects.in_use():
            for word in {block.name.casefold(), block.reference.casefold()} - {""}:
                self.blocks.setdefault(word, set()).add(block)

    def block(self, word: str) -> Block:
        """Give the block of a name or a reference. Raises ValidationError."""
        found = self.blocks.get(word.casefold(), set())
        if not found:
            raise ValidationError(
                {"block": "There is no such block in this organisation. Add it first, or correct the name."}
            )
        if len(found) > 1:
            raise ValidationError(
                {"block": f"{len(found)} blocks are called {word}. Give the reference of the right one."}
            )
        return next(iter(found))

    def find(self, row: Row) -> Unit | None:
        units = Unit.objects.select_related("block")
        if row.get("block"):
            block = self.block(row["block"])
            if row.get("unit"):
                named: Unit | None = units.filter(block=block, name__iexact=row["unit"]).first()
                return _in_use(named)
        if row.get("unit_reference"):
            found: Unit | None = units.filter(reference__iexact=row["unit_reference"]).first()
            if found:
                return _in_use(found)
        if not row.get("block"):
            raise ValidationError({"block": "Say which block the flat is in."})
        raise ValidationError({"name": "Say which flat of the block it is."})

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        others = Unit.objects.filter(reference__iexact=instance.reference).exclude(pk=instance.pk)
        if instance.reference and (other := others.select_related("block").first()):
            raise ValidationError({"reference": f"{other}, {other.block} has this reference already."})

    def init_instance(self, row: Any = None) -> Unit:
        block = self.block(row["block"])
        last = block.units.order_by("-position").values_list("position", flat=True).first()
        return Unit(organisation=self.organisation, block=block, position=(last or 0) + 1)


def _in_use(unit: Unit | None) -> Unit | None:
    if unit and unit.archived_at:
        raise ValidationError({"name": f"{unit} is archived. Bring it back into use first."})
    return unit


class Contacts(Resource):
    kind = column("kind", OneOf(dict(Contact.Kind.choices)))
    title = column("title")
    first_name = column("first_name")
    last_name = column("last_name")
    name = column("name")
    reference = column("reference")
    email = column("email", Email())
    phone = column("phone", Phone())
    address = column("address", Address())
    preferred_channel = column("preferred_channel", OneOf(CHANNELS))
    language = column("language", OneOf(LANGUAGES))
    large_print = column("large_print", YesNo())
    notes = column("notes", Text())

    class Meta(Resource.Meta):
        model = Contact
        fields = ("kind", "title", "first_name", "last_name", "name", "reference", "email", "phone", "address",
                  "preferred_channel", "language", "large_print", "notes")  # fmt: skip

    def find(self, row: Row) -> Contact | None:
        """Find by the office's reference; else by name and email, by name in the same flat, by a name that is alone."""
        current = Contact.objects.current()
        if row.get("reference"):
            known: Contact | None = Contact.objects.filter(reference__iexact=row["reference"]).first()
            if known and known.archived_at:
                raise ValidationError(
                    {"reference": f"{known} is archived. Bring the contact back into use first."}
                )
            if known:
                return known
        if not row.get("name"):
            raise ValidationError({"name": "Give a name."})
        named = list(current.filter(name__iexact=row["name"]).order_by("pk")[:50])
        if row.get("reference"):
            named = [one for one in named if not one.reference]
        return self._same(named, row)

    def _same(self, named: list[Contact], row: Row) -> Contact | None:
        wanted = row.get("email", "").lower()
        by_email = [one for one in named if wanted and one.email.lower() == wanted]
        if len(by_email) == 1:
            return by_email[0]
        unit = row.get("unit_key")
        here = [
            one for one in named if unit and Occupancy.objects.filter(contact=one, unit=int(unit)).exists()
        ]
        if len(here) == 1 and not _contradicts(here[0], row):
            return here[0]
        if here:
            raise ValidationError(
                {
                    "name": f"{here[0]} of this flat has another email or phone. Give the reference, if it is the same person."
                }
            )
        possible = [one for one in named if not _contradicts(one, row)]
        if len(possible) > 1:
            raise ValidationError(
                {
                    "name": f"{len(possible)} contacts are called {row['name']}. Give the reference of the right one."
                }
            )
        return possible[0] if possible else None

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if not instance.email or row.get("shared", "").lower() in YES:
            return
        others = Contact.objects.current().filter(email__iexact=instance.email).exclude(pk=instance.pk)
        if (other := others.first()) and not self._had(instance):
            raise ValidationError(
                {
                    "email": f"{other} has this email too. Correct it, or write yes in a column “Shares the email”."
                }
            )

    @staticmethod
    def _had(instance: Contact) -> bool:
        """Say whether the contact had this email before, which is no news."""
        return (
            bool(instance.pk)
            and Contact.objects.filter(pk=instance.pk, email__iexact=instance.email).exists()
        )


def _contradicts(contact: Contact, row: Row) -> bool:
    """Say whether a row has another email or phone than a contact of that name: a namesake, perhaps."""
    if row.get("email") and contact.email and row["email"].lower() != contact.email.lower():
        return True
    try:
        number = phone.parse(row["phone"]).e164 if row.get("phone") else ""
    except Mistake:
        return False  # the field says so itself
    return bool(number and contact.phone and number != contact.phone)


class Occupancies(Resource):
    role = column("role", OneOf(dict(Occupancy.Role.choices)))
    ownership = column("ownership", OneOf(dict(Occupancy.Ownership.choices)))
    since = column("since", Day())
    until = column("until", Day())
    is_primary = column("is_primary", YesNo())

    class Meta(Resource.Meta):
        model = Occupancy
        fields = ("role", "ownership", "since", "until", "is_primary")

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(organisation)
        self.unit: Unit | None = None
        self.contact: Contact | None = None
        self.first: dict[tuple[int, str], str] = {}  # who a file has made the first contact of a flat

    def find(self, row: Row) -> Occupancy | None:
        """Find the part with the same first day, else the one that has none or, without a day in the row, the latest."""
        try:
            role = self.fields["role"].widget.clean(row.get("role")) or Occupancy.Role.LEASEHOLDER
            since = self.fields["since"].widget.clean(row.get("since"))
        except ValueError:
            return None  # the field says so itself
        there = list(Occupancy.objects.filter(unit=self.unit, contact=self.contact, role=role))
        there.sort(key=lambda part: (part.until is None, part.until or datetime.date.min))
        if since is None:
            return there[-1] if there else None
        exact = [part for part in there if part.since == since]
        unknown = [part for part in there if part.since is None]
        return next(iter([*exact, *unknown]), None)

    def init_instance(self, row: Any = None) -> Occupancy:
        return Occupancy(organisation=self.organisation)

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.unit, instance.contact = self.unit, self.contact

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        super().validate_instance(instance, import_validation_errors, validate_unique)
        field, why = instance.mistake()
        if why:
            raise ValidationError({field: why})
        if instance.is_primary and instance.until is None:
            place = (instance.unit.block_id, instance.unit.name)
            if (before := self.first.setdefault(place, instance.contact.name)) != instance.contact.name:
                raise ValidationError(
                    {"is_primary": f"An earlier row makes {before} the first contact of this flat."}
                )

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        instance.keep()
