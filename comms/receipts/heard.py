"""What a receipt says, in our words: the values that every parser gives, whoever sent the receipt."""

import datetime
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from comms.models import Receipt

log = logging.getLogger(__name__)
LONGEST_ID = 150  # characters of a provider's own id that are kept as they are


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that somebody outside says happened to a message.

    The entry is named by one or more of: `token` (of the envelope), `entry` (its public id), `message_id`
    (RFC 5322) and `provider_message_id` with `address`; the first that finds one counts. `happened_at` is
    None where the other side does not say when. `event_id` is the other side's own id of this event.
    """

    kind: str
    happened_at: datetime.datetime | None = None
    token: str = ""
    entry: str = ""
    message_id: str = ""
    provider_message_id: str = ""
    address: str = ""
    bounce: str = ""
    reason: str = ""
    reply: str = ""
    machine: bool = False
    event_id: str = ""
    others: tuple["Heard", ...] = ()
    """What the same mail tells of other recipients: it counts instead where one of them is the entry's own."""

    @property
    def names_one(self) -> bool:
        """Whether it says at all which message it is about."""
        return bool(self.token or self.entry or self.message_id or self.provider_message_id)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that is no event of a message, and why: there is nothing to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that could not be understood, and why: somebody should look."""

    reason: str


UNREAD = (
    (RecursionError, "It could not be read: it is nested too deeply."),
    (
        (json.JSONDecodeError, UnicodeDecodeError),
        "It could not be read: it is not whole, or was altered on its way.",
    ),
    (LookupError, "It could not be read: something is missing in it that this sender always tells."),
    (Exception, "It could not be read: it has not the form that this sender has documented."),
)


def unread(fault: Exception) -> Odd:
    """Say in words for an admin why nothing could be made of a receipt; the fault's own name is for the log."""
    log.warning("a receipt could not be read: %s", type(fault).__name__)
    return Odd(next(words for kind, words in UNREAD if isinstance(fault, kind)))


class File(NamedTuple):
    """A file that came with a mail."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote, mostly about a message; `about` names the entry, `left_out` says what was too much to keep.

    An automatic one was written by a machine for somebody, and nobody needs to answer it.
    """

    about: Heard
    from_name: str
    from_address: str
    words: str
    files: tuple[File, ...] = ()
    left_out: str = ""
    automatic: bool = False


Said = Heard | Written | Ignored | Odd
Parser = Callable[[Receipt], Iterable[Said]]


class Source(NamedTuple):
    """How receipts of a source are read, and who its events say it (DeliveryEvent.source).

    What is asked for and what is posted to us by the same provider have one `says`, and so one set of repeats.
    `watches`: its opens and clicks come of pictures and links that it puts into mails, wanted or not.
    """

    parse: Parser
    says: str
    watches: bool = False


def clean(text: object, longest: int = 10_000) -> str:
    """Give text as the database can keep it: no NUL, no half of a surrogate pair, not without end."""
    said = "" if text is None else str(text)
    return said[:longest].replace("\x00", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def key_of(heard: Heard, entry: str) -> str:
    """Give what a repeat is known by: the provider's id, else the SHA-256 of the event in a canonical form."""
    if heard.event_id:
        long = len(heard.event_id) > LONGEST_ID
        return hashlib.sha256(heard.event_id.encode(errors="replace")).hexdigest() if long else heard.event_id
    # To the second: the same event is told more finely by one interface of a provider than by another.
    when = str(int(heard.happened_at.timestamp())) if heard.happened_at else heard.reply
    canonical = [entry, heard.kind, heard.bounce, heard.machine, heard.address.lower(), when]
    return hashlib.sha256(json.dumps(canonical, separators=(",", ":")).encode()).hexdigest()
