"""A mailbox outside that keeps heads."""

from typing import Any

from django import forms

from comms.models import Keeper
from portfolio.models import Membership, Organisation
from portfolio.styled import StyledForm

INSIDE = "That is one of your own. Whoever could change the log must not be able to change this mailbox: take one outside."


class KeeperForm(StyledForm):
    """An address that is nobody's of the firm."""

    email = forms.EmailField(
        label="Email address", help_text="Of somebody outside: a solicitor, an accountant."
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_email(self) -> str:
        """Refuse what is the firm's own, by its domain or by who signs in with it, and what is there."""
        email: str = self.cleaned_data["email"].lower()
        own = self.organisation.sender_email.rpartition("@")[2].lower()
        members = Membership.objects.filter(organisation=self.organisation, user__email__iexact=email)
        if email.rpartition("@")[2] == own or members.exists():
            raise forms.ValidationError(INSIDE)
        if Keeper.objects.standing().filter(email=email).exists():
            raise forms.ValidationError("Heads are sent there already.")
        return email
