"""What happened elsewhere: a call, a talk, a paper handed over. Written into the log by a person."""

import uuid
from typing import Any

from django import forms

from comms.forms.moment import MomentForm
from comms.forms.parts import SubjectField
from contacts import email, phone
from contacts.mistake import Mistake

VIAS = {
    "phone": "Phone call",
    "in_person": "In person",
    "hand": "By hand",
    "email": "Email sent from elsewhere",
    "post": "Letter",
    "sms": "SMS sent from elsewhere",
}
OTHER = "…"  # stands for a word that is typed beside it


class RecordForm(MomentForm):
    """One message that left no trace here. It is as permanent as any other."""

    past = True
    via = forms.ChoiceField(label="How", choices=[*VIAS.items(), (OTHER, "Another word")])
    word = forms.CharField(label="Which word?", required=False, max_length=50)
    to_name = forms.CharField(
        label="To whom", max_length=200, error_messages={"required": "Say to whom, or with whom."}
    )
    to_address = forms.CharField(
        label="Number or address",
        required=False,
        max_length=500,
        help_text="As it was used: the number that was called, the door it was left at.",
    )
    title = SubjectField(label="What it was about")
    words = forms.CharField(
        label="What was said",
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reference_type = forms.CharField(label="Type of reference", required=False, max_length=50)
    reference = forms.CharField(label="Reference", required=False, max_length=200)
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order = ["via", "word", "to_name", "to_address", "title", "words", "date", "time", "which"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        found["channel"] = found.get("via", "")
        if found.get("via") == OTHER:
            found["channel"] = " ".join(found.get("word", "").split())
            if not found["channel"]:
                self.add_error("word", "Say in a word or two how it happened.")
        if bool(found.get("reference")) != bool(found.get("reference_type")):
            missing = "reference" if found.get("reference_type") else "reference_type"
            self.add_error(missing, "Give both the reference and what it is of, such as invoice; or neither.")
        return found

    def clean_to_address(self) -> str:
        """Keep an email or a phone in the form in which it is searched for; other words stay as they are."""
        typed: str = self.cleaned_data["to_address"].strip()
        for parse in (email.parse, lambda text: phone.parse(text).e164):
            try:
                return str(parse(typed))
            except Mistake:
                continue
        return typed
