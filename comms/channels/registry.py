"""The channels that this installation can send by; a word that is not here is delivered by a person."""

from collections.abc import Callable

from django.conf import settings

from comms.channels import configured
from comms.channels.base import Channel
from comms.channels.by_hand import ByHandChannel
from comms.channels.email import EmailChannel, SmtpSettings
from comms.channels.letter.channel import HybridLetterChannel, LetterChannel
from comms.channels.letter.hybrid import settings_of
from comms.channels.letter.values import Letterhead
from comms.channels.portal import PortalChannel


def email() -> EmailChannel:
    return EmailChannel(
        SmtpSettings(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            use_tls=settings.EMAIL_USE_TLS,
            use_ssl=settings.EMAIL_USE_SSL,
            timeout=settings.EMAIL_TIMEOUT,
        )
    )


def hybrid(letterhead: Letterhead | None) -> HybridLetterChannel | None:
    found = settings_of(settings.HYBRID_MAIL_URL, settings.HYBRID_MAIL_KEY, settings.HYBRID_MAIL_TIMEOUT)
    return HybridLetterChannel(letterhead, found) if found else None


# What makes each channel; None where the settings leave it off.
CHANNELS: dict[str, Callable[[Letterhead | None], Channel | None]] = {
    "email": lambda _: email(),
    "post": LetterChannel,
    "hybrid": hybrid,
    "sms": lambda _: configured.sms(),
    "whatsapp": lambda _: configured.whatsapp(),
    "push": lambda _: configured.push(),
    "app": lambda _: configured.app(),
    "portal": lambda _: PortalChannel(),
}


def get(name: str, letterhead: Letterhead | None = None) -> Channel:
    """Give the channel of that name; who composes says under whose letterhead. One that is off a person serves."""
    made = CHANNELS[name](letterhead) if name in CHANNELS else None
    return made or ByHandChannel(name)


def available() -> list[str]:
    """List the channels that this installation can send by, as its settings are."""
    return [name for name, make in CHANNELS.items() if make(None)]


def dialled() -> list[str]:
    """List the channels whose messages are handed over by a machine."""
    return [name for name, make in CHANNELS.items() if (made := make(None)) and not made.by_person]
