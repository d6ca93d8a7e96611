"""Compute a log's tree again from its leaves, and compare it with what is kept and with what was signed."""

from collections.abc import Iterator

from comms.ledger import checkpoint, merkle, publishing
from comms.ledger.checkpoint import Key, Note, Unreadable
from comms.ledger.report import Report
from comms.ledger.tiles import WIDTH, Broken, Tree
from comms.models import Checkpoint, Log, LogKey, Seal, Tile

BATCH = 20_000


def walk(report: Report, log: Log, first: int, wanted: set[int]) -> dict[int, bytes]:
    """Check places and full subtrees from a place on (a multiple of 256); give the roots at the sizes wanted.

    What is before the place is taken from the tiles.
    """
    grown, roots, full = begin(report, log, first), {}, []
    expected, chunk = first, merkle.Range()
    if 0 in wanted:
        roots[0] = merkle.EMPTY
    for seq, hashed in places(report, log, first):
        if seq != expected:
            report.find(
                "gap", f"{log.origin} {expected}", f"The places of the log jump from {expected} to {seq}."
            )
            expected = seq
        expected += 1
        report.leaves += 1
        grown.add(hashed)
        chunk.add(hashed)
        if grown.size in wanted:
            roots[grown.size] = grown.root()
        if chunk.size == WIDTH:
            full.append(chunk.root())
            chunk = merkle.Range()
        if not report.leaves % BATCH:
            report.progress(report.leaves, 0)
    _tiles(report, log, full, first // WIDTH)
    report.size = grown.size
    return roots


def begin(report: Report, log: Log, first: int) -> merkle.Range:
    """Give the subtrees of all that is before a place."""
    grown, tree = merkle.Range(), Tree(log)
    try:
        for height, index in merkle.peaks(first):
            grown.add(tree.perfect(height, index), height)
    except Broken as broken:
        report.find("tile missing", log.origin, str(broken))
    return grown


def places(report: Report, log: Log, first: int) -> Iterator[tuple[int, bytes]]:
    """Give places and hashes in order, after comparing each with its leaf."""
    last = first - 1
    while True:
        rows = list(
            Seal.objects.filter(log=log, seq__gt=last)
            .order_by("seq")
            .values_list("seq", "hash", "leaf__hash", "leaf__organisation_id")[:BATCH]
        )
        for seq, hashed, of_leaf, organisation in rows:
            if of_leaf is None or bytes(of_leaf) != bytes(hashed):
                report.find(
                    "seal altered", f"{log.origin} {seq}", f"Place {seq} does not hold the hash of its leaf."
                )
            elif organisation != log.organisation_id:
                report.find(
                    "seal altered", f"{log.origin} {seq}", f"The leaf at place {seq} is another firm's."
                )
            yield seq, bytes(hashed)
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def _tiles(report: Report, log: Log, full: list[bytes], start: int) -> None:
    """Compare the kept roots of full subtrees with those that were just computed, level by level."""
    level = 1
    while True:
        kept = {
            index: bytes(found)
            for index, found in Tile.objects.filter(log=log, level=level, index__gte=start).values_list(
                "index", "hash"
            )
        }
        for place, computed in enumerate(full, start):
            if kept.pop(place, None) != computed:
                report.find(
                    "tile altered",
                    f"{log.origin} {level}/{place}",
                    "The root of a full subtree is not its root.",
                )
        for place in kept:
            report.find(
                "tile altered",
                f"{log.origin} {level}/{place}",
                "A subtree is kept that the log does not have.",
            )
        if not full and not kept:
            return
        before = _before(log, level, start)
        whole, start, level = before + full, (start - len(before)) // WIDTH, level + 1
        full = [merkle.root_of(whole[at : at + WIDTH]) for at in range(0, len(whole) - WIDTH + 1, WIDTH)]


def _before(log: Log, level: int, start: int) -> list[bytes]:
    rows = Tile.objects.filter(log=log, level=level, index__gte=start - start % WIDTH, index__lt=start)
    return [bytes(found) for found in rows.order_by("index").values_list("hash", flat=True)]


def heads(report: Report, log: Log) -> list[tuple[Checkpoint, Note | None]]:
    """Check the stored checkpoints as far as that needs no tree: numbers, columns, signatures."""
    found: list[tuple[Checkpoint, Note | None]] = []
    trusted = Trust(log)
    size = 0
    for number, row in enumerate(Checkpoint.objects.filter(log=log).order_by("number", "pk"), 1):
        about = f"checkpoint {row.number} of {log.origin}"
        report.checkpoints += 1
        if row.number != number:
            report.find("checkpoint missing", about, f"Checkpoint {number} is missing.")
            return found
        note = _note(report, about, row, log)
        if note and not trusted.signed(note):
            report.find("signature", about, "It is not signed with a key of this log.")
        if row.size < size:
            report.find("checkpoint altered", about, "It is over fewer leaves than the one before.")
        size = row.size
        found.append((row, note))
    if found:
        report.note = found[-1][0].note
    return found


def _note(report: Report, about: str, row: Checkpoint, log: Log) -> Note | None:
    try:
        note = checkpoint.read(row.note)
    except Unreadable as wrong:
        report.find("checkpoint altered", about, str(wrong))
        return None
    head = note.head
    if (head.origin, head.size, head.root) != (log.origin, row.size, bytes(row.root)):
        report.find("checkpoint altered", about, "The row does not say what its signed note says.")
    return note


class Trust:
    """The keys of a log: the first, and each that has signed beside one that was trusted before it."""

    def __init__(self, log: Log, given: list[Key] | None = None) -> None:
        self.later: list[Key] = []
        keys = []
        for vkey in LogKey.objects.filter(log=log).order_by("pk").values_list("vkey", flat=True):
            try:
                keys.append(Key.read(vkey))
            except Unreadable:
                continue
        self.keys = given or keys[:1]
        self.later = [key for key in keys if key not in self.keys]

    def signed(self, note: Note) -> bool:
        """Say whether a note is signed with a trusted key; a new key beside it is trusted from then on."""
        if not any(note.is_signed_by(key) for key in self.keys):
            return False
        fresh = [key for key in self.later if publishing.both(note, key, self.keys)]
        self.keys += fresh
        self.later = [key for key in self.later if key not in fresh]
        return True
