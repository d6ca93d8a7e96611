from typing import Any

from django import forms
from django.conf import settings

from comms.webhooks import address
from portfolio.styled import StyledForm


class WebhookForm(StyledForm):
    """Where another system listens, and what it is told."""

    url = forms.CharField(
        label="Address",
        max_length=address.LONGEST,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hooks/blockpost"}),
        help_text="It begins with https:// and is on the internet.",
        error_messages={"required": "Give the address that is to be told."},
    )
    deliveries = forms.BooleanField(
        label="Deliveries",
        required=False,
        help_text="Each thing that happens to a message: handed over, delivered, bounced, opened and so on.",
    )
    tickets = forms.BooleanField(
        label="Tickets", required=False, help_text="Opened, given to somebody, commented on, closed."
    )

    def clean_url(self) -> str:
        """Look the address up as each attempt will, and refuse what leads into a private network."""
        url = str(self.cleaned_data["url"])
        try:
            address.look_up(url, allowed=settings.WEBHOOK_PRIVATE)
        except address.Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return url

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("deliveries") and not found.get("tickets"):
            self.add_error("deliveries", "Tick at least one: deliveries or tickets.")
        return found
