"""Put what a provider tells of a mail's headers on one line each, where django-anymail refuses line breaks in them.

A provider that takes a mail apart gives its headers decoded: what was written as =0D=0A is a line break then, which no
header may have (RFC 5322, section 2.2). Read as a mail from the mailbox is, it is a blank (bounces/decoding.py, folded).
"""

import json
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from comms.receipts.bounces.decoding import folded
from comms.receipts.hooks.came import Came

# What people wrote, and whole mails: their lines stay.
WORDS = frozenset(
    {
        *("TextBody", "HtmlBody", "StrippedTextReply", "RawEmail"),  # Postmark
        *("RawTextBody", "RawHtmlBody", "ExtractedMarkdownMessage"),  # Brevo
        *("Text-part", "Html-part"),  # Mailjet
    }
)
FORM_HEADERS = "message-headers"  # Mailgun's field, JSON


def on_one_line(came: Came) -> Came:
    """Give a post again with its headers folded; Mailgun's as a form, all others as JSON. Raises ValueError."""
    if came.header("Content-Type").partition(";")[0].strip().lower() == "application/json":
        return replace(came, body=json.dumps(_folded(json.loads(came.body))).encode())
    return replace(came, fields=_fields(came))


def _fields(came: Came) -> QueryDict:
    fields = came.request().POST.copy()
    if FORM_HEADERS in fields:
        fields[FORM_HEADERS] = json.dumps(_folded(json.loads(str(fields[FORM_HEADERS]))))
    return fields


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            folded(key): one if key in WORDS and isinstance(one, str) else _folded(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_folded(one) for one in value]
    return folded(value) if isinstance(value, str) else value
