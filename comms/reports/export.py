"""The log as a file: exactly what is filtered, in the page's order, of any size.

(1) While the organisation's scope is open, the SQL is compiled and the start of the export is recorded.
(2) PostgreSQL writes the CSV itself (COPY), or gives the rows of a spreadsheet from a cursor, and they pass
through in pieces, so that memory stays flat. (3) The end is recorded, with the rows, the bytes and their
SHA-256; or that it was broken off.
"""

import hashlib
import uuid
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django_scopes import scope

from comms.ledger import leaf
from comms.log.keyset import Order, arrange, keyed
from comms.models import Delivery, ExportRecord
from comms.reports.columns import ALL, COLUMNS
from portfolio.models import Organisation, User

PIECE = 64 * 1024
ROWS = 2_000  # that a cursor fetches at once
PHASE = ExportRecord.Phase
# The page's order from its index rather than a sort of everything: the file starts at once.
SESSION = (
    "SELECT set_config('TimeZone', %s, false), set_config('enable_sort', 'off', false),"
    " set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)"
)


def sql(
    queryset: QuerySet[Delivery], order: Order, columns: Iterable[str] = ALL, *, as_text: bool = False
) -> tuple[str, tuple[Any, ...]]:
    """Compile the file's query: filtered deliveries in an order. Needs the scope.

    `as_text` is for cells that nothing interprets; else what a spreadsheet could run is made harmless.
    """
    keys, params = arrange(keyed(queryset, order), order).query.sql_with_params()
    down = "DESC" if order.descending else "ASC"
    sorting = (
        f"d.at {down}, d.entry_id {down}" if order.dated else f"d.sort_key {down} NULLS LAST, d.entry_id DESC"
    )
    selected = ", ".join(
        f'{COLUMNS[name].sql if as_text else COLUMNS[name].csv()} AS "{name}"' for name in columns
    )
    return (
        f"""SELECT {selected} FROM ({keys}) AS d
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
class Taking:
    """One taking of the log, from its start to its end."""

    organisation: Organisation
    user: User
    filters: dict[str, list[str]]
    query: tuple[str, tuple[Any, ...]]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    rows: int = 0
    size: int = 0
    sha256: str = ""

    def start(self) -> "Taking":
        """Record that it is taken, before the first byte; once, also where a job is begun again."""
        if not ExportRecord.objects.filter(export=self.id, phase=PHASE.STARTED).exists():
            self._record(PHASE.STARTED)
        return self

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record how what is inside ended."""
        ended = PHASE.BROKEN_OFF
        try:
            yield
            ended = PHASE.FINISHED
        finally:
            self._record(ended, rows=self.rows, size=self.size, sha256=self.sha256)

    def stream(self) -> Generator[bytes, None, None]:
        """Give the CSV piece by piece, and record how it ended."""
        with self.recorded():
            yield from self._pieces()

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """Give the rows, as the columns' values; who writes them records the end."""
        with self._connection() as own:
            own.set_autocommit(False)  # else PostgreSQL would keep the whole result for after the transaction
            with own.chunked_cursor() as cursor:
                cursor.itersize = ROWS
                cursor.execute(*self.query)
                yield from self._counted(cursor)

    def _counted(self, cursor: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in cursor:
            self.rows += 1
            yield row

    def _pieces(self) -> Iterator[bytes]:
        query, params = self.query
        digest, piece = hashlib.sha256(), bytearray()
        with self._connection() as own, own.cursor() as cursor:
            statement = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER true)"
            with cursor.cursor.copy(statement, params) as copy:
                for part in copy:
                    self.rows += 1  # PostgreSQL hands over one row at a time
                    piece += part
                    if len(piece) >= PIECE:
                        yield self._passed(digest, piece)
                        piece.clear()
        self.rows -= 1  # the heads
        if piece:
            yield self._passed(digest, piece)
        self.sha256 = digest.hexdigest()

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """Open a connection of its own: one whose download is broken off in the middle is lost."""
        own = connection.copy()
        own.inc_thread_sharing()
        try:
            with own.cursor() as cursor:
                cursor.execute(SESSION, [self.organisation.time_zone])
            yield own
        finally:
            own.close()

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
