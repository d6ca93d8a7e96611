"""Whom an organisation invites, in which role; and what the invited set for themselves."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation

from portfolio import invitations
from portfolio.forms.settings import email_address
from portfolio.models import Invitation, Membership, Organisation, User
from portfolio.styled import StyledForm, one_line

ROLES = [
    (Membership.Role.STAFF, "Staff: reads everything and records by hand"),
    (Membership.Role.MANAGER, "Manager: also writes, sends and exports"),
    (Membership.Role.AUDITOR, "Auditor: reads and exports, changes nothing"),
    (Membership.Role.ADMIN, "Admin: all that a manager may, and these settings"),
]


class RoleForm(StyledForm):
    role = forms.ChoiceField(
        label="Role",
        choices=ROLES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose a role from the list."},
    )


class InvitationForm(RoleForm):
    name = forms.CharField(
        label="Name",
        max_length=200,
        validators=[one_line],
        error_messages={"required": "Give the person's name."},
    )
    email = forms.CharField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        validators=[email_address],
        help_text="The link goes there, and whoever opens it first joins.",
        error_messages={"required": "Give the address."},
    )
    field_order = ["name", "email", "role"]

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        there = Membership.objects.filter(organisation=self.organisation, user__email__iexact=email)
        if found := there.select_related("user").first():
            raise forms.ValidationError(
                f"{found.user.name} is here already, with the role {found.get_role_display()}."
            )
        if invitations.open_ones().filter(email__iexact=email).exists():
            raise forms.ValidationError(invitations.INVITED)
        return email

    def invite(self, by: User) -> tuple[Invitation, bool] | None:
        """Make the invitation; say at the field if somebody else made it a moment ago."""
        try:
            return invitations.invite(self.organisation, by=by, **self.cleaned_data)
        except invitations.AlreadyInvited as refused:
            self.add_error("email", str(refused))
            return None


class NewcomerForm(StyledForm):
    name = forms.CharField(
        label="Your name",
        max_length=200,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Give your name."},
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="12 characters at least.",
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type the password again."},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        password, again = found.get("password"), found.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ. Type the same in both.")
        elif password:
            self._judge(password, found.get("name", ""))
        return found

    def _judge(self, password: str, name: str) -> None:
        try:
            password_validation.validate_password(password, User(email=self.email, name=name))
        except forms.ValidationError as mistakes:
            self.add_error("password", mistakes)
