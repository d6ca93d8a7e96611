"""The log as a CSV file: exactly what is filtered, in the page's order, of any size.

(1) While the organisation's scope is open, the SQL is compiled and the start of the export is recorded.
(2) PostgreSQL writes the CSV itself (COPY) and the file passes through in pieces, so that memory stays
flat. (3) The end is recorded, with the rows, the bytes and their SHA-256; or that it was broken off.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django_scopes import scope

from comms.ledger import leaf
from comms.log.keyset import Order, arrange, keyed
from comms.models import Communication, Delivery, ExportRecord
from portfolio.models import Organisation, User

PIECE = 64 * 1024
PHASE = ExportRecord.Phase
# = + - @, tab, line ends, and the full-width forms: what a spreadsheet would take for a formula.
FORMULA = (61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312)


def safe(column: str) -> str:
    """Give the SQL for a text that a spreadsheet must not run: an apostrophe comes before what could be."""
    starts = ", ".join(map(str, FORMULA))
    return f"CASE WHEN ascii({column}) IN ({starts}) THEN '''' || {column} ELSE {column} END"


def address(column: str) -> str:
    """Give the SQL for an address. British phones are written nationally, as +44… would get an apostrophe."""
    national = rf"CASE WHEN {column} ~ '^\+44\d{{9,10}}$' THEN '0' || substr({column}, 4) ELSE {column} END"
    return safe(f"({national})")


def word(column: str, choices: list[tuple[str, str]]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in choices)
    return f"CASE {column} {whens} ELSE {column} END"


def utc(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


LOCAL = """to_char(d.at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')"""  # in the zone that the session is set to
COLUMNS = {
    "entry": "e.public_id",
    "sent_at_utc": utc("d.at"),
    "sent_at_local": LOCAL,
    "recorded_at_utc": utc("e.recorded_at"),
    "recipient": safe("e.to_name"),
    "address": address("e.to_address"),
    "channel": safe("d.channel"),
    "manual": "CASE WHEN d.manual THEN 'yes' ELSE 'no' END",
    "title": safe("e.title"),
    "block": safe("coalesce(nullif(e.block_label, ''), b.name)"),
    "unit": safe("coalesce(nullif(e.unit_label, ''), u.name)"),
    "contact": safe("coalesce(nullif(e.contact_label, ''), c.name)"),
    "regarding": safe("coalesce(nullif(e.regarding_label, ''), r.name)"),
    "communication": "m.public_id",
    "reference_type": safe("d.reference_type"),
    "reference": safe("d.reference"),
    "sent_by": safe("d.sender_label"),
    "status": word("d.status", Delivery.Status.choices),
    "bounce": "d.bounce",
    "reason": safe("d.reason"),
    "status_at_utc": utc("d.status_at"),
    "type": word("d.type", Communication.Type.choices),
    "template": safe("e.template_label"),
    "corrects": "(SELECT x.public_id FROM comms_logentry x WHERE x.id = e.corrects_id)",
    "corrected_by": (
        "(SELECT string_agg(x.public_id::text, ' ' ORDER BY x.id) FROM comms_logentry x WHERE x.corrects_id = e.id)"
    ),
    "message_id": safe("e.message_id"),
    "sha256": "e.sha256",
}


def sql(queryset: QuerySet[Delivery], order: Order) -> tuple[str, tuple[Any, ...]]:
    """Compile the file's query: filtered deliveries in an order. Needs the scope."""
    keys, params = arrange(keyed(queryset, order), order).query.sql_with_params()
    down = "DESC" if order.descending else "ASC"
    sorting = (
        f"d.at {down}, d.entry_id {down}" if order.dated else f"d.sort_key {down} NULLS LAST, d.entry_id DESC"
    )
    columns = ", ".join(f'{expression} AS "{name}"' for name, expression in COLUMNS.items())
    return (
        f"""SELECT {columns} FROM ({keys}) AS d
        JOIN comms_logentry e ON e.id = d.entry_id
        LEFT JOIN portfolio_block b ON b.id = d.block_id
        LEFT JOIN portfolio_unit u ON u.id = d.unit_id
        LEFT JOIN contacts_contact c ON c.id = d.contact_id
        LEFT JOIN contacts_contact r ON r.id = d.regarding_id
        LEFT JOIN comms_communication m ON m.id = d.communication_id
        ORDER BY {sorting}""",  # noqa: S608
        params,
    )


@dataclass
class Export:
    """One taking of the log, from its start to its end."""

    organisation: Organisation
    user: User
    filters: dict[str, list[str]]
    query: tuple[str, tuple[Any, ...]]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    rows: int = 0
    size: int = 0
    sha256: str = ""

    @classmethod
    def start(
        cls,
        organisation: Organisation,
        user: User,
        filters: dict[str, list[str]],
        queryset: QuerySet[Delivery],
        order: Order,
    ) -> "Export":
        """Compile the query and record that it is taken, before the first byte."""
        export = cls(organisation, user, filters, sql(queryset, order))
        export._record(PHASE.STARTED)
        return export

    def stream(self) -> Iterator[bytes]:
        """Give the file piece by piece, and record how it ended."""
        ended = PHASE.BROKEN_OFF
        try:
            yield from self._pieces()
            ended = PHASE.FINISHED
        finally:
            self._record(ended, rows=self.rows, size=self.size, sha256=self.sha256)

    def _pieces(self) -> Iterator[bytes]:
        query, params = self.query
        digest, piece = hashlib.sha256(), bytearray()
        # A connection of its own: one whose download is broken off in the middle is lost.
        own = connection.copy()
        own.inc_thread_sharing()
        try:
            with own.cursor() as cursor:
                # The page's order from its index rather than a sort of everything: the file starts at once.
                cursor.execute(
                    "SELECT set_config('TimeZone', %s, false), set_config('enable_sort', 'off', false),"
                    " set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)",
                    [self.organisation.time_zone],
                )
                statement = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER true)"
                with cursor.cursor.copy(statement, params) as copy:
                    for part in copy:
                        self.rows += 1  # PostgreSQL hands over one row at a time
                        piece += part
                        if len(piece) >= PIECE:
                            yield self._passed(digest, piece)
                            piece.clear()
        finally:
            own.close()
        self.rows -= 1  # the heads
        if piece:
            yield self._passed(digest, piece)
        self.sha256 = digest.hexdigest()

    def _passed(self, digest: Any, piece: bytearray) -> bytes:
        digest.update(piece)
        self.size += len(piece)
        return bytes(piece)

    def _record(self, phase: str, **facts: Any) -> None:
        with scope(organisation=self.organisation), transaction.atomic():
            record = ExportRecord.objects.create(
                organisation=self.organisation,
                export=self.id,
                phase=phase,
                user=self.user,
                filters=self.filters,
                **facts,
            )
            leaf.write([record])
