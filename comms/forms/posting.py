"""Printing letters together, and saying that they were posted."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from comms.drafting import files
from comms.forms.files import FilesField
from comms.forms.moment import MomentForm
from comms.models import PostingRun
from portfolio.styled import StyledForm


class RunForm(StyledForm):
    post_class = forms.ChoiceField(
        label="Class of post", choices=PostingRun.PostClass.choices, initial="second"
    )
    duplex = forms.BooleanField(label="Printed on both sides", required=False, initial=True)


class PostedForm(MomentForm):
    """When a run was taken to the post."""

    past = True
    proof = FilesField(
        label="Certificate of posting", required=False, help_text=f"{files.ALLOWED}; up to 10 MB each."
    )
    field_order = ["date", "time", "which", "proof"]


class TrackingForm(StyledForm):
    """A list of tracking numbers, as the post office's page gives it."""

    MOST = 200_000
    file = forms.FileField(
        label="Tracking numbers",
        help_text="CSV: name and number in each line, or the numbers alone in the order of the letters; a heading may stand above.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        file: UploadedFile | None = found.get("file")
        if file is not None:
            if (file.size or 0) > self.MOST:
                self.add_error(
                    "file", "The file is larger than 200 kB. It should hold names and numbers alone."
                )
            else:
                try:
                    found["text"] = file.read().decode("utf-8-sig")
                except UnicodeDecodeError:
                    found["text"] = "\0"
                if "\0" in found["text"]:  # as in a spreadsheet that was only renamed
                    self.add_error("file", "The letters in it cannot be read. Save it as CSV UTF-8.")
        return found
