"""What a new token of the API is for, what it may do and for how long."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from portfolio.access import ADMINS, EVERYONE, RECORDERS
from portfolio.models import ApiToken, Membership
from portfolio.styled import StyledForm, one_line

DAYS = {"30": "30 days", "90": "90 days", "365": "A year"}
WHO = {"me": "Me: it does what it does in my name", "machine": "A machine: it gets a name of its own"}
# What a member may write is decided by their role at each call: staff record what happened elsewhere.
MAY: dict[str, tuple[str, ...]] = {"read": EVERYONE, "write": RECORDERS, "admin": ADMINS}


class TokenForm(StyledForm):
    """A token's scope is never more than what its maker's role may do; a machine is never an admin."""

    name = forms.CharField(
        label="What uses it",
        max_length=100,
        validators=[one_line],
        help_text="Such as Arrears run, or Month-end report. A machine goes by this name in the log.",
        error_messages={"required": "Say what uses it."},
    )
    who = forms.ChoiceField(
        label="In whose name", choices=list(WHO.items()), widget=forms.RadioSelect, initial="me"
    )
    scope = forms.ChoiceField(label="What it may do", widget=forms.RadioSelect, initial="read")
    days = forms.ChoiceField(label="For how long", choices=list(DAYS.items()), initial="90")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope: Any = self.fields["scope"]
        scope.choices = [(s, s.label) for s in ApiToken.Scope if membership.role in MAY[s]]
        if membership.role not in ADMINS:
            del self.fields["who"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("who") == "machine" and found.get("scope") == ApiToken.Scope.ADMIN:
            self.add_error("scope", "A machine is never an admin. Choose what it needs to do.")
        if "days" in found:
            found["expires_at"] = timezone.now() + datetime.timedelta(days=int(found["days"]))
        return found
