"""Take a POST in: prove it, then keep it. What is answered with 2xx is on disk."""

import hashlib

from django.conf import settings
from django.db.models import BinaryField, F, Func

from comms.channels.accounts import account_of
from comms.models import Receipt
from comms.receipts import raw
from comms.receipts.hooks import checks, twilio
from comms.receipts.hooks.came import Came, NotNow, Refused
from comms.receipts.hooks.checks import Check
from comms.receipts.hooks.providers import PASSWORD, PROVIDERS
from portfolio.models import Organisation

TWILIO = "twilio"
INBOUND = " inbound"
NAMES = (*PROVIDERS, TWILIO)
CAPTURED = "A signature that was seen before came with other words."
DIGEST = Func(F("body"), function="sha256", output_field=BinaryField())  # PostgreSQL's own
STRANGE = "It has no form in which a signature could be read."


def take(organisation: Organisation, provider: str, came: Came, inbound: bool = False) -> bool:
    """Keep what came; false if it was there already.

    Raises Refused for what is not authentic, NotNow where that cannot be told, django.db.Error where it cannot be kept.
    """
    key = _check(organisation, provider, came, inbound)
    source = provider + (INBOUND if inbound else "")
    kept = raw.keep(organisation, source, headers=came.kept_headers(), body=came.body, key=key)
    if kept is None and key:
        # A repeat has the same words. Others under the same key were never signed by the provider.
        first = Receipt.objects.filter(source=source, key=raw.fitting(key))
        if bytes(first.values_list(DIGEST, flat=True).get()) != hashlib.sha256(came.body).digest():
            raise Refused(CAPTURED)
    return kept is not None


def prove_first(organisation: Organisation, provider: str, came: Came, inbound: bool) -> bool:
    """Let a post prove itself by its headers alone, before anything else of it is read; false where it needs its body.

    Raises Refused.
    """
    if _how(provider, inbound)[0] is not checks.by_password:
        return False
    _check(organisation, provider, came, inbound)
    return True


def in_use(organisation: Organisation) -> list[str]:
    """List the providers that an organisation's settings name: by which it sends, or whose secret is set."""
    account = account_of(organisation.slug)
    named = {
        name
        for name, how in PROVIDERS.items()
        if name == account.provider or (how.setting != PASSWORD and account.secrets(how.setting))
    }
    return sorted(named | ({TWILIO} if settings.TWILIO_AUTH_TOKEN else set()))


def _check(organisation: Organisation, provider: str, came: Came, inbound: bool) -> str:
    """Let a post prove itself. Whatever a check stumbles over, what came has not proved itself by it."""
    check, setting = _how(provider, inbound)
    try:
        return check(came, account_of(organisation.slug), setting)
    except (Refused, NotNow):
        raise
    except Exception as fault:
        raise Refused(STRANGE) from fault


def _how(provider: str, inbound: bool) -> tuple[Check, str]:
    if provider == TWILIO:
        return twilio.check, ""
    how = PROVIDERS[provider]
    return (how.inbound_check, how.inbound_setting) if inbound else (how.check, how.setting)
