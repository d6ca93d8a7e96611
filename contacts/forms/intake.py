"""A spreadsheet that is brought in, and which of its columns is which."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from contacts.importing import reading
from contacts.importing.columns import COLUMNS, lacks
from contacts.mistake import Mistake
from contacts.models import Import
from portfolio.styled import StyledForm


class UploadForm(StyledForm):
    file = forms.FileField(
        label="Spreadsheet",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        help_text="CSV or .xlsx, up to 10 MB and 20,000 rows. The first row names the columns.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
            "missing": "Choose a file.",
        },
    )
    encoding = forms.ChoiceField(
        label="How a CSV is encoded", required=False, choices=list(reading.ENCODINGS.items())
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        file: UploadedFile | None = found.get("file")
        if file is not None:
            try:
                if (file.size or 0) > reading.MAX_BYTES:
                    raise Mistake("The file is larger than 10 MB. Split it, or leave columns out.")
                found["table"] = reading.read(file.name or "", file.read(), found.get("encoding", ""))
            except Mistake as mistake:
                self.add_error("file", str(mistake))
        return found


class MatchingForm(StyledForm):
    """For each of our columns, the column of the file that it is filled from."""

    def __init__(self, *args: Any, job: Import, **kwargs: Any) -> None:
        heads = [head.replace("\n", " ")[:60] or f"Column {n + 1}" for n, head in enumerate(job.rows[0])]
        kwargs["initial"] = {name: str(place) for name, place in job.matching.items()}
        super().__init__(*args, **kwargs)
        choices = [("", "Not in the file"), *((str(n), head) for n, head in enumerate(heads))]
        for name, column in COLUMNS.items():
            self.fields[name] = forms.ChoiceField(
                label=column.label,
                choices=choices,
                required=False,
                help_text=column.help,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
        self.groups = [
            (group, [self[name] for name, column in COLUMNS.items() if column.group == group])
            for group in dict.fromkeys(column.group for column in COLUMNS.values())
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        self.matching = {name: int(place) for name, place in found.items() if place}
        if why := lacks(self.matching):
            raise forms.ValidationError(why)
        return found
