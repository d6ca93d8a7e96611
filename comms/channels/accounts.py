"""Whose account with which provider of mail an organisation uses: the installation's, or one of its own.

Keys and secrets stand in the environment only. `EMAIL_PROVIDER` and `ANYMAIL_…` are the installation's;
`ORGANISATION_PROVIDERS` is JSON that gives an organisation, by the word in its addresses, others in their place:
{"larch": {"EMAIL_PROVIDER": "postmark", "ANYMAIL_POSTMARK_SERVER_TOKEN": "…"}}. One that is named there uses
nothing of the installation's, so that the two never mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

PREFIX = "ANYMAIL_"
FORMER = "_OLD"
SMTP = "smtp"


@dataclass(frozen=True, slots=True)
class Account:
    """A provider of mail, and everything that is set about providers, by the names of django-anymail."""

    provider: str = SMTP
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of_provider(self, provider: str) -> dict[str, str]:
        """Give what is set for a provider as the arguments that django-anymail's classes take."""
        prefix = f"{provider.upper()}_"
        return {
            name.removeprefix(prefix).lower(): value
            for name, value in self.values.items()
            if name.startswith(prefix) and not name.endswith(FORMER)
        }

    def secrets(self, name: str) -> list[str]:
        """Give a secret and, while it is being replaced, the former one, set under the same name with _OLD."""
        return [found for one in (name, name + FORMER) if (found := self.values.get(one, ""))]


def account_of(slug: str) -> Account:
    """Give the account of an organisation, by the word in its addresses."""
    own = settings.ORGANISATION_PROVIDERS.get(slug)
    if own is None:
        return Account(settings.EMAIL_PROVIDER, settings.PROVIDER_VALUES)
    values = {str(name).removeprefix(PREFIX): str(value) for name, value in own.items()}
    return Account(values.get("EMAIL_PROVIDER", SMTP), values)


def has_own_account(slug: str) -> bool:
    """Say whether an organisation has a provider of its own, whose pace and faults are nobody else's."""
    return slug in settings.ORGANISATION_PROVIDERS and account_of(slug).provider != SMTP
