"""Take one job after the other from standard input, and answer on standard output, until nobody asks any more."""

import base64
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from pypdf import PdfWriter

from comms.channels.letter.press import enclosing, room, setting
from comms.channels.letter.press.protocol import LENGTH, MADE, REFUSED
from comms.channels.letter.press.refused import Refused

GRACE = 2  # seconds after which it ends by itself, if the one who asked did not end it


def serve() -> None:
    """Answer until standard input ends. Whatever else prints, prints to nowhere."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    room.shut()
    while head := asked.read(LENGTH.size):
        job = json.loads(asked.read(LENGTH.unpack(head)[0]))
        signal.alarm(job["seconds"] + GRACE)  # ends the process, whatever it is doing
        _answer(answers, job)
        signal.alarm(0)


def _answer(answers: BinaryIO, job: dict[str, Any]) -> None:
    try:
        kind, data = MADE, _made(job)
    except Refused as refused:
        kind, data = REFUSED, str(refused).encode()
    except MemoryError:
        raise  # it ends here: nobody knows what is left half done
    except Exception as fault:
        kind, data = REFUSED, setting.ours(type(fault).__name__).encode()
    answers.write(kind + LENGTH.pack(len(data)) + data)
    answers.flush()


def _made(job: dict[str, Any]) -> bytes:
    """Set the letter, then put its files behind it."""
    writer, written = PdfWriter(clone_from=setting.pages(job["html"], Path(job["fonts"]))), io.BytesIO()
    for name, data in job["files"]:
        enclosing.add(writer, name, base64.b64decode(data))
    writer.metadata = {
        "/Title": job["title"],
        "/Author": job["author"],
        "/CreationDate": job["date"],
        "/Producer": "Blockpost",
    }
    writer.write(written)
    return written.getvalue()
