"""Have documents set by a process of their own, which is kept for the next one and ended when it hangs."""

import base64
import datetime
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from comms.channels.base import File
from comms.channels.letter.press.protocol import LENGTH, MADE
from comms.channels.letter.typeface import FONTS

ROOT = Path(__file__).resolve().parents[3]
# -I: no environment and no folder of ours decides what is imported, and no settings are there to be read.
COMMAND = (
    "import sys; sys.path.append(sys.argv[1])\nfrom comms.channels.letter.press.serving import serve\nserve()"
)
SECONDS = 60  # for one letter
STARTING = 30  # seconds more, for a process that has to be started first
KEPT = 1  # processes that wait for the next letter
HUNG = "The letter took too long to set, so it was stopped. Shorten it, or attach a smaller file."
BROKE = "The letter could not be set: it needs more memory than a letter may. Shorten it, or attach a smaller file."


class Press:
    """One process that sets letters. It ends when the end of its input does, so with us at the latest."""

    def __init__(self) -> None:
        self.used = False
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, and nothing from outside in its words
            [sys.executable, "-I", "-c", COMMAND, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )

    def ask(self, job: bytes, seconds: int) -> tuple[bytes, bytes]:
        """Give the kind of answer and the rest. Raises TimeoutError, and OSError where it ended by itself."""
        assert self.process.stdin and self.process.stdout
        late = threading.Event()
        timer = threading.Timer(seconds if self.used else seconds + STARTING, self._late, [late])
        timer.start()
        self.used = True
        try:
            self.process.stdin.write(LENGTH.pack(len(job)) + job)
            self.process.stdin.flush()
            kind = self.process.stdout.read(1)
            length = self.process.stdout.read(LENGTH.size)
            promised = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else -1
            data = self.process.stdout.read(max(promised, 0))
        except BrokenPipeError:
            kind, promised, data = b"", -1, b""
        finally:
            timer.cancel()
        if late.is_set():
            raise TimeoutError
        if len(data) != promised:
            raise ConnectionResetError
        return kind, data

    def end(self) -> None:
        """End it, and take its place in the table of processes away."""
        self.process.kill()
        self.process.communicate()

    def _late(self, late: threading.Event) -> None:
        late.set()
        self.process.kill()


_idle: list[Press] = []
_lock = threading.Lock()
# A forked worker must not share its parent's pipes: two would read one another's letters.
os.register_at_fork(after_in_child=_idle.clear)


def made(
    html: str, *, title: str, author: str, date: str, files: Sequence[File] = (), seconds: int = SECONDS
) -> bytes:
    """Set a document, with files behind it. Raises ValueError with the sentence that says why not."""
    job = {
        "html": html,
        "fonts": str(FONTS),
        "title": title,
        "author": author,
        "date": date,
        "seconds": seconds + STARTING,
        "files": [(file.name, base64.b64encode(file.data).decode()) for file in files],
    }
    kind, data = _asked(json.dumps(job).encode(), seconds)
    if kind != MADE:
        raise ValueError(data.decode())
    return data


def midnight(date: datetime.date) -> str:
    """Write a date as PDFs do (ISO 32000-1, 7.9.4)."""
    return f"D:{date:%Y%m%d}000000Z"


def _asked(job: bytes, seconds: int) -> tuple[bytes, bytes]:
    press = _taken()
    try:
        answer = press.ask(job, seconds)
    except BaseException as fault:
        press.end()
        if isinstance(fault, TimeoutError):
            raise ValueError(HUNG) from None
        if isinstance(fault, OSError):
            raise ValueError(BROKE) from None
        raise
    with _lock:
        keep = len(_idle) < KEPT
        if keep:
            _idle.append(press)
    if not keep:
        press.end()
    return answer


def _taken() -> Press:
    with _lock:
        press = _idle.pop() if _idle else None
    if press and press.process.poll() is None:
        return press
    return Press()
