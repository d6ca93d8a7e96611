from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest

SECRETS = ("password_reset_url", "activate_url", "key", "code")


class Adapter(DefaultAccountAdapter):
    """Accounts are made by invitation; mails about them say what in them is secret."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        message = super().render_mail(template_prefix, email, context, headers)
        # The log keeps that this mail went out, never a link that would open the account.
        message.secrets = [str(context[name]) for name in SECRETS if context.get(name)]
        return message
