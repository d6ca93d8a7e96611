"""What an organisation sets about itself, as an admin types it."""

import re
import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import validate_email

from portfolio.models import CHANNELS, Organisation
from portfolio.styled import StyledForm, StyledModelForm, one_line

HOME = "Europe/London"
ELSEWHERE = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
REPLIES_TO_TICKETS = "Shown in letters and wording. Answers to mail come to the ticket of the message."
NO_ADDRESS = "This is not an email address. One looks like office@larch.example."


def email_address(text: str) -> None:
    """Refuse what is no address of email, and say of a line break that it is one."""
    one_line(text)
    try:
        validate_email(text)
    except forms.ValidationError:
        raise forms.ValidationError(NO_ADDRESS) from None


@cache
def zones() -> list[tuple[str, str]]:
    """List the time zones by place, ours first; the names that are kept for old systems only are left out."""
    names = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in ELSEWHERE}
    return [(name, name.replace("_", " ")) for name in [HOME, *sorted(names - {HOME}), "UTC"]]


def short_lines(text: str, *, most: int, width: int) -> str:
    """Give the lines without blank ones; refuse more, or longer ones, than the paper has room for."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > most:
        raise forms.ValidationError(f"That is {len(lines)} lines; {most} is the most that fits.")
    if long := next((line for line in lines if len(line) > width), ""):
        raise forms.ValidationError(f"“{long[:30]}…” is longer than {width} characters. Break the line.")
    return "\n".join(lines)


class OrganisationForm(StyledModelForm):
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Times on pages and in the log are shown in it.",
        error_messages={
            "required": "Choose the time zone.",
            "invalid_choice": "Choose a time zone from the list.",
        },
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "phone",
            "address",
            "time_zone",
            "language",
            "letter_foot",
            "sender_name",
            "sender_email",
            "reply_to",
            "portal_in_mail",
        ]
        widgets = {
            "address": forms.Textarea(attrs={"rows": 4}),
            "letter_foot": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {
            "address": "Postal address",
            "letter_foot": "Foot of letters",
            "sender_name": "Sender",
            "sender_email": "Address that mail comes from",
            "reply_to": "Address that answers go to",
        }
        help_texts = {
            "address": "At the head of letters and the foot of mail. Six lines of 60 characters at most.",
            "letter_foot": "Company number, registered office, regulator. Six lines of 120 characters at most.",
            "reply_to": "Left empty, answers go to the address that mail comes from.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zones()
        if settings.REPLY_ADDRESS:
            self.fields["reply_to"].help_text = REPLIES_TO_TICKETS
        own = (self.instance.time_zone, self.instance.time_zone)
        zone: Any = self.fields["time_zone"]
        zone.choices = choices if own[0] in dict(choices) else [own, *choices]
        for name, what in (("name", "the name"), ("sender_name", "the name that recipients see")):
            self.fields[name].error_messages["required"] = f"Give {what}."
        for name in ("sender_email", "reply_to"):
            self.fields[name].error_messages["required"] = "Give the address."
            self.fields[name].validators = [email_address]
        for name in ("name", "phone", "sender_name"):
            self.fields[name].validators.append(one_line)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and len(re.findall(r"\d", phone)) < 3:
            raise forms.ValidationError("Give the number in digits, such as 0113 496 0100.")
        return phone

    def clean_address(self) -> str:
        return short_lines(self.cleaned_data["address"], most=6, width=60)

    def clean_letter_foot(self) -> str:
        return short_lines(self.cleaned_data["letter_foot"], most=6, width=120)

    def save(self, commit: bool = True) -> Organisation:
        """Save these fields only: another page may be saving the others just now."""
        self.instance.save(update_fields=self._meta.fields)
        return self.instance


class ChannelsForm(StyledForm):
    channels = forms.MultipleChoiceField(
        label="Channels",
        choices=list(CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Leave at least one channel on.",
            "invalid_choice": "There is no such channel. Choose from the list.",
        },
    )

    def clean_channels(self) -> list[str]:
        """Keep the order of the list, whatever order they came in."""
        return [name for name in CHANNELS if name in self.cleaned_data["channels"]]
