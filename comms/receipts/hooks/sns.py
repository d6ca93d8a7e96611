"""Amazon SNS, through which SES tells: the signature that django-anymail does not check, by X.509 certificate.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

1. The topic must be the one in our settings: anybody may have a topic that Amazon signs for.
2. The certificate is fetched over https from an SNS host of Amazon's alone, by a name that is one of theirs.
3. The signature covers the fields below, each as "name\nvalue\n": SHA-1 in version 1, SHA-256 in version 2.
4. A subscription is never confirmed by itself: the receipt shows an admin the address that confirms it.
"""

import base64
import binascii
import datetime
import json
import re
from functools import lru_cache
from typing import Any

import requests
from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from comms.channels.accounts import Account
from comms.receipts.hooks.came import Came, NotNow, Refused
from comms.receipts.hooks.checks import WRONG, secrets

CERTIFICATE = re.compile(
    r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem"
)
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 (theirs)
TIMEOUT = 5  # seconds; meanwhile the provider waits


class SesView(AmazonSESTrackingWebhookView):
    """django-anymail's, without boto3, which it needs for what we never do: confirming by itself."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        super(AmazonSESBaseWebhookView, self).__init__(**kwargs)


def by_sns(came: Came, account: Account, name: str) -> str:
    """Check a message of SNS; gives its id. Raises Refused, or NotNow where the certificate cannot be had."""
    try:
        said = json.loads(came.body)
        SesView(webhook_secret=[]).validate_request(came.request())
        fields = {key: str(value) for key, value in said.items()}
    except Exception as fault:
        raise Refused("It has not the form of a message of SNS.") from fault
    if fields.get("TopicArn") not in secrets(account, name):
        raise Refused("It is of a topic that is not in our settings.")
    if not CERTIFICATE.fullmatch(fields.get("SigningCertURL", "")):
        raise Refused("Its certificate is not one of Amazon's.")
    _verify(fields, certificate(fields["SigningCertURL"]))
    return fields["MessageId"]


def _verify(fields: dict[str, str], signer: x509.Certificate) -> None:
    now = datetime.datetime.now(datetime.UTC)
    key, algorithm = signer.public_key(), HASHES.get(fields.get("SignatureVersion", ""))
    if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
        raise Refused("Its certificate is not of today.")
    if not isinstance(key, rsa.RSAPublicKey) or algorithm is None:
        raise Refused(WRONG)
    try:
        given = base64.b64decode(fields.get("Signature", ""), validate=True)
        key.verify(given, signed(fields), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error) as fault:
        raise Refused(WRONG) from fault


def signed(fields: dict[str, str]) -> bytes:
    """Give what is signed of a message."""
    names = NOTIFICATION if fields.get("Type") == "Notification" else CONFIRMATION
    return "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields).encode()


def certificate(url: str) -> x509.Certificate:
    """Give a certificate, fetched once. Raises NotNow where it cannot be had, Refused where it is none."""
    try:
        return x509.load_pem_x509_certificate(fetched(url))
    except requests.RequestException as fault:
        raise NotNow("The certificate of Amazon could not be fetched.") from fault
    except ValueError as fault:
        raise Refused("Its certificate cannot be read.") from fault


@lru_cache(maxsize=32)
def fetched(url: str) -> bytes:
    answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    if answer.status_code != requests.codes.ok:
        raise requests.HTTPError("It leads elsewhere.")
    return answer.content
