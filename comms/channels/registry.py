"""The channels that this installation can send by; a word that is not here is delivered by a person."""

from collections.abc import Callable

from django.conf import settings

from comms.channels.base import Channel
from comms.channels.by_hand import ByHandChannel
from comms.channels.email import EmailChannel, SmtpSettings


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


CHANNELS: dict[str, Callable[[], Channel]] = {"email": email}


def get(name: str) -> Channel:
    """Give the channel of that name."""
    return CHANNELS[name]() if name in CHANNELS else ByHandChannel(name)


def dialled() -> list[str]:
    """List the channels whose messages are handed over by a machine."""
    return [name for name in CHANNELS if not get(name).by_person]
