"""The channels that reach a phone, as the settings have them: None where they are off or cannot work.

Why one cannot is said by `faults`, which the start-up checks show.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from comms.channels import hook_address, vapid
from comms.channels.accounts import SMTP, account_of
from comms.channels.base import Channel, Firm
from comms.channels.fcm import FcmChannel, FcmSettings
from comms.channels.provider import ProviderSettings
from comms.channels.push import KNOWN_SERVICES, PushChannel, PushSettings
from comms.channels.sms import SmsChannel
from comms.channels.twilio_request import TwilioSettings
from comms.channels.whatsapp import Template, WhatsAppChannel

Made = TypeVar("Made")


def sms(firm: Firm | None = None) -> Channel | None:
    """Give SMS through Twilio."""
    return _working(lambda: _sms(firm))


def whatsapp(firm: Firm | None = None) -> Channel | None:
    """Give WhatsApp through Twilio."""
    return _working(lambda: _whatsapp(firm))


def push() -> Channel | None:
    """Give push messages to browsers."""
    return _working(_push)


def app() -> Channel | None:
    """Give push messages to the firm's own app."""
    return _working(_app)


def faults() -> Iterator[str]:
    """Say in sentences what in the settings keeps a channel from working."""
    makers: list[Callable[[], object]] = [_sms, _whatsapp, _push, _app, *_providers()]
    for make in makers:
        try:
            make()
        except ValueError as fault:
            yield str(fault)


def _providers() -> Iterator[Callable[[], object]]:
    """Give what makes each account with a provider of mail: the installation's, and those of organisations."""
    for slug in ("", *settings.ORGANISATION_PROVIDERS):
        account = account_of(slug)
        if account.provider != SMTP:
            yield ProviderSettings(account.provider, account.of_provider(account.provider)).backend


def _working(make: Callable[[], Made | None]) -> Made | None:
    try:
        return make()
    except ValueError:
        return None


def _sms(firm: Firm | None = None) -> SmsChannel | None:
    if not _has_account():
        return None
    if not settings.TWILIO_FROM and not settings.TWILIO_MESSAGING_SERVICE:
        if settings.WHATSAPP_FROM:  # an account for WhatsApp alone
            return None
        raise ValueError("Texts have no sender. Set TWILIO_FROM or TWILIO_MESSAGING_SERVICE.")
    price = _price("SMS_PENCE_PER_SEGMENT")
    return SmsChannel(_twilio(firm, settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE), price)


def _price(setting: str) -> Decimal | None:
    """Read a price in pence. Raises ValueError with a sentence."""
    written = getattr(settings, setting)
    try:
        return Decimal(written) if written else None
    except InvalidOperation:
        raise ValueError(f"{setting} is a number of pence, such as 4 or 3.75.") from None


def _whatsapp(firm: Firm | None = None) -> WhatsAppChannel | None:
    if not settings.WHATSAPP_FROM or not _has_account():
        return None
    price = _price("WHATSAPP_PENCE")
    if not settings.WHATSAPP_TEMPLATE:
        return WhatsAppChannel(_twilio(firm, settings.WHATSAPP_FROM), price=price)
    places = {"places": settings.WHATSAPP_PLACES} if settings.WHATSAPP_PLACES else {}
    return WhatsAppChannel(
        _twilio(firm, settings.WHATSAPP_FROM), Template(settings.WHATSAPP_TEMPLATE, **places), price
    )


def _push() -> PushChannel | None:
    if not settings.VAPID_PRIVATE_KEY:
        return None
    vapid.public_key(settings.VAPID_PRIVATE_KEY)
    if not settings.VAPID_SUBJECT.startswith(("mailto:", "https://")):
        raise ValueError("VAPID_SUBJECT says whom a push service may write to: mailto:… or https://….")
    return PushChannel(
        PushSettings(
            private_key=settings.VAPID_PRIVATE_KEY,
            subject=settings.VAPID_SUBJECT,
            link=settings.BASE_URL,
            services=tuple(settings.PUSH_SERVICES) or KNOWN_SERVICES,
            ttl=settings.PUSH_TTL_SECONDS,
            timeout=settings.PROVIDER_TIMEOUT,
        )
    )


def _app() -> FcmChannel | None:
    given = settings.FCM_SERVICE_ACCOUNT.strip()
    if not given:
        return None
    if not given.startswith("{"):
        try:
            given = Path(given).read_text(encoding="utf-8")
        except OSError as fault:
            raise ValueError(f"FCM_SERVICE_ACCOUNT cannot be read: {fault.strerror}.") from fault
    return FcmChannel(
        FcmSettings.of(
            given,
            api=settings.FCM_API_BASE,
            link=settings.BASE_URL,
            ttl=settings.PUSH_TTL_SECONDS,
            timeout=settings.PROVIDER_TIMEOUT,
        )
    )


def _has_account() -> bool:
    has = bool(settings.TWILIO_ACCOUNT_SID), bool(settings.TWILIO_AUTH_TOKEN)
    if any(has) and not all(has):
        raise ValueError("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN go together. Set both, or neither.")
    return all(has)


def _twilio(firm: Firm | None, sender: str, service: str = "") -> TwilioSettings:
    return TwilioSettings(
        account=settings.TWILIO_ACCOUNT_SID,
        token=settings.TWILIO_AUTH_TOKEN,
        sender=sender,
        service=service,
        api=settings.TWILIO_API_BASE,
        callback=_callback(firm),
        timeout=settings.PROVIDER_TIMEOUT,
    )


def _callback(firm: Firm | None) -> str:
    """Give where receipts are posted: where the settings say, else the organisation's own address, if Twilio can reach it."""
    # An interface that is reached without TLS is on this machine, and so are we.
    reached = settings.BASE_URL.startswith("https://") or settings.TWILIO_API_BASE.startswith("http://")
    if settings.TWILIO_STATUS_CALLBACK or firm is None or not reached:
        return str(settings.TWILIO_STATUS_CALLBACK)
    return hook_address.address_of(firm.public_id, "twilio")
