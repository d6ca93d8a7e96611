"""A contact with all its addresses, in one form."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from contacts import address
from contacts.forms.fields import EmailText, PhoneText
from contacts.models import Contact, OtherAddress
from portfolio.styled import OwnedForm, StyledForm

MOST = 10


class EmailRow(StyledForm):
    value = EmailText(label="Email", required=False, max_length=254)
    label = forms.CharField(label="What it is", required=False, max_length=40)


class PhoneRow(StyledForm):
    value = PhoneText(label="Phone", required=False, max_length=40)
    label = forms.CharField(label="What it is", required=False, max_length=40)


class Rows(BaseFormSet):
    """Addresses of one kind. A row that is emptied goes; `first` is the one that messages are sent to."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # A row that was not touched counts like one that was: what is there stays there.
        return super().get_form_kwargs(index) | {"empty_permitted": False, "use_required_attribute": False}

    def clean(self) -> None:
        values = [row.cleaned_data.get("value", "") for row in self.forms if row.is_valid()]
        for row, value in zip(self.forms, values, strict=False):
            if value and values.count(value) > 1:
                row.add_error("value", "This is here twice. Empty one of them.")

    @property
    def chosen(self) -> int:
        """Which row is marked as first."""
        asked = self.data.get(f"{self.prefix}-first", "0") if self.is_bound else "0"
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 0

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """Values and labels, the first one first, without the empty rows."""
        rows = [(row.cleaned_data.get("value", ""), row.cleaned_data.get("label", "")) for row in self.forms]
        first = rows[self.chosen : self.chosen + 1]
        others = rows[: self.chosen] + rows[self.chosen + 1 :]
        return [row for row in (*first, *others) if row[0]]


EmailRows = formset_factory(EmailRow, formset=Rows, extra=1, max_num=MOST, validate_max=True)
PhoneRows = formset_factory(PhoneRow, formset=Rows, extra=1, max_num=MOST, validate_max=True)


class ContactForm(OwnedForm):
    shared = forms.BooleanField(label="They share it", required=False)

    class Meta:
        model = Contact
        fields = [
            "kind",
            "title",
            "first_name",
            "last_name",
            "name",
            "reference",
            "address",
            "preferred_channel",
            "language",
            "large_print",
            "whatsapp_opt_in",
            "notes",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "address": forms.Textarea(attrs={"rows": 4}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {
            "name": "Name as it is written",
            "address": "Postal address",
            "large_print": "Wants large print",
            "whatsapp_opt_in": "Agreed to WhatsApp",
            "preferred_channel": "Prefers",
        }
        help_texts = {
            "title": "",
            "name": "On envelopes and in lists. Left empty, it is made of first and last name.",
            "address": "Only where it differs from the flat's.",
            "notes": "For the office only. Never sent.",
        }

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["name"].required = False
        self.fields["kind"].choices = Contact.Kind.choices  # type: ignore[attr-defined]
        self.fields["preferred_channel"].choices = [  # type: ignore[attr-defined]
            ("", "No preference"),
            *self.fields["preferred_channel"].choices[1:],  # type: ignore[attr-defined]
        ]
        self.emails: Any = EmailRows(data, initial=self._known("email"), prefix="email")
        self.phones: Any = PhoneRows(data, initial=self._known("phone"), prefix="phone")
        self.sharer: Contact | None = None

    def _known(self, kind: str) -> list[dict[str, str]]:
        if not self.instance.pk:
            return []
        first = self.instance.email if kind == "email" else self.instance.phone_national
        others = [o for o in self.instance.others if o.kind == kind]
        return [{"value": first, "label": self.instance.labels.get(kind, "")}] * bool(first) + [
            {"value": other.shown, "label": other.label} for other in others
        ]

    def is_valid(self) -> bool:
        rows = [self.emails.is_valid(), self.phones.is_valid()]
        return super().is_valid() and all(rows) and self._is_alone()

    def _is_alone(self) -> bool:
        """Ask before two contacts get one email: it may be one person twice, or a couple with one mailbox."""
        first = self.emails.addresses[:1]
        if not first or self.cleaned_data["shared"]:
            return True
        others = Contact.objects.current().filter(email__iexact=first[0][0]).exclude(pk=self.instance.pk)
        if first[0][0].lower() == (self.initial_email or "").lower():
            return True
        self.sharer = others.first()
        if self.sharer:
            self.add_error(
                None, f"{self.sharer} has this email too. Say below that they share it, or change it."
            )
        return self.sharer is None

    @property
    def initial_email(self) -> str:
        known = self.emails.initial or []
        return known[0]["value"] if known else ""

    def clean_address(self) -> str:
        found = address.parse(self.cleaned_data["address"])
        if (lines := len(str(found).splitlines())) > address.MAX_LINES:
            raise forms.ValidationError(
                f"The address has {lines} lines. An envelope shows {address.MAX_LINES}."
            )
        return str(found)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        whole = " ".join(filter(None, (found.get("first_name"), found.get("last_name"))))
        if found.get("kind") == Contact.Kind.COMPANY and not found.get("name"):
            self.add_error("name", "Give the name of the company.")
        elif not found.get("name") and not whole:
            self.add_error("name", "Give a name.")
        else:
            found["name"] = found.get("name") or whole
        return found

    def save(self, commit: bool = True) -> Contact:
        """Write the contact and its addresses: what stands first goes to the contact itself."""
        contact: Contact = self.instance
        contact.name = self.cleaned_data["name"]
        emails, phones = self.emails.addresses, self.phones.addresses
        contact.email = emails[0][0] if emails else ""
        contact.phone = phones[0][0] if phones else ""
        contact.labels = {
            kind: rows[0][1] for kind, rows in (("email", emails), ("phone", phones)) if rows and rows[0][1]
        }
        contact.save()
        self._keep_others("email", emails[1:])
        self._keep_others("phone", phones[1:])
        return contact

    def _keep_others(self, kind: str, wanted: list[tuple[str, str]]) -> None:
        there = {other.value: other for other in self.instance.other_addresses.filter(kind=kind)}
        for value, label in wanted:
            other = there.pop(value, None) or OtherAddress(
                organisation=self.organisation, contact=self.instance, kind=kind, value=value
            )
            if other.pk is None or other.label != label:
                other.label = label
                other.save()
        for gone in there.values():
            gone.delete()
