"""What every channel speaks: plain values in, plain values out. Channels know no models."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

Kind = Literal["sent", "deferred", "bounced", "failed", "unconfirmed"]
Bounce = Literal["", "hard", "soft", "spam"]


class Form(NamedTuple):
    """What a channel's exact bytes are: how a file of them is named, and how a page shows them."""

    extension: str
    media_type: str
    shown_as: Literal["mail", "page", "pdf", "bubble", "card"]


class Unreachable(ValueError):
    """Raised when a recipient has no address for a channel; its text is the sentence that the user reads."""


@dataclass(frozen=True, slots=True)
class Party:
    """Someone at one end of a message, by name and address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation as channels know it: by the word in its addresses, and by its public id."""

    slug: str
    public_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the exact bytes; shared ones are the same in many messages."""

    data: bytes
    shared: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient, merged and ready to be put into a channel's form.

    `html` and `text` are whole, with the organisation's head and foot; `body` and `words` are what was written alone.
    """

    subject: str
    html: str
    text: str
    sender: Party
    to: Party
    message_id: str
    date: datetime.datetime
    body: str = ""
    words: str = ""
    reply_to: str = ""
    reference: str = ""
    large_print: bool = False
    link: str = ""  # to the recipient's own page
    attachments: Sequence[File] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Said(NamedTuple):
    """What a message says to one recipient, as far as its length goes."""

    name: str
    sender: str
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The exact bytes of an entry, in their envelope."""

    entry: str
    token: str
    to: Party
    envelope_from: str
    envelope_to: str
    message_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing over: `reason` in our words, `reply` in theirs, in full.

    `no_line` says that the other side could not be reached at all, so the next message need not be tried now.
    `provider_id` is the name that the other side gave the message; its receipts come under it. `gone` are
    the addresses that are dead for good and can be forgotten, as an expired subscription is.
    """

    kind: Kind
    reason: str
    reply: str = ""
    bounce: Bounce = ""
    no_line: bool = False
    provider_id: str = ""
    gone: tuple[str, ...] = ()


class Snapshot(Protocol):
    """A recipient as they were when they were added: where each channel finds its address."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def devices(self) -> Mapping[str, Sequence[str]]: ...  # by the channel that reaches them
    @property
    def wishes(self) -> Mapping[str, object]: ...  # among them what they agreed to, by its channel


class Line(Protocol):
    """An open way to the other side; many messages go over it, one after the other."""

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over once. Never raises for what the other side does: that is the Outcome."""
        ...


class Channel(Protocol):
    """A way to reach a recipient."""

    name: str
    # Whether a person hands it over: entries are written and wait until somebody says that it was done.
    by_person: bool
    needs_opt_in: bool  # whether only people who agreed to it may be written to
    form: Form
    needs: str  # the part of the snapshot that its address was written in, if a person wrote it
    price: Decimal | None = None  # of a unit of it, in pence, where that is known
    # Whether its messages lead to the recipient's own page: always, or where the organisation has chosen it.
    leads_home: Literal["never", "if_chosen", "always"] = "never"
    attachments_most: int = 0  # bytes of all files together; 0 takes none

    @property
    def answers(self) -> str:
        """Name who says what became of handing over: the channel itself, or a provider behind it."""
        return self.name

    @property
    def dials(self) -> str:
        """Give where it leads, as the settings say: host and port, or the beginning of a URL; nothing where unknown."""
        return ""

    @property
    def outlet(self) -> str:
        """Name the way out, whose pace and pauses are its own; after a colon, the organisation that it belongs to."""
        return self.name

    def address(self, snapshot: Snapshot) -> str:
        """Give the address that would be used. Raises Unreachable."""
        ...

    def shown(self, address: str) -> str:
        """Write an address for the log: as it is used, but for those that are secrets of machines."""
        return address

    def takes(self, said: Said) -> str:
        """Say in a line what a message takes on the way, where that is counted."""
        return ""

    def places(self, said: Said) -> list[tuple[str, str]]:
        """Give what fills the places of a template that somebody else approved, by the name of each place."""
        return []

    def pence(self, words: str) -> Decimal | None:
        """Give what it costs to send some words to one person, in pence, where a price is known."""
        return None

    def compose(self, message: Message) -> list[Part]:
        """Make the exact bytes, in parts: joined, they are what is handed over. Raises ValueError."""
        ...

    def line(self) -> AbstractContextManager[Line]:
        """Hold a line for as long as there is something to send over it."""
        ...


NOT_AGREED = "They have not agreed to be written to this way. Tick it on their contact page once they have."


def reach(channel: Channel, snapshot: Snapshot) -> str:
    """Give the address by which a channel may be used for somebody. Raises Unreachable, also without their word."""
    address = channel.address(snapshot)
    if channel.needs_opt_in and not snapshot.wishes.get(channel.name):
        raise Unreachable(NOT_AGREED)
    return address
