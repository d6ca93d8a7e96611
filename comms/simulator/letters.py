"""A hybrid mail provider, simulated: the API is written down in comms/channels/letter/hybrid.py."""

import datetime
import re
from collections.abc import Iterator

from comms.simulated import letter_to
from comms.simulator.answers import BROKEN, Answer, said
from comms.simulator.kept import Envelope, Kept

PATH = "/hybrid/letters"
LARGEST = 40 * 1024 * 1024  # bytes of a request
BOUNDARY = re.compile(r'multipart/form-data;.*\bboundary="?([^";]{1,70})"?', re.IGNORECASE)
NAME = re.compile(rb'\bname="([^"]*)"')
PDF = b"%PDF-"


class Letters:
    """Decides what each letter meets, and keeps those that are taken."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.taken = {letter.mail_from: letter.id for letter in kept.newest(10**6) if letter.kind == "letter"}

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request to post a letter; `headers` have their names in lower case."""
        if path != PATH:
            return Answer(404)
        if not _may(headers):
            return said(401, {"error": "unknown key"})
        fields = dict(_fields(headers.get("content-type", ""), body))
        pdf, address = fields.get("letter", b""), fields.get("address", b"").decode("utf-8", "replace")
        key = headers.get("idempotency-key", "")
        if key in self.taken:
            same = self.kept.data(self.taken[key]) == pdf
            return self._known(self.taken[key]) if same else said(409, {"error": "another letter"})
        if not pdf.startswith(PDF):
            return said(415, {"error": "The letter is no PDF."})
        row = letter_to(address)
        if row.status != 201:
            return said(row.status, {"error": row.words})
        name = fields.get("name", b"").decode("utf-8", "replace")
        id = self.kept.keep(key, [f"{name}, {address}"], pdf, "letter")
        if key:
            self.taken[key] = id
        return BROKEN if row.breaks else said(201, {"id": id, "status": "accepted"}, after=row.seconds)

    def status(self, path: str, headers: dict[str, str]) -> Answer:
        """Say what became of a letter."""
        if not _may(headers):
            return said(401, {"error": "unknown key"})
        try:
            return self._known(path.removeprefix(f"{PATH}/"))
        except FileNotFoundError:
            return said(404, {"error": "no such letter"})

    def _known(self, id: str) -> Answer:
        envelope = self.kept.envelope(id)
        if envelope.kind != "letter":
            raise FileNotFoundError(id)
        status, at = _status(envelope, datetime.datetime.now(datetime.UTC))
        return said(200, {"id": id, "status": status, "at": at.isoformat()})


def _status(envelope: Envelope, now: datetime.datetime) -> tuple[str, datetime.datetime]:
    """Give how far a letter has got, and since when."""
    since = datetime.datetime.fromisoformat(envelope.received_at)
    stages = [
        (word, since + datetime.timedelta(seconds=after))
        for after, word in letter_to(envelope.rcpt_to[0].partition(", ")[2]).fate
    ]
    return [stage for stage in stages if stage[1] <= now][-1]


def _may(headers: dict[str, str]) -> bool:
    """Say whether somebody came with a key, whichever."""
    return bool(headers.get("authorization", "").removeprefix("Bearer ").strip())


def _fields(media_type: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Read the fields of a form (RFC 7578), byte for byte; of what is no form, nothing."""
    found = BOUNDARY.search(media_type)
    if not found:
        return
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        if name := NAME.search(head):
            yield name[1].decode("utf-8", "replace"), data
