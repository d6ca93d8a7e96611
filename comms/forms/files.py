"""Files that are chosen in a form."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from comms.drafting import files


class MultipleFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, each within the limits and of a type that is sent."""

    widget = MultipleFiles

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, str, bytes]]:
        return [self._read(file) for file in data or []]

    def _read(self, file: UploadedFile) -> tuple[str, str, bytes]:
        name = file.name or "file"
        if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
            most = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(f"“{name}” is larger than {most} MB. Make it smaller, or link to it.")
        data = file.read()
        try:
            return name[-200:], files.media_type(name, data), data
        except ValueError as refused:
            raise forms.ValidationError(str(refused)) from refused
