"""What comes back of mails that were taken: reports into a Maildir, and what readers and scanners fetch."""

import mailbox
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from comms.simulated import Back, mail_to
from comms.simulator import reports
from comms.simulator.later import Later

READER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0"
SCANNER = "Mozilla/5.0 (compatible; BarracudaCentral; +http://barracudacentral.org)"
PICTURE = re.compile(r'<img src="(https?://[^"]+/t/[^"]+)"')
LINK = re.compile(r'href="(https?://[^"]+/t/[^"]+)"')
TIMEOUT = 10  # seconds


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere: what is fetched is the product's own address, and nobody out there."""

    def redirect_request(self, *_: object) -> None:
        return None


FETCHER = urllib.request.build_opener(_Stay)


class Returning:
    """Has come back what the table says; without a Maildir nothing does, as with a server that never reports."""

    def __init__(self, maildir: Path | None, later: Later) -> None:
        self.maildir = mailbox.Maildir(maildir, create=True) if maildir else None
        self.later = later
        self.came: Counter[tuple[str, str]] = Counter()

    def taken(self, back_to: str, to: str, data: bytes, asked: bool) -> None:
        """See to what follows for one recipient; `asked` is whether the sender wants to hear of the delivery."""
        row = mail_to(to)
        if self.maildir is None or row is None:
            return
        message = (to.lower(), _id(data))
        self.came[message] += 1
        again = bool(row.times) and not row.refusal and self.came[message] > row.times
        following = mail_to(f"deliver@{to.rpartition('@')[2]}") if again else row
        for then in following.then if following else ():
            if then.what != "delivered" or asked:
                self.later.after(then.after, self._doing(then.what, back_to, to, data))

    def _doing(self, what: Back, back_to: str, to: str, data: bytes) -> Callable[[], None]:
        if what == "complaint":
            return lambda: self._put(reports.of_complaint(back_to, to, data))
        if what == "opened":
            return lambda: _fetch(pictures(data), READER)
        if what == "clicked":
            return lambda: _fetch(links(data)[:1], READER)
        if what == "scanned":
            return lambda: _fetch([*pictures(data), *links(data)], SCANNER)
        return lambda: self._put(reports.of_delivery(what, back_to, to, data))

    def _put(self, report: bytes) -> None:
        if self.maildir is not None:
            self.maildir.add(report)


def pictures(data: bytes) -> list[str]:
    """Give the addresses of the pictures by which a mail tells of its opening."""
    return [unescape(found) for found in PICTURE.findall(_page(data))]


def links(data: bytes) -> list[str]:
    """Give the links of a mail that lead by way of its sender, at the same place as its picture."""
    places = {urlsplit(one).netloc for one in pictures(data)}
    return [one for one in map(unescape, LINK.findall(_page(data))) if urlsplit(one).netloc in places]


def _page(data: bytes) -> str:
    body = message_from_bytes(data, policy=policy.default).get_body(("html",))
    return str(body.get_content()) if body else ""


def _id(data: bytes) -> str:
    found = re.search(rb"^Message-ID:\s*(\S+)", data[:20_000], re.IGNORECASE | re.MULTILINE)
    return found[1].decode("ascii", "replace") if found else ""


def _fetch(addresses: list[str], who: str) -> None:
    for address in addresses:
        request = urllib.request.Request(address, headers={"User-Agent": who})  # noqa: S310 (http only: PICTURE, LINK)
        try:
            FETCHER.open(request, timeout=TIMEOUT).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            if answer.code >= 500:
                raise
