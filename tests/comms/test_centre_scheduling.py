"""When a communication is sent: now, at a time, on the nights that the clock changes, or by other means."""

import datetime

import pytest
from django.utils import timezone

from comms.models import LogEntry
from tests.comms.centre import draft, page

UTC = datetime.UTC


def schedule(client, one, **typed):
    return client.post(page("check", one), typed)


def test_a_time_is_meant_in_the_organisations_zone(inside, client_of):
    one = draft(inside, people=1)

    schedule(client_of(inside.alice), one, date="2027-07-01", time="09:00")

    one.refresh_from_db()
    assert one.status == "scheduled"
    assert one.scheduled_at == datetime.datetime(2027, 7, 1, 8, 0, tzinfo=UTC)
    assert one.scheduled_by == inside.alice


def test_now_is_now(inside, client_of):
    one = draft(inside, people=1)

    schedule(client_of(inside.alice), one, now="")

    one.refresh_from_db()
    assert one.status == "scheduled"
    assert timezone.now() - one.scheduled_at < datetime.timedelta(minutes=1)


def test_a_time_that_the_clock_skips_is_refused_and_kept_in_the_form(inside, client_of):
    one = draft(inside, people=1)

    answer = schedule(client_of(inside.alice), one, date="2027-03-28", time="01:30")

    assert answer.status_code == 422
    assert "There is no 01:30 on that night" in answer.content.decode()
    assert 'value="2027-03-28"' in answer.content.decode()
    assert 'value="01:30"' in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "draft"


def test_a_time_that_comes_twice_is_asked_about(inside, client_of):
    one = draft(inside, people=1)

    answer = schedule(client_of(inside.alice), one, date="2027-10-31", time="01:30")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "01:30 comes twice on that night" in html
    assert 'type="radio"' in html
    assert 'value="2027-10-31"' in html
    one.refresh_from_db()
    assert one.status == "draft"


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_the_answer_says_which_of_the_two(inside, client_of, which, hour):
    one = draft(inside, people=1)

    schedule(client_of(inside.alice), one, date="2027-10-31", time="01:30", which=which)

    one.refresh_from_db()
    assert one.scheduled_at == datetime.datetime(2027, 10, 31, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("2020-01-01", "09:00"),
        ("", "09:00"),
        ("2027-07-01", ""),
        ("2027-02-30", "09:00"),
        ("2027-07-01", "25:00"),
        ("0001-01-01", "00:00"),
        ("9999-12-31", "23:59"),
    ],
)
def test_a_time_that_is_none_or_past_is_refused_at_its_field(inside, client_of, date, time):
    one = draft(inside, people=1)

    answer = schedule(client_of(inside.alice), one, date=date, time=time)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "draft"


def test_scheduling_twice_leaves_the_later_word(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)

    schedule(client, one, date="2027-07-01", time="09:00")
    schedule(client, one, date="2027-07-02", time="09:00")

    one.refresh_from_db()
    assert one.scheduled_at == datetime.datetime(2027, 7, 2, 8, 0, tzinfo=UTC)


def test_taking_it_back_twice_is_harmless(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)
    schedule(client, one, date="2027-07-01", time="09:00")

    for _ in range(2):
        assert client.post(page("unschedule", one)).status_code == 302

    one.refresh_from_db()
    assert (one.status, one.scheduled_at) == ("draft", None)


def test_nothing_is_scheduled_or_taken_back_once_sending_has_begun(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)
    one.schedule(at=timezone.now(), by=inside.alice)
    one.begin(timezone.now())

    schedule(client, one, now="")
    client.post(page("unschedule", one))

    one.refresh_from_db()
    assert one.status == "sending"


def test_marked_as_sent_there_is_an_entry_for_each_and_no_more_the_second_time(inside, client_of):
    one, client = draft(inside, people=3), client_of(inside.alice)

    for _ in range(2):
        answer = client.post(page("mark-sent", one), {"date": "2026-01-05", "time": "10:00"})
        assert answer.status_code == 302

    one.refresh_from_db()
    assert (one.status, one.declared) == ("sent", True)
    assert one.sent_at == datetime.datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    assert LogEntry.objects.filter(communication=one).count() == 3


def test_it_cannot_be_marked_as_sent_in_time_to_come(inside, client_of):
    one = draft(inside, people=1)

    answer = client_of(inside.alice).post(page("mark-sent", one), {"date": "2090-01-05", "time": "10:00"})

    assert answer.status_code == 422
    assert "That is still to come" in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "draft"


def test_it_cannot_be_marked_as_sent_to_nobody(inside, client_of):
    one = draft(inside)

    answer = client_of(inside.alice).post(page("mark-sent", one), {"date": "2026-01-05", "time": "10:00"})

    assert answer.status_code == 422
    assert "Add the people it was sent to first" in answer.content.decode()
    one.refresh_from_db()
    assert one.status == "draft"
