"""The figures of the log: what they count, where their rows lead, and the file of each."""

import csv
import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from comms.models import Access, Communication, Delivery, ExportRecord, Ticket
from comms.reports import figures, tables
from contacts.models import AddressFlag
from tests.comms.logbook import happen, write

NOW = timezone.now()
THIS_MONTH = NOW.replace(day=1, hour=12)
LAST_MONTH = THIS_MONTH - datetime.timedelta(days=10)


def report(client_of, user, name, query=""):
    return client_of(user).get(reverse("comms:report", args=["larch", name]) + query)


def words(table):
    return [[cell.words for cell in row.cells] for row in table.rows]


def reached(cast, status="delivered", at=THIS_MONTH, **facts):
    entry = write(cast.organisation, at=at, **facts)
    happen(entry, "sent", at)
    if status != "sent":
        happen(entry, status, at + datetime.timedelta(minutes=1))
    return entry


def test_delivery_is_counted_by_month_and_channel(inside, client_of):
    for status in ("delivered", "opened", "bounced", "sent"):
        reached(inside, status)
    reached(inside, channel="sms")
    reached(inside, at=LAST_MONTH)

    page = report(client_of, inside.sam, "delivery", "?months=3")

    month, last = f"{THIS_MONTH:%B %Y}", f"{LAST_MONTH:%B %Y}"
    assert words(page.context["table"]) == [
        [month, "Email", 4, 2, 1, 0, 1, "50 %"],
        [month, "SMS", 1, 1, 0, 0, 0, "100 %"],
        [last, "Email", 1, 1, 0, 0, 0, "100 %"],
    ]
    assert [label.words for label in page.context["table"].chart.labels][-1] == f"{THIS_MONTH:%b}"


@pytest.mark.parametrize("name", ["delivery", "blocks", "templates"])
def test_each_number_leads_to_so_many_rows_of_the_log(inside, client_of, name):
    for status in ("delivered", "bounced", "bounced", "sent", "unconfirmed"):
        reached(inside, status, block=inside.block)
    reached(inside, at=LAST_MONTH, block=inside.block)
    client = client_of(inside.audrey)
    followed = 0

    for row in report(client_of, inside.sam, name, "?months=3").context["table"].rows:
        for cell in row.cells:
            if cell.query and cell.page == "log" and isinstance(cell.words, int):
                listing = client.get(reverse("comms:log", args=["larch"]) + f"?{cell.query}").context[
                    "listing"
                ]
                assert len(listing.rows) == cell.words, cell
                followed += 1
    assert followed >= 5 or name == "templates"


def test_blocks_with_open_tickets_stand_above(inside, client_of):
    reached(inside, "bounced", block=inside.block)
    Ticket.objects.create(
        organisation=inside.organisation, title="Overdue", block=inside.block, due_on="2026-01-01"
    )

    table = report(client_of, inside.sam, "blocks").context["table"]

    assert words(table) == [[inside.block.name, 1, 0, 0, 0, 1, 1, 1, 1]]


def test_who_opened_none_of_the_watched_mails_is_listed(inside, client_of):
    one, notice = (
        Communication.objects.create(
            organisation=inside.organisation, created_by=inside.alice, subject=kind, type=kind, track=True
        )
        for kind in ("circular", "notice")
    )
    reader, other, served = inside.contacts[:3]
    reached(inside, "opened", contact=reader, communication=one)
    reached(inside, "delivered", contact=reader, communication=one)
    reached(inside, "delivered", contact=other, communication=one)
    reached(inside, "delivered", contact=served, communication=notice, type="notice")

    table = report(client_of, inside.sam, "never-opened").context["table"]

    assert [row[0] for row in words(table)] == [other.name]


def test_flagged_addresses_are_listed_with_who_has_them(inside, client_of):
    one = inside.contacts[0]
    AddressFlag.objects.create(
        organisation=inside.organisation, kind="email", address=one.email.lower(), reason="It came back."
    )
    AddressFlag.objects.create(
        organisation=inside.organisation,
        kind="email",
        address="gone@example.com",
        reason="Nobody has it now.",
    )

    table = report(client_of, inside.sam, "flagged").context["table"]

    assert [row[:3] for row in words(table)] == [[one.name, one.email.lower(), "It came back."]]


def test_the_file_is_the_table_and_who_took_it_is_recorded(inside, client_of):
    reached(inside, to_name="=1+1")

    response = client_of(inside.audrey).get(
        reverse("comms:report-csv", args=["larch", "delivery"]) + "?months=3"
    )

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Month", "Channel", "Messages"] and rows[1][1:4] == ["Email", "1", "1"]
    start, end = ExportRecord.objects.order_by("id")
    assert (start.phase, end.phase, end.rows, end.size) == ("started", "finished", 1, len(response.content))
    assert Access.objects.get(kind="exported").export == start.export
    shown = client_of(inside.audrey).get(reverse("comms:exports", args=["larch"])).content.decode()
    assert "Report “Delivery by channel”, last 3 months" in shown and "Last 7 days" not in shown


def test_a_report_that_is_none_is_not_found_and_odd_months_are_a_year(inside, client_of):
    assert report(client_of, inside.sam, "nothing").status_code == 404
    for odd in ("?months=x", "?months=99", "?months=-1", "?months=²"):
        assert report(client_of, inside.sam, "delivery", odd).context["span"].months == 12


def test_where_there_is_nothing_it_says_so(inside, client_of):
    for name in figures.REPORTS:
        assert "Nothing to count" in report(client_of, inside.sam, name).content.decode()


def test_a_report_counts_no_more_queries_for_more_rows(inside, client_of, django_assert_max_num_queries):
    for number in range(30):
        reached(inside, contact=inside.contacts[number % 3], block=inside.block)
    assert Delivery.objects.count() == 30
    client = client_of(inside.sam)

    for name in figures.REPORTS:
        with django_assert_max_num_queries(14):
            client.get(reverse("comms:report", args=["larch", name]))


def test_the_span_begins_with_a_month():
    span = tables.Span(None, datetime.date(2026, 2, 28), 3)  # type: ignore[arg-type]

    assert span.first == datetime.date(2025, 12, 1)
    assert tables.Span(None, datetime.date(2026, 12, 31), 12).first == datetime.date(2026, 1, 1)  # type: ignore[arg-type]
