"""The sealer's own memory, outside the database: the last head that it signed of each log.

A database can be set back, by a restore or by whoever owns it; the sealer must not sign what does not continue what
it has signed before (C2SP tlog-checkpoint: a log must not sign inconsistent checkpoints).
"""

import hashlib
import os
from pathlib import Path

from django.conf import settings

from comms.ledger import checkpoint


class NoMemory(RuntimeError):
    """Raised where no folder for the memory is set or it cannot be used."""


def folder() -> Path:
    """Give where it is: SEALER_MEMORY, else beside the key's file. Raises NoMemory."""
    if settings.SEALER_MEMORY:
        return Path(settings.SEALER_MEMORY)
    if settings.SEALING_KEY_FILE:
        return Path(settings.SEALING_KEY_FILE).with_name("sealer-memory")
    raise NoMemory("Set SEALER_MEMORY to a folder for the sealer's memory, outside the database.")


def last(origin: str) -> checkpoint.Note | None:
    """Give the last head that was signed here of a log. Raises NoMemory, checkpoint.Unreadable."""
    found = text(origin)
    return checkpoint.read(found) if found else None


def text(origin: str) -> str:
    """Give the note of the last head; empty where there is none. Raises NoMemory."""
    try:
        return _file(origin).read_text()
    except FileNotFoundError:
        return ""
    except OSError as fault:
        raise NoMemory(f"The sealer's memory cannot be read: {fault.strerror}.") from fault


def remember(note: str) -> None:
    """Put a signed head on disk, whole or not at all. Raises NoMemory."""
    place = _file(checkpoint.read(note).head.origin)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = place.with_suffix(f".{os.getpid()}")
        with open(making, "w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        os.replace(making, place)
    except OSError as fault:
        raise NoMemory(f"The sealer's memory cannot be written: {fault.strerror}.") from fault


def _file(origin: str) -> Path:
    return folder() / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.note"
