"""Wording that is kept to be used again."""

from typing import Any

from django import forms
from django_prose_editor.fields import ProseEditorFormField

from comms.drafting import html
from comms.forms.parts import SubjectField, check_fields
from comms.forms.writing import EXTENSIONS
from comms.models import Communication, Template
from portfolio.styled import StyledForm


class TemplateForm(StyledForm):
    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Give it a name."})
    type = forms.ChoiceField(
        label="For",
        required=False,
        choices=[("", "Anything"), *(c for c in Communication.Type.choices if c[0] in Communication.WRITTEN)],
    )
    subject = SubjectField(label="Subject")
    body = ProseEditorFormField(label="Text", required=False, extensions=EXTENSIONS)

    def __init__(self, *args: Any, template: Template | None = None, **kwargs: Any) -> None:
        if template:
            last = template.latest
            kwargs["initial"] = {
                "name": template.name,
                "type": template.type,
                "subject": last.subject,
                "body": last.body,
            }
        super().__init__(*args, **kwargs)
        self.template = template
        self.removed: list[str] = []
        self.fields["subject"].widget.attrs |= {"data-merge": "", "maxlength": 500}

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        there = Template.objects.filter(name__iexact=name, archived_at__isnull=True)
        if there.exclude(pk=self.template.pk if self.template else 0).exists():
            raise forms.ValidationError("Another template has this name.")
        return name

    def clean_body(self) -> str:
        cleaned = html.clean(self.cleaned_data["body"] or "")
        self.removed = cleaned.removed
        check_fields(cleaned.html)
        check_fields(html.to_text(cleaned.html))  # markup between braces hides a field in the HTML
        return cleaned.html
