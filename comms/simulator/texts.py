"""Twilio's Messages resource, simulated: https://www.twilio.com/docs/messaging/api/message-resource."""

import base64
import binascii
import collections
import json
import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from comms.simulated import text_to
from comms.simulator import callbacks
from comms.simulator.answers import BROKEN, Answer, said
from comms.simulator.kept import Kept
from comms.simulator.later import Later

PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9A-Za-z]+)/Messages\.json")


class Refusal(NamedTuple):
    status: int
    code: int
    message: str


NOT_ON_WHATSAPP = "Invalid message recipient"
NO_WINDOW = Refusal(400, 63016, "Failed to send freeform message because you are outside the allowed window.")


class Texts:
    """Decides what each text meets, and keeps those that are taken."""

    def __init__(self, kept: Kept, later: Later) -> None:
        self.kept, self.later = kept, later
        self.seen: collections.Counter[str] = collections.Counter()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request; `headers` have their names in lower case."""
        found = PATH.fullmatch(path)
        account = found[1] if found else ""
        token = _token(account, headers.get("authorization", ""))
        if not found or not token:
            return _refused(Refusal(401, 20003, "Authenticate"))
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if refusal := _incomplete(form) or self._by_number(form):
            return _refused(refusal)
        return self._taken(account, token, form)

    def _by_number(self, form: dict[str, str]) -> Refusal | None:
        to = form["To"]
        by_whatsapp = to.startswith("whatsapp:")
        if by_whatsapp and "ContentSid" not in form:
            return NO_WINDOW
        row = text_to(to)
        if not row.code:
            return None
        self.seen[to] += 1
        if row.times and self.seen[to] > row.times:
            return None
        if by_whatsapp and row.on_whatsapp:
            return Refusal(row.http, row.on_whatsapp, NOT_ON_WHATSAPP)
        return Refusal(row.http, row.code, row.message)

    def _taken(self, account: str, token: str, form: dict[str, str]) -> Answer:
        kind = "whatsapp" if form["To"].startswith("whatsapp:") else "sms"
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        data = json.dumps(form, ensure_ascii=False, indent=2).encode()
        id = self.kept.keep(sender, [form["To"]], data, kind)
        row, message = text_to(form["To"]), _message(account, id, form)
        callbacks.tell(self.later, form, account, token, str(message["sid"]))
        return BROKEN if row.breaks else said(201, message, after=row.seconds)


def _token(account: str, authorization: str) -> str:
    """Give the token with which somebody has signed in as the account, whichever it is; "" where nobody has."""
    try:
        user, _, token = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return token if user == account else ""


def _incomplete(form: dict[str, str]) -> Refusal | None:
    if not form.get("To"):
        return Refusal(400, 21604, "A 'To' phone number is required.")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return Refusal(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required.")
    if not form.get("Body") and not form.get("ContentSid"):
        return Refusal(400, 21602, "Message body is required.")
    return None


def _refused(refusal: Refusal) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{refusal.code}"
    body = {"code": refusal.code, "message": refusal.message, "more_info": more, "status": refusal.status}
    return said(refusal.status, body)


def _message(account: str, id: str, form: dict[str, str]) -> dict[str, object]:
    sid = f"SM{id.replace('-', '').lower():0>32}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "sid": sid,
        "status": "accepted" if "MessagingServiceSid" in form else "queued",
        "to": form["To"],
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    }
