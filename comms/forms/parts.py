"""What the forms have in common."""

import re
from typing import Any

from django import forms
from django_prose_editor.fields import ProseEditorFormField

from comms.drafting import html, merge
from portfolio.styled import StyledForm

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"protocols": ["http", "https", "mailto", "tel"], "enableTarget": False},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "History": True,
}
LINE_BREAK = re.compile(r"[\r\n\v\f\x00-\x1f\x7f\x85\u2028\u2029]")


class SubjectField(forms.CharField):
    """One line of at most 500 characters. It becomes a header of the mail."""

    default_error_messages = {
        "required": "Give it a subject. It is what people see first.",
        "max_length": "The subject is %(show_value)d characters long; 500 is the most. Shorten it.",
        "line_break": "The subject must be on one line. Take the line break out.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, strip=True, **kwargs)

    def clean(self, value: str) -> str:
        if LINE_BREAK.search(str(value or "").strip()):
            raise forms.ValidationError(self.error_messages["line_break"])
        subject = super().clean(value)
        check_fields(subject)
        return subject


def clean_words(body: str) -> html.Cleaned:
    """Clean what was written in the editor; refuse merge fields that do not exist or are not closed."""
    cleaned = html.clean(body)
    check_fields(html.to_text(cleaned.html))  # as people read it, so that the sentence shows what they wrote
    check_fields(cleaned.html)  # markup between braces hides a field from a reader
    return cleaned


class WordsForm(StyledForm):
    """A subject and a text with merge fields. What is removed from the text is in `removed`."""

    subject = SubjectField(label="Subject")
    body = ProseEditorFormField(label="Text", required=False, extensions=EXTENSIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.removed: list[str] = []
        self.fields["subject"].widget.attrs |= {"data-merge": "", "maxlength": 500}

    def clean_body(self) -> str:
        cleaned = clean_words(self.cleaned_data["body"] or "")
        self.removed = cleaned.removed
        return cleaned.html


def check_fields(text: str) -> None:
    """Refuse merge fields that do not exist or are not closed."""
    if unknown := merge.unknown_fields(text):
        names = ", ".join(f"{{{{{name}}}}}" for name in unknown)
        raise forms.ValidationError(f"There is no field {names}. Insert one from the row of fields instead.")
    if stray := merge.unclosed(text):
        raise forms.ValidationError(
            f"Double braces open or close no field: “{stray[0]}”. Close them or take them out."
        )
