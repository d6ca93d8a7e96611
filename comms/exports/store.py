"""Where files wait for those who asked for them. None is the record: each can be made again, and is gone after a while."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from django.core.files.base import File
from django.core.files.storage import storages

from comms.models import Export

STORE = "exports"  # the alias among Django's storages
PIECE = 256 * 1024


class Kept(NamedTuple):
    file: str  # its name in the store
    size: int
    sha256: str


def keep(export: Export, source: BinaryIO) -> Kept:
    """Put a file into the store, in pieces; give where, how long it is and its SHA-256."""
    sha256, size = measure(source)
    name = f"{export.organisation_id}/{export.public_id.hex}-{export.attempts}"
    return Kept(storages[STORE].save(name, File(source)), size, sha256)


def measure(source: BinaryIO) -> tuple[str, int]:
    """Give the SHA-256 of a file and its length in bytes; it then stands at its beginning again."""
    source.seek(0)
    digest = hashlib.sha256()
    for piece in iter(lambda: source.read(PIECE), b""):
        digest.update(piece)
    size = source.tell()
    source.seek(0)
    return digest.hexdigest(), size


def pieces(export: Export) -> Iterator[bytes]:
    """Give a file piece by piece, so that it may be of any size."""
    with storages[STORE].open(export.file) as file:
        yield from iter(lambda: file.read(PIECE), b"")


def is_there(export: Export) -> bool:
    return bool(export.file) and storages[STORE].exists(export.file)


def drop(file: str) -> None:
    """Take a file out of the store; one that is not there is gone already."""
    if file:
        storages[STORE].delete(file)
