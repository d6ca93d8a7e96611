"""Writing a communication: how it begins, and its words."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from comms.channels import registry
from comms.drafting import files
from comms.forms.files import FilesField
from comms.forms.parts import SubjectField, WordsForm
from comms.models import Communication, Template
from contacts.models import Occupancy
from portfolio.models import CHANNELS, Block, Unit
from portfolio.styled import StyledForm

UNWATCHED = "What is treated as statutory is never watched. Choose one of the two."
OTHER = "…"  # stands for a word that is typed beside it


class WriteForm(StyledForm):
    """The beginning: what kind it is and whom it is for. Both stay as they are."""

    type = forms.ChoiceField(
        label="Type", choices=[c for c in Communication.Type.choices if c[0] in Communication.WRITTEN]
    )
    block: forms.ModelChoiceField = forms.ModelChoiceField(
        Block.objects.none(), label="Block", required=False, to_field_name="public_id", empty_label="No block"
    )
    unit: forms.ModelChoiceField = forms.ModelChoiceField(
        Unit.objects.none(),
        label="Flat",
        required=False,
        to_field_name="public_id",
        empty_label="The whole block",
        help_text="Only where it is for one flat.",
    )
    template: forms.ModelChoiceField = forms.ModelChoiceField(
        Template.objects.none(),
        label="Begin with",
        required=False,
        to_field_name="public_id",
        empty_label="An empty page",
        help_text="The words of a template; they can be changed.",
    )
    people = forms.ChoiceField(
        label="To",
        required=False,
        choices=[("", "Nobody yet")]
        + [
            (value, f"Its current {label.lower()}s")
            for value, label in Occupancy.Role.choices
            if value != "other"
        ],
        help_text="More can be added before it goes out.",
    )
    subject = SubjectField(label="Subject", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates: Any = self.fields["template"]
        templates.queryset = Template.objects.filter(archived_at__isnull=True)
        blocks = self.fields["block"]
        units = self.fields["unit"]
        blocks.queryset = Block.objects.in_use()  # type: ignore[attr-defined]
        units.queryset = Unit.objects.in_use().select_related("block")  # type: ignore[attr-defined]
        units.label_from_instance = lambda unit: f"{unit.block.name}, {unit.name}"  # type: ignore[attr-defined]
        for field, word in ((blocks, "block"), (units, "flat")):
            field.error_messages["invalid_choice"] = (
                f"There is no such {word} in this organisation. Choose one from the list."
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        unit, block = found.get("unit"), found.get("block")
        if unit and block and unit.block_id != block.pk:
            self.add_error("unit", f"{unit.name} is not in {block.name}. Choose the flat or the block anew.")
        if unit:
            found["block"] = unit.block
        if template := found.pop("template", None):
            version = found["template_version"] = template.latest
            found["subject"] = found.get("subject") or version.subject
            found["body"] = version.body
            found["channel"] = template.channel or "email"
        elif not found.get("subject") and "subject" not in self.errors:
            self.add_error("subject", SubjectField.default_error_messages["required"])
        return found


class EditorForm(WordsForm):
    """The words, and how they go out."""

    channel = forms.CharField(label="Channel", required=False, max_length=50)
    word = forms.CharField(
        label="Which word?",
        required=False,
        max_length=50,
        error_messages={
            "max_length": "That is %(show_value)d characters; 50 is the most. Use a word or two."
        },
        help_text="What a person does with it: hand delivery, noticeboard, read out.",
    )
    rule = forms.ChoiceField(label="Rule", choices=Communication.Rule.choices, required=False)
    second = forms.CharField(label="And then", required=False, max_length=50)
    third = forms.CharField(label="And then", required=False, max_length=50)
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the office only. Never sent.",
    )
    statutory = forms.BooleanField(
        label="Treat it as statutory",
        required=False,
        help_text="What comes back or fails is followed up, and nothing in it is watched.",
    )
    track = forms.BooleanField(
        label="Watch opens and clicks",
        required=False,
        help_text="By email only. Each email then says so at its foot, and its web links lead by way of us.",
    )
    must_arrive_by = forms.DateField(
        label="Must arrive by",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give the date as day, month and year."},
        help_text="Its page says who had it by the end of that day, and who did not.",
    )
    attachments = FilesField(
        label="Attach files", required=False, help_text=f"{files.ALLOWED}; up to 10 MB each, 20 MB together."
    )

    def __init__(self, *args: Any, communication: Communication, **kwargs: Any) -> None:
        known = {n: getattr(communication, n) for n in ("subject", "body", "notes", "statutory", "track")}
        if communication.must_arrive_by:
            known["must_arrive_by"] = timezone.localtime(communication.must_arrive_by).date()
        kwargs.setdefault("initial", known)
        super().__init__(*args, **kwargs)
        self.communication = communication
        self.routing: dict[str, Any] = {}
        self._offer_channels(communication)
        if communication.type in Communication.STATUTORY_TYPES:
            del self.fields["track"]
        for field in self.fields.values():
            field.widget.attrs["form"] = "editor"  # the page has forms of its own between the steps

    def _offer_channels(self, communication: Communication) -> None:
        offered = [(word, CHANNELS[word]) for word in registry.usable(communication.organisation.channels)]
        here = [(word, CHANNELS.get(word, word)) for word in communication.channels]
        self.offered = list(dict([*here, *offered, ("hand", "By hand")]).items())
        first = self.offered if communication.channel in dict(self.offered) else [*here, *self.offered]
        more = [*communication.also, "", ""] if communication.rule != Communication.Rule.ONLY else ["", ""]
        self.fields["channel"] = forms.ChoiceField(
            label="Channel",
            choices=[*first, (OTHER, "Another word")],
            initial=communication.channel,
            required=False,
        )
        for name, word in (("second", more[0]), ("third", more[1])):
            self.fields[name] = forms.ChoiceField(
                label="And then", choices=[("", "No other"), *self.offered], initial=word, required=False
            )
        self.fields["rule"].initial = communication.rule
        for name in ("channel", "second", "third"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def clean(self) -> dict[str, Any]:
        """Settle by which channels it goes; a form without these fields leaves them as they are."""
        found = super().clean() or {}
        if not found.get("channel"):
            return found
        first = found["channel"] if found["channel"] != OTHER else " ".join(found.get("word", "").split())
        if not first:
            if "word" not in self.errors:
                self.add_error("word", "Say in a word or two what a person does with it.")
            return found
        rule, also = found.get("rule") or Communication.Rule.ONLY, self._others(found, first)
        if rule in (Communication.Rule.ELSE, Communication.Rule.EACH) and not also:
            self.add_error("second", "Choose the other channel, or the rule “by this channel only”.")
        if rule == Communication.Rule.ONLY and also and "rule" in self.data:
            self.add_error(
                "rule", "Another channel is chosen too. Choose a rule for both, or no other channel."
            )
        by = found.get("must_arrive_by")
        if by and by < timezone.localdate() and "must_arrive_by" in self.changed_data:
            self.add_error("must_arrive_by", "That day is past. Choose today or a later one.")
        end = datetime.datetime.combine(by, datetime.time(23, 59, 59)) if by else None
        statutory = found.get("statutory", False)
        if statutory and found.get("track"):
            self.add_error("track", UNWATCHED)
        self.routing = {"statutory": statutory, "track": found.get("track", False)}
        self.routing["must_arrive_by"] = timezone.make_aware(end) if end else None
        self.routing |= {
            "channel": first,
            "rule": rule,
            "also": also if rule != Communication.Rule.ONLY else [],
        }
        return found

    def _others(self, found: dict[str, Any], first: str) -> list[str]:
        """Give the other channels that were chosen, each once."""
        chosen = [found.get("second") or "", found.get("third") or ""]
        return [word for word in dict.fromkeys(chosen) if word and word != first]

    def clean_attachments(self) -> list[tuple[str, str, bytes]]:
        added = self.cleaned_data["attachments"]
        there = sum(a.content.size for a in self.communication.attachments.select_related("content"))
        if there + sum(len(data) for _, _, data in added) > settings.ATTACHMENTS_MAX_BYTES:
            most = settings.ATTACHMENTS_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(
                f"Together the attachments are larger than {most} MB. Leave one out, or link to it."
            )
        return added
