"""Emails and phones as people type them, read by the values of this app; a mistake is a sentence at the field."""

from typing import Any

from django import forms

from contacts import email, phone
from contacts.mistake import Mistake


class EmailText(forms.CharField):
    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return email.parse(text) if text else ""
        except Mistake as mistake:
            raise forms.ValidationError(str(mistake)) from mistake


class PhoneText(forms.CharField):
    """Gives E.164."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return phone.parse(text).e164 if text else ""
        except Mistake as mistake:
            raise forms.ValidationError(str(mistake)) from mistake
