"""What a letter is before it is on paper."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from comms.channels.base import File


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, as it stands at the top right of the first page, and at its foot."""

    name: str
    lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    foot: str = ""  # company number, registered office, regulator
    logo: bytes | None = None  # a PNG


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one recipient. The body is clean HTML and says its own greeting and farewell."""

    letterhead: Letterhead
    recipient: str
    address: tuple[str, ...]  # as on the envelope, the postcode last
    date: datetime.date
    subject: str
    body: str
    reference: str = ""
    attachments: Sequence[File] = ()
    large_print: bool = False  # 16 pt, as the RNIB asks of large print
