"""Give each leaf its place in its organisation's log, off the path of those who write.

1. Take the log's lock (PostgreSQL, for the transaction); if somebody has it, stop.
2. Take up to 5,000 leaves that wait. They wait in a table that a trigger fills: never is anything looked for above the
   last number, since numbers become visible in the order of commits, and some would be passed over for good.
3. Give them the next places, without a gap, and keep the subtrees that have become full.
4. Commit. A sealer that dies before has done nothing.
"""

import uuid
import zlib
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django_scopes import scope

from comms.ledger import leaf
from comms.ledger.tiles import Tree
from comms.models import Leaf, Log, Pending, Seal, Tile
from portfolio.models import Organisation

BATCH = 5_000
LOCK = zlib.crc32(b"seal") & 0x7FFFFFFF
PLACE = """
WITH next AS (
    SELECT p.leaf_id FROM comms_pending p WHERE p.organisation_id = %(organisation)s ORDER BY p.leaf_id LIMIT %(batch)s
), taken AS (
    DELETE FROM comms_pending p USING next WHERE p.leaf_id = next.leaf_id RETURNING p.leaf_id
)
INSERT INTO comms_seal (leaf_id, organisation_id, log_id, seq, hash)
SELECT l.id, l.organisation_id, %(log)s, %(size)s + row_number() OVER (ORDER BY l.id) - 1, l.hash
FROM taken JOIN comms_leaf l ON l.id = taken.leaf_id AND l.organisation_id = %(organisation)s
WHERE NOT EXISTS (SELECT 1 FROM comms_seal s WHERE s.leaf_id = l.id)
RETURNING seq, hash
"""


def waiting() -> list[Organisation]:
    """List the organisations that have leaves to be sealed."""
    with connection.cursor() as cursor:
        # One step along the index for each of them, however many leaves wait.
        cursor.execute(
            "SELECT o.id FROM portfolio_organisation o"
            " WHERE EXISTS (SELECT 1 FROM comms_pending p WHERE p.organisation_id = o.id)"
        )
        found = [row[0] for row in cursor.fetchall()]
    return list(Organisation.objects.filter(pk__in=found).order_by("pk"))


def seal(organisation: Organisation) -> int:
    """Seal what waits; give how many leaves that were."""
    count = 0
    with scope(organisation=organisation):
        while done := _batch(organisation):
            count += done
            if done < BATCH:
                break
    return count


@transaction.atomic
def _batch(organisation: Organisation) -> int:
    if not locked(organisation):
        return 0
    log = current(organisation) or open_log(organisation)
    return _place(log, BATCH)


def _place(log: Log, batch: int) -> int:
    first = size(log)
    facts = {"organisation": log.organisation_id, "log": log.pk, "size": first, "batch": batch}
    with connection.cursor() as cursor:
        cursor.execute(PLACE, facts)
        hashes = [bytes(found) for _, found in sorted(cursor.fetchall())]
    Tile.objects.bulk_create(Tree(log).grown(first, hashes))
    return len(hashes)


def locked(organisation: Organisation, wait: bool = False) -> bool:
    """Take the lock of an organisation's log until the end of the transaction; false where somebody has it."""
    asked = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}(%s, %s)", [LOCK, organisation.pk])
        return wait or bool(cursor.fetchone()[0])


def current(organisation: Organisation) -> Log | None:
    """Give the log that is written to."""
    found: Log | None = Log.objects.filter(organisation=organisation).order_by("number").last()
    return found


def size(log: Log) -> int:
    """Give how many leaves are sealed in a log."""
    last = Seal.objects.filter(log=log).order_by("seq").values_list("seq", flat=True).last()
    return 0 if last is None else last + 1


@transaction.atomic
def open_log(organisation: Organisation, reason: str = "", former: str = "") -> Log:
    """Open a log. Its first leaf says so, with the head of the one before; the caller has the lock."""
    before = current(organisation)
    opaque = uuid.uuid4()
    host = settings.LOG_HOST or urlsplit(settings.BASE_URL).netloc
    log: Log = Log.objects.create(
        organisation=organisation,
        public_id=opaque,
        number=before.number + 1 if before else 1,
        origin=f"{host}/log/{opaque.hex}",
        reason=reason,
        former=former,
    )
    leaf.write([log])
    opening = Leaf.objects.get(kind=Leaf.Kind.LOG, row_id=log.pk)
    Pending.objects.filter(leaf=opening).delete()
    Seal.objects.create(leaf=opening, organisation=organisation, log=log, seq=0, hash=bytes(opening.hash))
    return log
