"""Whether a POST is authentic: by django-anymail's own checks where they check, with the gaps closed here.

Each check takes what came, the account and the name of the secret; it raises Refused, and gives the key by which
a repeat is known, or "" for the SHA-256 of the body. Every secret may be two while it is being replaced.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from anymail.exceptions import AnymailError
from anymail.webhooks.base import AnymailCoreWebhookView
from django.core.exceptions import SuspiciousOperation

from comms.channels.accounts import Account
from comms.receipts.hooks.came import Came, Refused

View = type[AnymailCoreWebhookView]
Check = Callable[[Came, Account, str], str]
SVIX_CLOCKS = 5 * 60  # seconds, as Svix's own libraries have it
MAILGUN_LIFE = 24 * 60 * 60  # seconds; Mailgun tries again for eight hours
NOT_SET_UP = "{} is not set, so nothing from this provider can be trusted."
WRONG = "The signature or password is not the one in our settings."


def secrets(account: Account, name: str) -> list[str]:
    """Give the secrets of that name. Raises Refused where there are none."""
    found = account.secrets(name)
    if not found:
        raise Refused(NOT_SET_UP.format(f"ANYMAIL_{name}"))
    return found


def by_view(view: View, argument: str) -> Check:
    """Check as django-anymail does, with each secret in turn."""

    def check(came: Came, account: Account, name: str) -> str:
        more: dict[str, Any] = {"webhook_url": came.url} if hasattr(view, "webhook_url") else {}
        for secret in secrets(account, name):
            try:
                one = view(**{argument: secret, "webhook_secret": [], **more})
                one.run_validators(came.request())
            except (AnymailError, SuspiciousOperation, ValueError, TypeError, KeyError, AttributeError):
                continue  # also where what came has not the form that a signature could be in
            return ""
        raise Refused(WRONG)

    return check


def by_password(came: Came, account: Account, name: str) -> str:
    """Check the user and password (RFC 7617) that the provider was given in the address."""
    given = came.header("Authorization")
    expected = ["Basic " + base64.b64encode(secret.encode()).decode() for secret in secrets(account, name)]
    if not any([hmac.compare_digest(given.encode(), one.encode()) for one in expected]):
        raise Refused(WRONG)
    return ""


def by_svix(came: Came, account: Account, name: str) -> str:
    """Check a Svix signature: HMAC-SHA-256 of "id.timestamp.body", base64, as "v1,…" (docs.svix.com)."""
    event, at = came.header("svix-id"), came.header("svix-timestamp")
    signed = f"{event}.{at}.".encode() + came.body
    given = [one.partition(",")[2].encode() for one in came.header("svix-signature").split()]
    if not _is_near(at, SVIX_CLOCKS) or not event:
        raise Refused("The signature is missing or of another time.")
    for secret in secrets(account, name):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            continue
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        if any([hmac.compare_digest(expected, one) for one in given]):
            return event
    raise Refused(WRONG)


def by_mailgun(view: View) -> Check:
    """Check as django-anymail does, which proves that a time and a token came from Mailgun, but not the body.

    Therefore the token is the key: with another body it is taken for a forgery (see comms.views.hooks).
    """
    signed = by_view(view, "webhook_signing_key")

    def check(came: Came, account: Account, name: str) -> str:
        signed(came, account, name)
        block = _mailgun_block(came)
        if not _is_near(str(block["timestamp"]), MAILGUN_LIFE):
            raise Refused("The signature is of another time.")
        return str(block["token"])

    return check


def _mailgun_block(came: Came) -> dict[str, Any]:
    if came.header("Content-Type").partition(";")[0].strip() == "application/json":
        block: dict[str, Any] = json.loads(came.body)["signature"]
        return block
    post = came.request().POST
    return {"timestamp": post["timestamp"], "token": post["token"]}


def _is_near(at: str, seconds: float) -> bool:
    try:
        return abs(time.time() - float(at)) <= seconds
    except (ValueError, OverflowError):
        return False
