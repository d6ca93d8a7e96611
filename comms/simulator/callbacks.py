"""Twilio's status callbacks, signed as Twilio signs them.

https://www.twilio.com/docs/usage/webhooks/webhooks-security#how-twilio-signs-requests-to-your-server
"""

import base64
import hashlib
import hmac
import urllib.request
from urllib.parse import urlencode, urlsplit

from comms.simulated import text_to
from comms.simulator.later import Later

TIMEOUT = 10  # seconds


def tell(later: Later, form: dict[str, str], account: str, token: str, sid: str) -> None:
    """Have told what becomes of a text that was taken, where its sender gave an address for it."""
    url, to = form.get("StatusCallback", ""), form["To"]
    if urlsplit(url).scheme not in ("http", "https"):
        return
    for update in text_to(to).then:
        if update.status == "read" and not to.startswith("whatsapp:"):
            continue
        said = {
            "AccountSid": account,
            "ApiVersion": "2010-04-01",
            "From": form.get("From", ""),
            "MessageSid": sid,
            "MessageStatus": update.status,
            "To": to,
        } | ({"ErrorCode": str(update.error)} if update.error else {})
        later.after(update.after, lambda said=said: _post(url, said, token))  # type: ignore[misc]


def signature(url: str, fields: dict[str, str], token: str) -> str:
    """Sign a callback: HMAC-SHA1 of the address and of every field by its name."""
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def _post(url: str, fields: dict[str, str], token: str) -> None:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(url, fields, token),
    }
    request = urllib.request.Request(url, urlencode(fields).encode(), headers)  # noqa: S310 (http only, see tell)
    urllib.request.urlopen(request, timeout=TIMEOUT).close()  # noqa: S310
