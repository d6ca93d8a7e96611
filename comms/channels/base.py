"""What every channel takes and gives: plain values, no models."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Kind = Literal["sent", "deferred", "bounced", "failed", "unconfirmed"]


class Unreachable(ValueError):
    """Raised when a recipient has no address for a channel; its text is what the user reads."""


@dataclass(frozen=True, slots=True)
class Party:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said to one recipient, before a channel gives it its form."""

    subject: str
    html: str
    text: str
    sender: Party
    to: Party
    message_id: str
    date: Any  # an aware datetime
    reply_to: str = ""
    attachments: list[File] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of the exact bytes; shared when every copy of a communication has the same."""

    data: bytes
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is handed over: the kept bytes in their envelope."""

    entry: str
    token: str
    to: Party
    envelope_from: str
    envelope_to: str
    message_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one handover.

    `deferred` may be tried again; `bounced` and `failed` are final for this attempt; `unconfirmed` says that
    nobody can know. `reason` is in our words, `reply` in the other side's, in full.
    """

    kind: Kind
    reason: str
    reply: str = ""
    bounce: Literal["", "hard", "soft", "spam"] = ""


class Line(Protocol):
    """An open line to the other side, used for many messages one after the other."""

    def send(self, outgoing: Outgoing) -> Outcome: ...


class Channel(Protocol):
    name: str
    needs: str  # the column of a recipient that holds the address

    def address(self, recipient: Any) -> str:
        """Give the address to use. Raises Unreachable."""
        ...

    def compose(self, message: Message) -> list[Part]:
        """Give the exact bytes, in parts. Raises ValueError with a sentence where they cannot be made."""
        ...

    def line(self) -> AbstractContextManager[Line]: ...
