"""Shut a process off, for good, from what a letter has no need of: the network, other programs, much memory."""

import ctypes
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

MEMORY = 1536 * 1024 * 1024  # bytes of address space
WRITTEN = 256 * 1024 * 1024  # bytes of a file
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)
SHUT = (
    "socket.",
    "subprocess.",
    "ctypes.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.",
)


def shut() -> None:
    """Shut the door from inside, after everything that is needed was imported.

    1. Where the kernel lets us, the process is given a network of its own, with nothing in it.
    2. Python is told to refuse to make sockets and to start programs (PEP 578); that cannot be taken back.
    3. Its memory and its files have a limit, and a crash leaves no copy of a letter on disk.
    """
    with suppress(AttributeError, OSError):  # other systems have no unshare(2); containers may forbid it
        ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)
    sys.addaudithook(_refuse)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, WRITTEN)
    _limit(resource.RLIMIT_CORE, 0)


def _refuse(event: str, _: Sequence[Any]) -> None:
    if event.startswith(SHUT):
        raise PermissionError(f"A letter may not do {event}.")


def _limit(what: int, most: int) -> None:
    with suppress(ValueError, OSError):  # a lower limit from outside stays
        resource.setrlimit(what, (most, most))
