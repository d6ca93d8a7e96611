"""Wording that is kept to be used again."""

from typing import Any

from django import forms

from comms.forms.parts import WordsForm
from comms.models import Communication, Template
from portfolio.models import CHANNELS


class TemplateForm(WordsForm):
    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Give it a name."})
    type = forms.ChoiceField(
        label="For",
        required=False,
        choices=[("", "Anything"), *(c for c in Communication.Type.choices if c[0] in Communication.WRITTEN)],
    )
    channel = forms.ChoiceField(label="Channel", required=False, choices=[("", "Any"), *CHANNELS.items()])

    field_order = ["name", "type", "channel", "subject", "body"]

    def __init__(
        self, *args: Any, template: Template | None = None, language: str = "", **kwargs: Any
    ) -> None:
        if template:
            there = template.newest()
            words = there.get(language) or template.latest
            kwargs["initial"] = {
                "name": template.name,
                "type": template.type,
                "channel": template.channel,
                "subject": words.subject,
                "body": words.body,
            }
        super().__init__(*args, **kwargs)
        self.template = template

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        there = Template.objects.filter(name__iexact=name, archived_at__isnull=True)
        if there.exclude(pk=self.template.pk if self.template else 0).exists():
            raise forms.ValidationError("Another template has this name.")
        return name
