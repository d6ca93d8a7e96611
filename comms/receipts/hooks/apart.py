"""Take a batch apart into bodies of one event each, so that one bad event does not lose the others."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

Split = Callable[[bytes], list[bytes]]


def one(body: bytes) -> list[bytes]:
    """Give a body that is one event as it is."""
    return [body]


def of_list(body: bytes) -> list[bytes]:
    """Take a JSON list apart; what is no list is one event."""
    said = json.loads(body)
    return [_json([event]) for event in said] if isinstance(said, list) else [body]


def of_events(body: bytes) -> list[bytes]:
    """Take {"events": […]} apart, as Mailtrap has it."""
    said = json.loads(body)
    return [_json({**said, "events": [event]}) for event in said["events"]]


def of_form(body: bytes) -> list[bytes]:
    """Take a form apart whose field is a JSON list, as Mandrill has it."""
    (said,) = parse_qs(body.decode(), keep_blank_values=True)["mandrill_events"]
    return [urlencode({"mandrill_events": json.dumps([event])}).encode() for event in json.loads(said)]


def of_users(body: bytes) -> list[bytes]:
    """Take events by user apart, as Unisender Go has them; a single event is one already."""
    said = json.loads(body)
    if "events_by_user" not in said:
        return [body]
    return [
        _json({**said, "events_by_user": [{**user, "events": [event]}]})
        for user in said["events_by_user"]
        for event in user["events"]
    ]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
