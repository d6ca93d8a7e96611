"""Heads that were kept outside: the only witnesses against somebody who holds database and key."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from comms.ledger import checkpoint, keys, memory
from comms.ledger.checkpoint import Key, Note, Unreadable, public_of
from comms.ledger.report import Report
from comms.models import Log

LARGEST = 64 * 1024  # bytes of a file that may be a note


class Kept(NamedTuple):
    """What was kept outside: heads, each with the name of where it was, and public keys."""

    notes: tuple[tuple[str, Note], ...] = ()
    keys: tuple[Key, ...] = ()
    unreadable: tuple[str, ...] = ()


def folder(place: Path) -> Kept:
    """Read every file of a folder, and of those in it, that is a signed head or a public key."""
    notes, found, unreadable = [], [], []
    for path in sorted(one for one in place.rglob("*") if one.is_file()):
        text = path.read_bytes()[:LARGEST].decode(errors="replace").replace("\r\n", "\n")
        try:
            if "\n\n" in text:
                notes.append((path.name, checkpoint.read(text)))
            else:
                found.append(Key.read(text))
        except Unreadable:
            unreadable.append(path.name)
    return Kept(tuple(notes), tuple(found), tuple(unreadable))


def remembered(log: Log) -> tuple[tuple[str, Note], ...]:
    """Give what the sealer of this machine remembers of a log, where it remembers anything."""
    try:
        note = memory.last(log.origin)
    except (memory.NoMemory, Unreadable):
        return ()
    return (("the sealer's memory", note),) if note else ()


def own_key(report: Report, log: Log, known: Iterable[str]) -> None:
    """Find a log whose keys are not those of this machine's sealer."""
    try:
        mine = {public_of(key, log.origin).vkey() for key in keys.load()}
    except keys.KeyUnusable as unusable:
        report.remarks.append(str(unusable))
        return
    known = set(known)
    if mine and known and not mine & known:
        report.find("key", log.origin, "The sealing key of this machine is not among the keys of the log.")


def compare(
    report: Report, log: Log, kept: Iterable[tuple[str, Note]], roots: dict[int, bytes], size: int
) -> None:
    """Compare heads from outside with the log as it is now."""
    lost = _given_up(log)
    for place, note in kept:
        report.outside += 1
        about = f"{place}: {log.origin} at {note.head.size}"
        if note.head.size > size and note.head.size <= lost:
            report.remarks.append(f"{about}: the end of this log was lost, and the log after it says so.")
        elif note.head.size > size:
            report.find(
                "shorter",
                about,
                f"The log has {size} leaves and had {note.head.size} when that head was signed.",
            )
        elif roots.get(note.head.size) != note.head.root:
            report.find(
                "outside", about, "The log before that size is not what it was when that head was signed."
            )


def _given_up(log: Log) -> int:
    """Give how large a log was when the one after it was opened, by that one's account."""
    after = Log.objects.filter(organisation=log.organisation_id, number=log.number + 1).first()
    try:
        return checkpoint.read(after.former).head.size if after else 0
    except Unreadable:
        return 0
