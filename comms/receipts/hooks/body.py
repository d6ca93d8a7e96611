"""Read the body of a post, byte for byte, and know whether the whole of it came.

What is large comes in through a file, and only one such is in memory at a time in each process: to check and to keep a
body takes some three times its size.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from comms.receipts.hooks.came import NotNow

PIECE = 64 * 1024  # bytes
IN_MEMORY = 1024 * 1024  # bytes; what is longer comes in through a file
BEGINNING = 1024 * 1024  # bytes kept of what is too large
LARGE = 4 * 1024 * 1024  # bytes
WAIT = 20  # seconds for the one before
ONE_AT_A_TIME = threading.BoundedSemaphore(1)


class TooLarge(Exception):
    """Raised for a body that is longer than may be posted."""


class CutShort(Exception):
    """Raised for a body of which not all came: kept as it is, a cut mail would never come again."""


class Empty(Exception):
    """Raised for a post without a body."""


def read(environ: Mapping[str, Any], most: int) -> IO[bytes]:
    """Take a body in, and give it as a file at its beginning.

    Raises TooLarge before anything is read where its length is told, else after `most` bytes; CutShort where it ends
    before the length that was told, or before the end of its last piece; Empty where there is none.
    """
    told = length(environ)
    if told is not None and told > most:
        raise TooLarge
    held = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever asked for it closes it)
    for piece in _pieces(environ["wsgi.input"], most + 1 if told is None else told):
        held.write(piece)
    came = held.tell()
    if told is None and came > most:
        raise TooLarge
    if told is not None and came < told:
        raise CutShort
    if not came:
        raise Empty
    held.seek(0)
    return held


@contextmanager
def loaded(held: IO[bytes]) -> Iterator[bytes]:
    """Give the whole body. Raises NotNow where another large one takes too long."""
    large = held.seek(0, os.SEEK_END) > LARGE
    held.seek(0)
    if large and not ONE_AT_A_TIME.acquire(timeout=WAIT):
        raise NotNow("Another large post is being kept.")
    try:
        yield held.read()
    finally:
        if large:
            ONE_AT_A_TIME.release()


def beginning(environ: Mapping[str, Any]) -> tuple[bytes, int]:
    """Give the beginning of a body of which nothing was read, and how long it is; (b"", 0) where that is not told."""
    told = length(environ) or 0
    return b"".join(_pieces(environ["wsgi.input"], min(told, BEGINNING))), told


def length(environ: Mapping[str, Any]) -> int | None:
    """Give the length that was told; None for a body in pieces that say where it ends (RFC 9112, section 7.1)."""
    told = environ.get("CONTENT_LENGTH") or ""
    if not told and environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"):
        return None
    if told and not (told.isascii() and told.isdigit()):
        raise CutShort
    return int(told or "0")


def _pieces(stream: IO[bytes], left: int) -> Iterator[bytes]:
    """Give what comes, and no more than is told: behind it stands what is posted next."""
    while left:
        try:
            piece = stream.read(min(PIECE, left))
        except Exception as fault:  # each server has its own for a line that broke
            raise CutShort from fault
        if not piece:
            return
        left -= len(piece)
        yield piece
