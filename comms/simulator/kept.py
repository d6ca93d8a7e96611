"""What the simulator was given: for each message a file of its bytes and one of its envelope."""

import datetime
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ID = re.compile(r"[0-9]{20}-[0-9A-F]{6}")


@dataclass(frozen=True, slots=True)
class Envelope:
    id: str
    mail_from: str
    rcpt_to: list[str]
    received_at: str
    kind: str = "mail"  # or sms, whatsapp, push, letter


class Kept:
    """A folder of messages; their ids sort by the time at which they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.count = len(list(self.folder.glob("*.json")))
        self.lock = threading.Lock()

    def keep(self, mail_from: str, rcpt_to: list[str], data: bytes, kind: str = "mail") -> str:
        """Write a message down byte for byte; give its id."""
        now = datetime.datetime.now(datetime.UTC)
        with self.lock:
            self.count += 1
            number = self.count
        id = f"{int(now.timestamp() * 1_000_000):020}-{number & 0xFFFFFF:06X}"
        envelope = Envelope(id, mail_from, rcpt_to, now.isoformat(), kind)
        self._path(id, _ending(kind)).write_bytes(data)
        # The envelope appears last and whole: whoever sees it can read the message.
        half = self.folder / f"{id}.half"
        half.write_text(json.dumps(asdict(envelope), ensure_ascii=False), encoding="utf-8")
        half.rename(self.folder / f"{id}.json")
        return id

    def newest(self, most: int) -> Iterator[Envelope]:
        """Give the latest envelopes, newest first."""
        for path in sorted(self.folder.glob("*.json"), reverse=True)[:most]:
            yield self.envelope(path.stem)

    def envelope(self, id: str) -> Envelope:
        return Envelope(**json.loads(self._path(id, "json").read_text(encoding="utf-8")))

    def data(self, id: str) -> bytes:
        return self._path(id, _ending(self.envelope(id).kind)).read_bytes()

    def _path(self, id: str, kind: str) -> Path:
        if not ID.fullmatch(id):  # an id may come from an address line; it must not lead out of the folder
            raise FileNotFoundError(id)
        return self.folder / f"{id}.{kind}"


def _ending(kind: str) -> str:
    return {"mail": "eml", "letter": "pdf"}.get(kind, kind)
