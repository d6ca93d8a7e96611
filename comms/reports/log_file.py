"""Make a file of the log: straight into somebody's hands, or in the background for later."""

import datetime
from collections.abc import Callable
from contextlib import closing
from typing import BinaryIO

from django.utils import timezone

from comms.exports import store
from comms.exports.making import Made, Progress
from comms.models import Export
from comms.reports import about, spreadsheet
from comms.reports.asked import MEDIA_TYPES, XLSX, Asked
from comms.reports.export import Taking
from portfolio.models import Organisation, User


def ask(organisation: Organisation, asked: Asked, by: User, title: str = "The log") -> Export:
    """Ask for a file that is made in the background."""
    made: Export = Export.objects.create(
        organisation=organisation,
        kind=Export.Kind.LOG,
        title=title,
        params=asked.params,
        requested_by=by,
    )
    return made


def make(export: Export, out: BinaryIO, progress: Progress) -> Made:
    """Make the file that was asked for; dates like "Last 7 days" are those of the day on which it was."""
    asked, at = Asked.of_params(export.params), export.requested_at
    total = asked.filter(export.organisation, at).qs.order_by().count()
    taking = asked.taking(export.organisation, export.requested_by, at, export.public_id).start()
    write(taking, asked, at, out, lambda done: progress(done, total))
    return Made(asked.name(export.organisation, at), MEDIA_TYPES[asked.format], taking.rows)


def write(
    taking: Taking,
    asked: Asked,
    at: datetime.datetime,
    out: BinaryIO,
    said: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the file in its format, and record how that ended."""
    if asked.format == XLSX:
        _spreadsheet(taking, asked, at, out, said)
        return
    with closing(taking.stream()) as pieces:
        for piece in pieces:
            out.write(piece)
            said(taking.rows)


def _spreadsheet(
    taking: Taking, asked: Asked, at: datetime.datetime, out: BinaryIO, said: Callable[[int], None]
) -> None:
    words = asked.words(taking.organisation, at)
    with taking.recorded():
        spreadsheet.write(
            out,
            asked.columns,
            taking.cells(),
            lambda: about.facts(
                taking.organisation, by=str(taking.user), at=timezone.now(), words=words, rows=taking.rows
            ),
            said,
        )
        taking.sha256, taking.size = store.measure(out)
