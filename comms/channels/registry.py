"""The channels that this installation can send by; a word that is not here is delivered by a person."""

from collections.abc import Callable, Iterable

from django.conf import settings

from comms.channels import configured
from comms.channels.accounts import SMTP, account_of, has_own_account
from comms.channels.base import Channel, Firm
from comms.channels.by_hand import ByHandChannel
from comms.channels.email import EmailChannel, SmtpSettings
from comms.channels.fcm import FcmChannel
from comms.channels.letter.channel import HybridLetterChannel, LetterChannel
from comms.channels.letter.hybrid import settings_of
from comms.channels.letter.values import Letterhead
from comms.channels.off import OffChannel
from comms.channels.portal import PortalChannel
from comms.channels.provider import ProviderSettings
from comms.channels.push import PushChannel
from comms.channels.sms import SmsChannel
from comms.channels.whatsapp import WhatsAppChannel


def email(firm: Firm | None = None) -> EmailChannel:
    """Give mail by the account of an organisation, else by the installation's: a mail server, or a provider."""
    account = account_of(firm.slug if firm else "")
    if account.provider != SMTP:
        options = account.of_provider(account.provider)
        own = firm if has_own_account(firm.slug if firm else "") else None
        return EmailChannel(ProviderSettings(account.provider, options, settings.PROVIDER_TIMEOUT), own)
    return EmailChannel(
        SmtpSettings(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            use_tls=settings.EMAIL_USE_TLS,
            use_ssl=settings.EMAIL_USE_SSL,
            timeout=settings.EMAIL_TIMEOUT,
            reports=settings.EMAIL_DELIVERY_REPORTS,
        )
    )


def hybrid(letterhead: Letterhead | None) -> HybridLetterChannel | None:
    found = settings_of(settings.HYBRID_MAIL_URL, settings.HYBRID_MAIL_KEY, settings.HYBRID_MAIL_TIMEOUT)
    return HybridLetterChannel(letterhead, found) if found else None


# What makes each channel; None where the settings leave it off.
CHANNELS: dict[str, Callable[[Letterhead | None, Firm | None], Channel | None]] = {
    "email": lambda _, firm: email(firm),
    "post": lambda letterhead, _: LetterChannel(letterhead),
    "hybrid": lambda letterhead, _: hybrid(letterhead),
    "sms": lambda _, firm: configured.sms(firm),
    "whatsapp": lambda _, firm: configured.whatsapp(firm),
    "push": lambda _, firm: configured.push(),
    "app": lambda _, firm: configured.app(),
    "portal": lambda _, firm: PortalChannel(),
}


# What the exact bytes of those that may be off are: what was sent by them is shown all the same.
FORMS = {
    "hybrid": LetterChannel.form,
    "sms": SmsChannel.form,
    "whatsapp": WhatsAppChannel.form,
    "push": PushChannel.form,
    "app": FcmChannel.form,
}


def get(name: str, letterhead: Letterhead | None = None, firm: Firm | None = None) -> Channel:
    """Give the channel of that name; a word that is none of ours a person serves.

    Who composes says under whose letterhead; who composes or dials, for which organisation.
    """
    if name not in CHANNELS:
        return ByHandChannel(name)
    return CHANNELS[name](letterhead, firm) or OffChannel(name, FORMS[name])


def available() -> list[str]:
    """List the channels that this installation can send by, as its settings are."""
    return [name for name, make in CHANNELS.items() if make(None, None)]


def usable(switched_on: Iterable[str]) -> list[str]:
    """Narrow the channels that an organisation has switched on to those that this installation can send by."""
    there = available()
    return [name for name in switched_on if name in there]


def dialled() -> list[str]:
    """List the channels whose messages are handed over by a machine."""
    return [name for name, make in CHANNELS.items() if (made := make(None, None)) and not made.by_person]
