"""Take mail in: from an IMAP mailbox or from files. It is kept first, and only then is it marked as seen."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django_scopes import scope, scopes_disabled
from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted

from comms.models import Receipt
from comms.receipts import raw, whose
from comms.receipts.bounces.mail import read
from comms.receipts.heard import Heard
from comms.receipts.hooks.came import CUT
from comms.receipts.mail import NOT_TOLD, SOURCE, names
from comms.receipts.matching import find
from comms.receipts.whose import Whose
from portfolio.models import Organisation

log = logging.getLogger(__name__)
AT_ONCE = 200  # mails taken in one go
LARGEST = 100 * 1024 * 1024  # bytes of a mail that are kept; of a larger one the beginning is
BEGINNING = 1024 * 1024  # bytes
TIMEOUT = 30  # seconds, for each step of the conversation
HEADERS = ("from", "to", "subject", "date", "message-id", "in-reply-to", "auto-submitted")


class Kept(Enum):
    NEW = auto()
    AGAIN = auto()
    NOBODYS = auto()


@dataclass
class Taken:
    """How many mails were kept, were there already, and are of no organisation that can be told (receipts/whose.py)."""

    new: int = 0
    again: int = 0
    nobodys: int = 0

    def add(self, kept: Kept) -> None:
        self.new += kept is Kept.NEW
        self.again += kept is Kept.AGAIN
        self.nobodys += kept is Kept.NOBODYS


def keep(data: bytes, fallback: Organisation | None = None, size: int = 0) -> Kept:
    """Keep a mail with the organisation whose message it is about, else with the one whose mail it is otherwise.

    `size` is the mail's own where `data` is only its beginning. Raises django.db.Error where it could not be kept.
    """
    mail = read(data)
    with scopes_disabled():
        match = find(names(mail))
        found = Whose(match.entry.organisation) if match else Whose(fallback) if fallback else whose.of(mail)
    if found.organisation is None:  # nobody has set anything up yet
        return Kept.NOBODYS
    headers = {name: mail.header(name) for name in HEADERS if mail.header(name)}
    headers |= ({CUT: str(size)} if size else {}) | ({} if found.told else {NOT_TOLD: "1"})
    with scope(organisation=found.organisation):
        kept = raw.keep(found.organisation, SOURCE, headers=headers, body=data)
    if not found.told:
        return Kept.NOBODYS
    return Kept.NEW if kept else Kept.AGAIN


def hand_over(receipt: Receipt, about: Heard) -> bool:
    """Keep a mail where its message is by now, if that is another organisation's; false where it is nowhere.

    It came to the mailbox of all, so that where it was kept first says nothing about whose it is.
    """
    if receipt.source != SOURCE:
        return False
    with scopes_disabled():
        match = find(about)
        organisation = match.entry.organisation if match else None
    if organisation is None:
        return False
    with scope(organisation=organisation):
        raw.keep(organisation, SOURCE, headers=receipt.headers, body=bytes(receipt.body))
    return True


def take_all() -> Taken:
    """Take what is new in the mailbox. Mail of which nobody can tell whose it is, is flagged there too. Raises OSError and imaplib's."""
    taken = Taken()
    with opened(settings.BOUNCE_MAILBOX) as box:
        for uid in box.uids(AND(seen=False))[:AT_ONCE]:
            data, size = _fetched(box, uid)
            kept = keep(data, size=size)
            taken.add(kept)
            stays = size or kept is Kept.NOBODYS
            _mark(box, uid, r"(\Seen \Flagged)" if stays else r"(\Seen)")
    return taken


def _fetched(box: BaseMailBox, uid: str) -> tuple[bytes, int]:
    """Fetch a mail without marking it, and of one that is too large the beginning and its size."""
    size = int(_part(box, uid, "(RFC822.SIZE)").rpartition(b"RFC822.SIZE ")[2].split(b")")[0].split()[0])
    if size <= LARGEST:
        return _part(box, uid, "(BODY.PEEK[])"), 0
    return _part(box, uid, f"(BODY.PEEK[]<0.{BEGINNING}>)"), size


def _mark(box: BaseMailBox, uid: str, flags: str) -> None:
    """Mark a mail. Not with the library's own way, which also deletes for good what others marked as deleted."""
    answer, _ = box.client.uid("store", uid, "+FLAGS", flags)
    if answer != "OK":
        raise OSError(f"The mailbox does not mark the mail {uid}: {answer}.")


def _part(box: BaseMailBox, uid: str, what: str) -> bytes:
    """Ask for something of a mail, and give its bytes: a literal where there is one, else the answer itself."""
    answer, found = box.client.uid("fetch", uid, what)
    if answer != "OK" or not found or found[0] is None:
        raise OSError(f"The mailbox does not give the mail {uid}: {answer}.")
    literal = next((one[1] for one in found if isinstance(one, tuple)), None)
    return bytes(literal if literal is not None else found[0])


@contextmanager
def opened(url: str) -> Iterator[BaseMailBox]:
    """Sign in at imaps://user:password@host:port/Folder; imap:// is for a server on this machine."""
    parts = urlsplit(url)
    host, folder = parts.hostname or "", unquote(parts.path.strip("/")) or "INBOX"
    box: BaseMailBox
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        box = MailBox(host, parts.port or 993, timeout=TIMEOUT, ssl_context=context)
    else:
        box = MailBoxUnencrypted(host, parts.port or 143, timeout=TIMEOUT)
    with box.login(unquote(parts.username or ""), unquote(parts.password or ""), folder):
        yield box
