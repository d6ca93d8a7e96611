"""Have an authority put its time to a head (RFC 3161): what is stamped is the SHA-256 of the signed note, byte for byte."""

import datetime
import logging
from pathlib import Path

import requests
from cryptography import x509
from django.conf import settings
from django.core.cache import cache
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from comms.models import Checkpoint, OutsideCopy
from comms.witness import due
from portfolio.models import Organisation

log = logging.getLogger(__name__)
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LARGEST = 64 * 1024  # bytes of an answer
AGAIN = 15 * 60  # seconds after an authority that did not answer well


class NoStamp(RuntimeError):
    """Raised where the authority gave none that holds; says why."""


def stamp_all(organisation: Organisation, now: datetime.datetime) -> bool:
    """Have the newest head stamped if an authority is set and it is time. Needs the scope."""
    url = settings.TIMESTAMP_URL
    tried = f"stamped-{organisation.pk}"
    head = due.head_for(organisation, OutsideCopy.Kind.TIMESTAMP, url, now) if url else None
    if head is None or not cache.add(tried, "1", AGAIN):
        return False
    try:
        token, at = stamp(head.note.encode())
    except NoStamp as fault:
        log.error("no time-stamp for a head of %s: %s", organisation.public_id, fault)
        return False
    OutsideCopy.objects.create(
        organisation=organisation,
        checkpoint=head,
        kind=OutsideCopy.Kind.TIMESTAMP,
        target=url,
        at=at,
        evidence=token,
    )
    cache.delete(tried)
    return True


def stamp(data: bytes) -> tuple[bytes, datetime.datetime]:
    """Give the authority's answer, once it is found to hold, and its time. Raises NoStamp."""
    request = (
        TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    )
    answer = _asked(request.as_bytes())
    try:
        response = decode_timestamp_response(answer)
        verifier = VerifierBuilder(nonce=request.nonce, roots=authorities()).build()
        verifier.verify_message(response, data)
    except (VerificationError, ValueError) as fault:
        raise NoStamp(f"The authority's answer does not hold ({type(fault).__name__}).") from fault
    return answer, response.tst_info.gen_time


def _asked(query: bytes) -> bytes:
    try:
        with requests.post(
            settings.TIMESTAMP_URL,
            data=query,
            headers={"Content-Type": QUERY, "Accept": REPLY},
            timeout=settings.TIMESTAMP_TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            data: bytes = answer.raw.read(LARGEST, decode_content=True)
    except (requests.RequestException, OSError) as fault:
        raise NoStamp(f"The authority did not answer ({type(fault).__name__}).") from fault
    if answer.status_code != 200:
        raise NoStamp(f"The authority answered {answer.status_code}.")
    return data


def authorities() -> list[x509.Certificate]:
    """Read the certificates that time-stamps must lead to. Raises NoStamp."""
    try:
        return x509.load_pem_x509_certificates(Path(settings.TIMESTAMP_CA).read_bytes())
    except (OSError, ValueError) as fault:
        raise NoStamp("TIMESTAMP_CA names no file of certificates.") from fault


def holds(head: Checkpoint, token: bytes) -> bool:
    """Say whether a kept time-stamp is one of a head."""
    try:
        VerifierBuilder(roots=authorities()).build().verify_message(
            decode_timestamp_response(token), head.note.encode()
        )
    except (VerificationError, ValueError, NoStamp):
        return False
    return True
