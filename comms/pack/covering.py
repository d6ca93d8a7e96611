"""See that the rows of a pack are under a signed head before it is made: seal, sign, and wait for whoever does."""

import time
from collections.abc import Callable

from django.db import connection

from comms.ledger import sealer
from comms.pack.scope import Scope
from portfolio.models import Organisation

PAUSE = 2  # seconds between two looks
PATIENCE = 150  # seconds: a head is signed once a minute, by whoever holds the key
UNCOVERED = """
WITH heads AS (SELECT log_id, max(size) AS size FROM comms_checkpoint WHERE organisation_id = %(of)s GROUP BY log_id),
wanted AS (
    SELECT 'entry' AS kind, unnest(%(entries)s::bigint[]) AS row_id
    UNION ALL
    SELECT 'event', v.id FROM comms_deliveryevent v WHERE v.entry_id = ANY(%(entries)s)
    UNION ALL
    SELECT 'ticket', c.id FROM comms_ticketchange c JOIN comms_ticket t ON t.id = c.ticket_id
    WHERE t.entry_id = ANY(%(entries)s)
       OR t.id IN (SELECT e.ticket_id FROM comms_logentry e WHERE e.id = ANY(%(entries)s)))
SELECT count(*) FROM wanted w
JOIN comms_leaf l ON l.organisation_id = %(of)s AND l.kind = w.kind AND l.row_id = w.row_id
LEFT JOIN comms_seal s ON s.leaf_id = l.id
LEFT JOIN heads h ON h.log_id = s.log_id AND s.seq < h.size
WHERE h.log_id IS NULL
"""


def uncovered(organisation: Organisation, scope: Scope) -> int:
    """Count the rows of a pack that no signed head covers."""
    with connection.cursor() as cursor:
        cursor.execute(UNCOVERED, {"of": organisation.pk, "entries": scope.keys})
        count: int = cursor.fetchone()[0]
    return count


def wait(
    organisation: Organisation,
    scope: Scope,
    seconds: float = PATIENCE,
    tell: Callable[[str], None] = lambda words: None,
) -> int:
    """Seal and sign until all is covered or the time is over; give how many rows are not. Needs the scope."""
    ends = time.monotonic() + seconds
    while left := uncovered(organisation, scope):
        obstacle = sealer.help_along(organisation)
        if obstacle or time.monotonic() >= ends:
            tell(obstacle)
            return uncovered(organisation, scope)
        if uncovered(organisation, scope):
            tell(f"{left} rows wait to be under a signed head. Heads are signed once a minute.")
            time.sleep(PAUSE)
    return 0
