"""The channels that this installation can send by; a word that is not here is delivered by a person."""

from django.conf import settings

from comms.channels.base import Channel
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


CHANNELS = {"email": email}


def get(name: str) -> Channel | None:
    """Give the channel of that name, or None where a person delivers."""
    make = CHANNELS.get(name)
    return make() if make else None
