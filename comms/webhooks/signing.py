"""Signatures by Standard Webhooks (https://www.standardwebhooks.com, version 1): HMAC-SHA-256 over id, time and body.

A secret is derived from the webhook's number, its nonce and a key outside the database, and so is kept nowhere: it is
shown when it is made, and a copy of the database signs nothing. While it is being changed, both sign.
"""

import base64
import datetime
import hashlib
import hmac
import secrets

from django.conf import settings

from comms.models import Webhook

OVERLAP = datetime.timedelta(hours=24)
PREFIX = "whsec_"


def secret_of(webhook: Webhook, nonce: str = "") -> str:
    """Give the secret as the other side keeps it."""
    return PREFIX + base64.b64encode(_key(webhook, nonce or webhook.nonce)).decode()


def headers(webhook: Webhook, id: str, body: bytes, now: datetime.datetime) -> dict[str, str]:
    """Give the headers that prove a message; while the secret is being changed, by both secrets."""
    nonces = [webhook.nonce]
    if webhook.old_nonce and webhook.old_until and now < webhook.old_until:
        nonces.append(webhook.old_nonce)
    time = str(int(now.timestamp()))
    said = f"{id}.{time}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.digest(_key(webhook, nonce), said, "sha256")).decode()
        for nonce in nonces
    ]
    return {
        "webhook-id": id,
        "webhook-timestamp": time,
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
        "User-Agent": "Blockpost",
    }


def rotate(webhook: Webhook, now: datetime.datetime) -> str:
    """Give a webhook another secret, and say it; the former one signs too for a day."""
    webhook.old_nonce, webhook.old_until = webhook.nonce, now + OVERLAP
    webhook.nonce = secrets.token_hex()
    webhook.save(update_fields=["nonce", "old_nonce", "old_until"])
    return secret_of(webhook)


def _key(webhook: Webhook, nonce: str) -> bytes:
    said = f"outgoing webhook {webhook.public_id.hex} {nonce}".encode()
    return hmac.new(settings.HOOKS_KEY.encode(), said, hashlib.sha256).digest()
