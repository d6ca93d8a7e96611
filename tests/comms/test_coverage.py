"""Whether everybody got it, and in time; whether the same words went out before; a test to oneself."""

import csv
import datetime
import io

import pytest
from django.utils import timezone

from comms.models import LogEntry
from comms.record import entries, events
from comms.reports import coverage
from comms.sending import compose, due
from portfolio.models import Unit
from tests import sink as smtp
from tests.comms.centre import address, with_people

DAY = datetime.timedelta(days=1)


@pytest.fixture
def sent(inside):
    """A circular of yesterday: to one it was delivered, from one it came back, of one nothing was heard."""
    now = timezone.now()
    one = with_people(inside, must_arrive_by=now + DAY, body="<p>The lift stands still.</p>")
    one.schedule(at=now, by=inside.alice)
    for recipient, told in zip(one.recipients.order_by("pk"), ("delivered", "bounced", "sent"), strict=True):
        entry, _ = compose.entry_for(compose.Wording.of(one), recipient)
        entries.write([entry])
        facts = {"bounce": "hard", "reason": "No such mailbox."} if told == "bounced" else {}
        events.append(entry, told, happened_at=now - DAY, source="smtp", **facts)
    one.begin(now)
    one.finish(now)
    return one


def told(one, now=None) -> list[tuple[str, str, str]]:
    covered = coverage.cover(one, now or timezone.now())
    return [(p.group, p.in_time, p.margin_words) for p in covered.people]


def test_everybody_is_counted_by_what_became_of_it_and_whether_in_time(sent):
    assert told(sent) == [
        ("arrived", "met", "2 days early"),
        ("not_reached", "at_risk", ""),
        ("handed_over", "open", ""),
    ]
    assert [word for _, word, _ in told(sent, timezone.now() + 3 * DAY)] == ["met", "missed", "missed"]


def test_what_came_late_says_by_how_much(sent):
    late = LogEntry.objects.get(recipient=sent.recipients.order_by("pk")[2])
    events.append(late, "delivered", happened_at=timezone.now() + 3 * DAY, source="smtp")

    assert told(sent, timezone.now() + 4 * DAY)[2] == ("arrived", "missed", "2 days late")


def test_one_who_had_it_by_another_channel_is_reached(inside):
    now = timezone.now()
    one = with_people(inside, rule="each", also=["leaflet"])
    one.schedule(at=now - DAY, by=inside.alice)
    due.start_due(now)
    for recipient in one.recipients.filter(contact=inside.contacts[0]):
        entry, _ = compose.entry_for(compose.Wording.of(one), recipient)
        entries.write([entry])
        kind = "delivered" if recipient.channel == "leaflet" else "failed"
        events.append(entry, kind, happened_at=now, source="person")

    person = coverage.cover(one, now).people[0]

    assert [message.status for message in person.messages] == ["failed", "delivered"]
    assert person.group == "arrived"


def test_the_page_and_the_file_say_it_and_name_flats_without_anybody(sent, inside, client_of):
    Unit.objects.create(organisation=inside.organisation, block=inside.block, name="Flat 99", position=99)
    client = client_of(inside.audrey)
    page = client.get(address(sent, "coverage/")).content.decode()
    for words in (
        "3 people",
        "2 days early",
        "No such mailbox.",
        "1 flat of Acacia Court",
        "Flat 99",
        "At risk",
    ):
        assert words in page
    missed = client.get(f"{address(sent, 'coverage/')}?group=not_reached").content.decode()
    assert "Person2 OfLarch" in missed and "Person1 OfLarch" not in missed

    data = b"".join(client.get(address(sent, "coverage.csv")).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [row["Result"] for row in rows] == [
        "It arrived",
        "Not reached",
        "Handed over, nothing heard since",
        "Nobody was written to",
    ]
    assert rows[0]["In time"] == "met 2 days early" and rows[1]["Reason"] == "No such mailbox."


def test_a_draft_has_a_page_too(inside, client_of):
    assert (
        "Nobody yet."
        in client_of(inside.sam).get(address(with_people_none(inside), "coverage/")).content.decode()
    )


def with_people_none(cast):
    one = with_people(cast)
    one.recipients.all().delete()
    return one


def test_the_check_says_when_the_same_words_went_to_the_same_people(sent, inside, client_of):
    again = with_people(inside, body="<p>The lift stands still.</p>")
    again.recipients.filter(contact=inside.contacts[2]).delete()
    other = with_people(inside, body="<p>The lift goes again.</p>")
    client = client_of(inside.alice)

    assert (
        "The same words went to 2 of these 2 people" in client.get(address(again, "check/")).content.decode()
    )
    assert "The same words" not in client.get(address(other, "check/")).content.decode()


def test_a_test_goes_to_the_writer_filled_for_the_first_and_is_logged_as_one(inside, client_of, settings):
    one = with_people(inside, subject="Lift", body="<p>Dear {{salutation}} of {{unit_name}}</p>")
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        page = client_of(inside.alice).post(address(one, "trial/"), follow=True).content.decode()

    assert "A test is on its way to alice@larch.example" in page
    (kept,) = sink.kept
    assert kept.rcpt_to == "alice@larch.example" and b"Ms OfLarch of Flat 1" in kept.data
    entry = LogEntry.objects.get()
    assert (entry.type, entry.recipient, entry.communication, entry.delivery.status) == (
        "test",
        None,
        None,
        "sent",
    )
    assert entry.exact_bytes() == kept.data
    one.refresh_from_db()
    assert one.status == "draft" and one.recipients.count() == 3


def test_a_test_that_cannot_go_says_why(inside, client_of, settings):
    one = with_people(inside, body="<p>{{unit_reference}}</p>")
    client = client_of(inside.alice)
    assert (
        "No test was sent. A field has nothing to fill it with"
        in client.post(address(one, "trial/"), follow=True).content.decode()
    )
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    other = with_people(inside, body="<p>Hello</p>")
    assert "The test did not go out" in client.post(address(other, "trial/"), follow=True).content.decode()
    assert LogEntry.objects.get().delivery.status == "failed"


def test_the_day_by_which_it_must_arrive_and_the_statutory_switch_are_set_while_writing(inside, client_of):
    one, client = with_people(inside), client_of(inside.alice)
    words = {"subject": "Lift", "body": "<p>Hello</p>", "notes": "", "channel": "email", "rule": "only"}
    client.post(address(one), words | {"must_arrive_by": "2026-12-24", "statutory": "on"})

    one.refresh_from_db()
    assert (
        timezone.localtime(one.must_arrive_by, inside.organisation.zone).isoformat()
        == "2026-12-24T23:59:59+00:00"
    )
    assert one.statutory
    assert 'value="2026-12-24"' in client.get(address(one)).content.decode()
    wrong = client.post(address(one), words | {"must_arrive_by": "24.12."})
    assert wrong.status_code == 422 and "Give the date as day, month and year" in wrong.content.decode()
