"""Verify the record of an organisation: compute everything again and say what is not as it was recorded.

1. Every row has its leaf and says what the leaf says (checking_rows). 2. Every leaf has one place, or waits, and not for
long. 3. Places have no gap; the tree is what its leaves make it; every signed head is over what it says (checking_tree).
4. So are the heads that were kept outside (outside). 5. The guard of the database is whole (comms.checks).

`full` does all that for everything, `tail` for the newest 10,000 leaves, trusting the roots kept of what is before,
`sample` for so many leaves by chance, each with its proof. All of it sees the database at one moment.
"""

import datetime
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope

from comms.checks import guard_faults
from comms.ledger import checking_rows, checking_tree, merkle, outside
from comms.ledger.forms import BY_KIND
from comms.ledger.report import Progress, Report
from comms.ledger.tiles import WIDTH, Broken, Tree
from comms.models import Leaf, Log, LogKey, Pending, Seal
from portfolio.models import Organisation

TAIL = 10_000
LATE = datetime.timedelta(minutes=10)
NOTHING = outside.Kept()


@contextmanager
def one_moment() -> Iterator[None]:
    """See the database as it was at one moment, however long it takes."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def verify(
    organisation: Organisation,
    *,
    tail: bool = False,
    sample: int = 0,
    kept: outside.Kept = NOTHING,
    memory: bool = True,
    guard: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Verify all, the newest or some of an organisation's record, and all heads from outside that are given."""
    report = Report(**({"progress": progress} if progress else {}))  # type: ignore[arg-type]
    with scope(organisation=organisation), one_moment():
        if guard:
            _guard(report)
        _waiting(report)
        logs = list(Log.objects.order_by("number"))
        if sample:
            _sample(report, logs, sample)
        else:
            _rows(report, TAIL if tail else 0)
        for log in logs:
            _log(report, log, bool(tail or sample), kept, memory)
    return report


def _guard(report: Report) -> None:
    for fault in guard_faults(connection):
        report.find("guard", fault.id, fault.msg)


def _rows(report: Report, tail: int) -> None:
    checking_rows.all_rows(report, tail)
    checking_rows.contents(report, tail and 100)
    if not tail:
        checking_rows.parts(report)


def _waiting(report: Report) -> None:
    """Find leaves that neither have a place nor wait for one, and such as wait for too long."""
    lost = Leaf.objects.filter(seal__isnull=True, pending__isnull=True)
    for kind, row_id in lost.values_list("kind", "row_id")[:100]:
        report.find(
            "not sealed",
            f"{kind} number {row_id}",
            "Its leaf has no place in the log and does not wait for one.",
        )
    late = Pending.objects.filter(queued_at__lt=timezone.now() - LATE).count()
    if late:
        report.find("late", f"{late} leaves", "They have waited for more than ten minutes to be sealed.")


def _log(report: Report, log: Log, from_tail: bool, kept: outside.Kept, memory: bool) -> None:
    known = list(LogKey.objects.filter(log=log).values_list("vkey", flat=True))
    given = [key for key in kept.keys if key.name == log.origin]
    heads = checking_tree.heads(report, log)
    trusted = checking_tree.Trust(log, given)
    witnesses = [(place, note) for place, note in kept.notes if note.head.origin == log.origin]
    for _, note in heads:
        if note and given and not trusted.signed(note):
            report.find(
                "key", log.origin, "A checkpoint is not signed with the public key that was kept outside."
            )
            break
    for place, note in witnesses:
        if not any(note.is_signed_by(key) for key in [*trusted.keys, *trusted.later]):
            report.find(
                "outside", f"{place}: {log.origin}", "That head is not signed with a key of this log."
            )
    if memory:
        witnesses += outside.remembered(log)
        outside.own_key(report, log, known)
    top = _size(log)
    first = max(0, top - TAIL) // WIDTH * WIDTH if from_tail else 0
    wanted = {row.size for row, _ in heads} | {note.head.size for _, note in witnesses}
    roots = checking_tree.walk(report, log, first, wanted)
    report.size = top
    roots |= _earlier(
        report, log, {size for size in wanted if size < first and _asked(size, heads, witnesses)}
    )
    _heads_hold(report, log, heads, roots, first, top)
    outside.compare(report, log, witnesses, roots, top)


def _size(log: Log) -> int:
    last = Seal.objects.filter(log=log).order_by("seq").values_list("seq", flat=True).last()
    return 0 if last is None else last + 1


def _asked(size: int, heads: list, witnesses: list) -> bool:
    """Say whether a root before the tail is worth computing: for the newest head and for those from outside."""
    return any(note.head.size == size for _, note in witnesses) or bool(heads and heads[-1][0].size == size)


def _earlier(report: Report, log: Log, sizes: set[int]) -> dict[int, bytes]:
    tree, found = Tree(log), {}
    try:
        for size in sizes:
            found[size] = tree.root(size)
    except Broken as broken:
        report.find("tile missing", log.origin, str(broken))
    return found


def _heads_hold(report: Report, log: Log, heads: list, roots: dict[int, bytes], first: int, top: int) -> None:
    for row, _ in heads:
        about = f"checkpoint {row.number} of {log.origin}"
        if row.size > top:
            report.find("shorter", about, f"The log has {top} leaves and had {row.size} when it was signed.")
        elif (row.size >= first or row.size in roots) and roots.get(row.size) != bytes(row.root):
            report.find("root", about, f"The first {row.size} leaves are not those that were signed.")


def _sample(report: Report, logs: list[Log], count: int) -> None:
    """Check leaves by chance: against their rows, and by their proofs against the log's newest root."""
    for log in logs:
        size = _size(log)
        if not size:
            continue
        tree = Tree(log)
        root = tree.root(size)
        for place in {secrets.randbelow(size) for _ in range(count)}:
            report.leaves += 1
            _one(report, log, tree, place, size, root)


def _one(report: Report, log: Log, tree: Tree, place: int, size: int, root: bytes) -> None:
    seal = Seal.objects.filter(log=log, seq=place).select_related("leaf").first()
    if seal is None:
        report.find("gap", f"{log.origin} {place}", f"Nothing is at place {place} of the log.")
        return
    kept: Leaf = seal.leaf
    try:
        proof = merkle.inclusion(place, size, tree.perfect)
        merkle.check_inclusion(bytes(kept.hash), place, size, proof, root)
    except (merkle.Unproven, Broken):
        report.find("proof", f"{log.origin} {place}", f"The leaf at place {place} is not in the tree.")
    form = BY_KIND[kept.kind]
    rows = list(form.rows().filter(pk=kept.row_id))
    found = {kept.row_id: (bytes(kept.data), bytes(kept.hash), bytes(kept.salts))}
    checking_rows.one_batch(report, form, rows, found)
