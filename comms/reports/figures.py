"""The figures of the log: each report is a table whose rows lead to what was counted, drawn beside it, and a file.

They count what lies behind them at the moment they are asked for, over at most a year.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Lower, TruncMonth

from comms.models import Communication, Template, Ticket
from comms.reports.tables import (
    COUNTED,
    MOST,
    TONES,
    Cell,
    Row,
    Span,
    Table,
    count_cells,
    drawn_by_month,
    month_query,
    parts_of,
)
from contacts.models import AddressFlag, Contact, OtherAddress
from portfolio.models import Block
from portfolio.templatetags.look import channel_word


def by_channel(span: Span) -> Table:
    """Count what became of messages by month and channel, the newest month above."""
    rows = span.counted().values("channel", month=TruncMonth("at", tzinfo=span.organisation.zone))
    table = Table(
        [
            "Month",
            "Channel",
            "Messages",
            "Arrived",
            "No word yet",
            "In doubt",
            "Did not arrive",
            "Arrived, of all",
        ],
        numbers=2,
    )
    months: dict[datetime.date, Counter[str]] = defaultdict(Counter)
    found = list(rows.annotate(all=Count("pk"), **COUNTED))
    for row in sorted(found, key=lambda row: (-row["month"].toordinal(), -row["all"], row["channel"])):
        first = row["month"].date()
        months[first].update({group: row[group] for group in TONES})
        query = {**month_query(first), "channel": row["channel"]}
        month = Cell(f"{first:%B %Y}", urlencode(month_query(first)))
        channel = Cell(channel_word(row["channel"]), urlencode(query))
        told = row["arrived"] or row["failed"]  # by some channels no word ever comes
        share = Cell(f"{100 * row['arrived'] / row['all']:.0f} %" if told else "")
        table.rows.append(Row([month, channel, *count_cells(row, query), share], parts_of(row)))
    table.chart = drawn_by_month(span, months)
    return table


def by_block(span: Span) -> Table:
    """Count by block what did not arrive and what is open, the one with the most open tickets above."""
    bounced = Count("pk", filter=Q(status="bounced"))
    rows = span.counted().values("block").annotate(all=Count("pk"), bounced=bounced, **COUNTED)
    found = {row["block"]: row for row in rows}
    late = Count("pk", filter=Q(due_on__lt=span.today))
    waiting = Ticket.objects.unsettled().order_by().values("block").annotate(many=Count("pk"), late=late)
    tickets = {row["block"]: row for row in waiting}
    table = Table(
        [
            "Block",
            "Messages",
            "Arrived",
            "No word yet",
            "In doubt",
            "Did not arrive",
            "Bounced",
            "Open tickets",
            "Overdue",
        ]
    )
    nothing = dict.fromkeys(("all", "bounced", *TONES), 0)
    for block in Block.objects.filter(pk__in=[*found, *tickets]).order_by("name"):
        row, open_ones = found.get(block.pk, nothing), tickets.get(block.pk, {"many": 0, "late": 0})
        query = {**span.query, "block": str(block.public_id)}
        name = Cell(block.name, page="block", key=str(block.public_id))
        about = urlencode({"block": str(block.public_id)})
        counts = [
            Cell(row["bounced"], urlencode({**query, "status": "bounced"})),
            Cell(open_ones["many"], about, "tickets"),
            Cell(open_ones["late"], f"{about}&overdue=yes", "tickets"),
        ]
        table.rows.append(Row([name, *count_cells(row, query), *counts], parts_of(row)))
    table.rows.sort(key=lambda row: -int(row.cells[-2].words))
    return table


def never_opened(span: Span) -> Table:
    """List who opened none of the watched emails that reached them."""
    watched = span.counted().filter(
        Q(communication__track=True, communication__statutory=False),
        contact__isnull=False,
        status__in=["sent", "delivered", "opened", "clicked"],
    )
    watched = watched.exclude(type__in=Communication.STATUTORY_TYPES)
    seen = Count("pk", filter=Q(status__in=["opened", "clicked"]))
    found = watched.values("contact").annotate(many=Count("pk"), seen=seen, last=Max("at")).filter(seen=0)
    rows = list(found.order_by("-many", "contact")[:MOST])
    people = Contact.objects.in_bulk([row["contact"] for row in rows])
    table = Table(["Contact", "Email", "Watched emails", "The last one"], numbers=2)
    for row in rows:
        who = people[row["contact"]]
        last = row["last"].astimezone(span.organisation.zone)
        cells = [
            Cell(who.name, page="contact", key=str(who.public_id)),
            Cell(who.email),
            Cell(row["many"]),
        ]
        table.rows.append(Row([*cells, Cell(f"{last.day} {last:%b %Y}")], [("f-soft", row["many"])]))
    return table


def flagged(span: Span) -> Table:
    """List the contacts with an address that something came back from, the newest above, whenever that was."""
    flags = list(AddressFlag.objects.standing().order_by("-flagged_at")[:MOST])
    owners = _owners({flag.address for flag in flags})
    table = Table(["Contact", "Address", "What happened", "Since"], numbers=4)
    months: dict[datetime.date, Counter[str]] = defaultdict(Counter)
    for flag in flags:
        since = flag.flagged_at.astimezone(span.organisation.zone)
        for who in owners.get(flag.address, []):
            months[since.date().replace(day=1)]["failed"] += 1
            name = Cell(who.name, page="contact", key=str(who.public_id))
            words = [Cell(flag.address), Cell(flag.reason), Cell(f"{since.day} {since:%b %Y}")]
            table.rows.append(Row([name, *words]))
    table.chart = drawn_by_month(span, months)
    return table


def by_template(span: Span) -> Table:
    """Count by template, the one used most above; what was written without one is counted together."""
    used = span.counted().values("template").annotate(all=Count("pk"), last=Max("at"), **COUNTED)
    rows = list(used.order_by(F("all").desc())[:MOST])
    named = Template.objects.in_bulk([row["template"] for row in rows if row["template"]])
    table = Table(
        ["Template", "Messages", "Arrived", "No word yet", "In doubt", "Did not arrive", "Used last"],
        numbers=1,
    )
    for row in rows:
        template = named.get(row["template"])
        query = {**span.query, "template": str(template.public_id)} if template else {}
        last = row["last"].astimezone(span.organisation.zone)
        name = Cell(template.name, urlencode(query)) if template else Cell("Without a template")
        cells = [name, *count_cells(row, query), Cell(f"{last.day} {last:%b %Y}")]
        table.rows.append(Row(cells, parts_of(row)))
    return table


def _owners(addresses: Iterable[str]) -> dict[str, list[Contact]]:
    """Find who has which of some addresses, in two queries; addresses are in lower case."""
    found: dict[str, list[Contact]] = defaultdict(list)
    wanted = set(addresses)
    first = (
        Contact.objects.current().annotate(low=Lower("email")).filter(Q(low__in=wanted) | Q(phone__in=wanted))
    )
    for who in first.order_by("name", "pk"):
        for address in {who.email.lower(), who.phone} & wanted:
            found[address].append(who)
    others = OtherAddress.objects.annotate(low=Lower("value")).filter(low__in=wanted)
    for other in others.filter(contact__archived_at__isnull=True).select_related("contact"):
        if other.contact not in found[other.value.lower()]:
            found[other.value.lower()].append(other.contact)
    return found


class Report(NamedTuple):
    """One report: what it is called, what it says and what it does not."""

    title: str
    line: str
    build: Callable[[Span], Table]
    spanned: bool = True  # whether it is about the months that are chosen


REPORTS = {
    "delivery": Report(
        "Delivery by channel",
        "Arrived is what the other side says it took. Where there is no word it may have arrived: not everybody tells.",
        by_channel,
    ),
    "blocks": Report(
        "Bounces and tickets by block", "What did not arrive, and what is still to be seen to.", by_block
    ),
    "never-opened": Report(
        "Who never opens",
        "Only watched emails tell of it, never notices and demands. Many people read with pictures off: it is a hint, "
        "no proof, that somebody reads nothing.",
        never_opened,
    ),
    "flagged": Report(
        "Addresses to review",
        "Something came back from them, or was marked as spam, and nobody has corrected or kept them since.",
        flagged,
        spanned=False,
    ),
    "templates": Report(
        "Use of templates", "How much went out with each template, and what became of it.", by_template
    ),
}
