"""What a person sees first: what needs somebody, what failed, what goes out now and next. Each is bounded."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from comms.models import Communication, Delivery, Ticket
from comms.reports.charts import Chart, Column, columns
from comms.reports.tally import Tally

WRONG = ("bounced", "dropped", "failed", "spam", "unconfirmed")  # in the order in which they are told
SHOWN = 6
LATELY = datetime.timedelta(days=7)
DAYS = 14


@dataclass
class Going:
    """A communication with how far it is."""

    communication: Communication
    tally: Tally


@dataclass
class Failed:
    """A communication of which something went wrong lately."""

    communication: Communication
    arrived: int  # by the other side's word; what was merely handed over is not counted
    people: int
    wrong: list[tuple[str, int]]  # status, how many
    tickets: list[Ticket] = field(default_factory=list)


class Day(NamedTuple):
    day: datetime.date
    sent: int
    wrong: int


def tickets() -> list[Ticket]:
    """List the most urgent tickets that are not closed."""
    found = Ticket.objects.unsettled().select_related("block", "unit", "contact", "organisation", "assignee")
    return list(found.order_by("due_on", "id")[:SHOWN])


def going() -> list[Going]:
    """List what is being sent now, the one that began first above."""
    found = Communication.objects.filter(status=Communication.Status.SENDING)
    rows = list(found.select_related("block", "unit__block", "organisation").order_by("started_at")[:SHOWN])
    counts = _by_status(rows)
    return [Going(row, Tally(counts[row.pk])) for row in rows]


def next_out() -> list[Communication]:
    """List what is scheduled, the soonest first, with how many people it goes to; one more than is shown."""
    found = Communication.objects.filter(status=Communication.Status.SCHEDULED)
    found = found.select_related("block", "unit__block", "organisation").annotate(people=Count("recipients"))
    return list(found.order_by("scheduled_at", "id")[: SHOWN + 1])


def failed(now: datetime.datetime) -> list[Failed]:
    """List the communications of which something went wrong in the last seven days, the newest first."""
    wrong = Delivery.objects.filter(status__in=WRONG, at__gte=now - LATELY, communication__isnull=False)
    newest = wrong.order_by().values("communication").annotate(last=Max("at")).order_by("-last")[:SHOWN]
    keys = [row["communication"] for row in newest]
    rows = Communication.objects.select_related("block", "unit__block", "organisation").in_bulk(keys)
    counts = _by_status([rows[key] for key in keys])
    tickets = defaultdict(list)
    open_ones = Ticket.objects.unsettled().filter(entry__communication__in=keys)
    for ticket in open_ones.select_related("organisation", "entry").defer("entry__personal")[:100]:
        tickets[ticket.entry.communication_id].append(ticket)
    return [_failed(rows[key], counts[key], tickets[key]) for key in keys]


def _failed(one: Communication, counts: dict[str, int], tickets: list[Ticket]) -> Failed:
    told = [(status, counts[status]) for status in WRONG if counts.get(status)]
    tally = Tally(counts)
    return Failed(one, tally.good, tally.people, told, tickets)


def _by_status(rows: list[Communication]) -> dict[int, dict[str, int]]:
    """Count the recipients of some communications by what became of them; those not yet written are queued."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    found = Communication.objects.filter(pk__in=[row.pk for row in rows]).order_by()
    status = "recipients__entry__delivery__status"
    for key, word, many in found.values_list("pk", status).annotate(many=Count("recipients")):
        if many:
            counts[key][word or "queued"] = counts[key].get(word or "queued", 0) + many
    return counts


def failed_lately(now: datetime.datetime, most: int) -> int:
    """Count the messages that went wrong in the last seven days, up to so many."""
    wrong = Delivery.objects.filter(status__in=WRONG, at__gte=now - LATELY)
    return wrong.order_by().values("pk")[: most + 1].count()


def days(today: datetime.date, zone: ZoneInfo) -> list[Day]:
    """Count the messages of the last two weeks by day, in the organisation's zone."""
    first = today - datetime.timedelta(days=DAYS - 1)
    begin = datetime.datetime.combine(first, datetime.time.min, zone)
    rows = Delivery.objects.filter(at__gte=begin).order_by()
    found: dict[Any, tuple[int, int]] = {
        day: (sent, wrong)
        for day, sent, wrong in rows.values_list(TruncDate("at", tzinfo=zone)).annotate(
            sent=Count("pk"), wrong=Count("pk", filter=Q(status__in=WRONG))
        )
    }
    each = [first + datetime.timedelta(days=number) for number in range(DAYS)]
    return [Day(day, *found.get(day, (0, 0))) for day in each]


def chart_of(days: list[Day]) -> Chart:
    """Draw the days, with what went wrong written above."""
    most = max(days, key=lambda day: day.sent)
    wrong = sum(day.wrong for day in days)
    says = (
        f"Messages a day for {len(days)} days; most on {most.day.day} {most.day:%B}, {most.sent:,}. "
        f"{wrong:,} went wrong."
    )
    return columns(
        [
            Column(str(day.day.day), [("f-soft", day.sent)], f"{day.wrong:,}" if day.wrong else "")
            for day in days
        ],
        says,
    )
