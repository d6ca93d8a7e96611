"""Mailgun's list of events, for what its posts may have lost: it posts "delivered" once and never again.

https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/events
"""

import datetime
import json
from collections.abc import Iterator

import requests

from comms.channels.accounts import Account
from comms.models import Receipt
from comms.receipts.heard import Heard, Ignored, Odd
from comms.receipts.hooks import tracking

API = "https://api.mailgun.net/v3"
EVENTS = "accepted OR delivered OR failed OR rejected OR complained OR unsubscribed OR opened OR clicked"
PAGE = 300  # events, the most that it gives at once
PAGES = 200  # at once; the rest comes with the next question
TIMEOUT = 30  # seconds


def ask(
    account: Account, since: datetime.datetime, until: datetime.datetime
) -> Iterator[tuple[str, dict[str, object]]]:
    """Give the events of a time, each with its id. Raises requests.RequestException, or ValueError for an odd answer."""
    options = account.of_provider("mailgun")
    base = f"{options.get('api_url', API).rstrip('/')}/{options['sender_domain']}/events"
    parameters = {
        "begin": str(since.timestamp()),
        "end": str(until.timestamp()),
        "ascending": "yes",
        "limit": str(PAGE),
        "event": EVENTS,
    }
    url = requests.Request("GET", base, params=parameters).prepare().url or base
    with requests.Session() as session:
        for _ in range(PAGES):
            items, url = _page(session, url, options["api_key"])
            for item in items:
                yield str(item["id"]), item
            # Its word for the next page must not lead our key elsewhere.
            if not items or not url.startswith(f"{base}/"):
                return


def _page(session: requests.Session, url: str, key: str) -> tuple[list[dict[str, object]], str]:
    answer = session.get(url, auth=("api", key), timeout=TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    said = answer.json()
    try:
        return list(said["items"]), str(said.get("paging", {}).get("next", ""))
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError("Mailgun's answer has not the form of a list of events.") from fault


def names(item: dict[str, object]) -> set[str]:
    """Give what an event calls its message by: Mailgun's id of it, and ours."""
    message, ours = item.get("message"), item.get("user-variables")
    headers = message.get("headers") if isinstance(message, dict) else None
    found = {str(headers.get("message-id", "")).strip("<>")} if isinstance(headers, dict) else set()
    return (found | {str(ours.get("entry", ""))} if isinstance(ours, dict) else found) - {""}


def read(receipt: Receipt) -> Iterator[Heard | Ignored | Odd]:
    """Read one event as its post would be read: it is the same but for the signature around it."""
    posted = json.dumps({"event-data": json.loads(bytes(receipt.body))}).encode()
    yield from tracking.of_bodies("mailgun", {"Content-Type": "application/json"}, [posted])
