"""The first page: what needs a person, what failed, what goes out now and next."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from comms.models import Communication, Outlet, Ticket
from comms.record import events
from comms.reports import charts, overview
from comms.reports.tally import Tally
from contacts.models import AddressFlag
from tests.comms.logbook import days_ago, happen, write
from tests.comms.test_outlets import away, circular, send  # noqa: F401 (away is a fixture)

NOW = timezone.now()


def open_page(client_of, user, query=""):
    return client_of(user).get(reverse("comms:dashboard", args=["larch"]) + query)


def sent(cast, statuses, **facts):
    """A communication whose recipients came to these ends."""
    one = Communication.objects.create(
        organisation=cast.organisation,
        created_by=cast.alice,
        block=cast.block,
        subject=facts.pop("subject", "Lift out of service"),
    )
    status_of_it = facts.pop("status", "sent")
    for number, status in enumerate(statuses):
        recipient = one.recipients.create(organisation=cast.organisation, name=f"Person {number}")
        if status != "queued":
            at = facts.get("at", NOW)
            entry = write(cast.organisation, communication=one, recipient=recipient, at=at)
            events.append(entry, "attempted", happened_at=at, source="blockpost", attempt=1)
            happen(entry, status, at)
    found = Communication.objects.filter(pk=one.pk)
    for status in ("scheduled", "sending", "sent")[: ["sending", "sent"].index(status_of_it) + 2]:
        found.update(status=status, scheduled_at=NOW, started_at=NOW)
    return one


def test_what_failed_is_told_by_communication_with_its_tickets(inside, client_of):
    one = sent(inside, ["delivered", "delivered", "bounced", "unconfirmed"])
    sent(inside, ["bounced"], subject="Long ago", at=days_ago(8))
    sent(inside, ["delivered"], subject="All well")
    entry = one.entries.get(delivery__status="bounced")
    ticket = Ticket.objects.create(
        organisation=inside.organisation, title="Came back", reason="hard_bounce", entry=entry
    )

    page = open_page(client_of, inside.sam)

    (failed,) = page.context["failed"]
    assert (failed.communication, failed.arrived, failed.people) == (one, 2, 4)
    assert failed.wrong == [("bounced", 1), ("unconfirmed", 1)]
    assert failed.tickets == [ticket]
    assert page.context["failed_lately"] == 2
    assert "2 of 4" in page.content.decode() and "1 bounced, 1 unconfirmed" in page.content.decode()


def test_what_is_being_sent_says_how_far_it_is_and_is_drawn_again(inside, client_of):
    sent(inside, ["delivered", "bounced", "queued", "queued"], status="sending")

    page = open_page(client_of, inside.sam)

    (going,) = page.context["going"]
    assert (going.tally.tried, going.tally.people, going.tally.left, going.tally.bad) == (2, 4, 2, 1)
    assert "2 of 4 tried, 2 to go." in page.content.decode()
    client = client_of(inside.sam)
    part = client.get(
        reverse("comms:dashboard", args=["larch"]) + "?going", headers={"HX-Request": "true"}
    ).content.decode()
    assert part.lstrip().startswith('<section id="going"') and "hx-get" in part
    Communication.objects.update(status="sent", sent_at=NOW)
    part = client.get(
        reverse("comms:dashboard", args=["larch"]) + "?going", headers={"HX-Request": "true"}
    ).content.decode()
    assert "Nothing is being sent." in part and "hx-get" not in part  # and so it is not asked for again


def test_what_goes_out_next_stands_in_the_order_of_its_time(inside, client_of):
    for hours, subject in ((5, "Second"), (2, "First"), (9, "Third")):
        Communication.objects.create(
            organisation=inside.organisation,
            created_by=inside.alice,
            subject=subject,
            status="scheduled",
            scheduled_at=NOW + datetime.timedelta(hours=hours),
        )

    page = open_page(client_of, inside.sam)

    assert [one.subject for one in page.context["scheduled"]] == ["First", "Second", "Third"]
    assert "Nobody yet" in page.content.decode()


def test_what_needs_a_person_is_counted_and_leads_there(inside, client_of):
    Ticket.objects.create(
        organisation=inside.organisation,
        title="A notice came back",
        reason="hard_bounce",
        due_on=timezone.localdate() - datetime.timedelta(days=1),
    )
    Ticket.objects.create(organisation=inside.organisation, title="Done with", state="closed")
    sent(inside, ["unconfirmed"])
    one = inside.contacts[0]
    AddressFlag.objects.create(
        organisation=inside.organisation, kind="email", address=one.email.lower(), reason="It came back."
    )

    words = open_page(client_of, inside.sam).content.decode()

    assert "A notice came back" in words and "Done with" not in words
    assert "1 message: sent or not?" in words
    assert "1 contact with an address to review" in words


def test_where_nothing_is_to_be_done_it_says_so(inside, client_of):
    words = open_page(client_of, inside.sam).content.decode()

    for line in (
        "Nothing needs you",
        "Nothing is being sent.",
        "Nothing is scheduled.",
        "Nothing has failed",
    ):
        assert line in words


def test_a_channel_whose_provider_does_not_answer_is_told(inside, client_of, away):  # noqa: F811
    circular(inside)
    for _ in range(3):
        send()
    assert Outlet.objects.get().paused_until

    words = open_page(client_of, inside.sam).content.decode()

    assert "Email is paused since" in words and "Nothing is lost" in words
    assert "We try again at " in words
    Outlet.objects.update(paused_until=timezone.now() - datetime.timedelta(minutes=1))
    words = open_page(client_of, inside.sam).content.decode()
    assert "We try again at " not in words and "with the next message that is due" in words


def test_days_are_those_of_the_organisations_zone(inside):
    zone = inside.organisation.zone
    for hour in (22, 23):  # in UTC; in British summer time 23:30 is the day after
        write(inside.organisation, at=datetime.datetime(2026, 6, 10, hour, 30, tzinfo=datetime.UTC))

    days = {day.day.day: day.sent for day in overview.days(datetime.date(2026, 6, 12), zone)}

    assert (days[10], days[11]) == (1, 1)
    assert len(days) == 14


def test_nothing_of_another_organisation_is_seen(cast, inside, client_of):
    sent(inside, ["bounced"], subject="Theirs alone")

    words = client_of(cast.mallory).get(reverse("comms:dashboard", args=[cast.other.slug])).content.decode()

    assert "Theirs alone" not in words and "Nothing has failed" in words


@pytest.mark.parametrize(
    ("heights", "top"), [([0, 0], 1), ([1], 1), ([7], 10), ([265], 300), ([1_000_000], 1_000_000)]
)
def test_the_lines_of_a_chart_are_round_numbers_above_the_highest(heights, top):
    chart = charts.columns([charts.Column(str(n), [("f-soft", n)]) for n in heights], "")

    assert chart.rules[-1].words == f"{top:,}"
    assert len(chart.rules) <= 6
    assert all(rect.y >= charts.TOP - 0.1 for rect in chart.rects)


def test_the_parts_of_the_bar_fill_it():
    tally = Tally({"delivered": 51, "sent": 7, "deferred": 2, "bounced": 3, "queued": 1})

    assert sum(part.width for part in tally.segments) == pytest.approx(1000 * 63 / 64, abs=0.05)
    assert [part.tone for part in tally.segments] == ["f-good", "f-soft", "f-wait", "f-bad"]
    assert Tally({}).segments == []
