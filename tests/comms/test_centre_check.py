"""The check before it is sent: who is not reached and why, and what the button says; times that cannot be."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from comms.models import Communication, LogEntry, Suppression
from contacts.models import Contact
from tests.comms.centre import address, draft, last_sunday, told, with_people

LONDON = ZoneInfo("Europe/London")
YEAR = timezone.now().year


def schedule(client, one, day, time="09:00", **more):
    return client.post(address(one, "check/"), {"date": str(day), "time": time, "schedule": "1", **more})


def test_the_check_says_who_is_not_reached_and_why(inside, client_of):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(email="")
    Contact.objects.filter(pk=inside.contacts[1].pk).update(email="no at sign")
    Suppression.objects.create(
        organisation=inside.organisation,
        channel="email",
        address=inside.contacts[2].email,
        reason="Hard bounce.",
    )
    one = with_people(inside)

    response = client_of(inside.alice).get(address(one, "check/"))

    checked, page = response.context["checked"], response.content.decode()
    assert checked.reached == 0
    assert [word for _, word, _ in checked.obstacles] == ["unreachable", "unreachable", "will_drop"]
    assert "No email address on record." in page and "Hard bounce." in page and "has a space in it" in page


def test_the_check_names_person_and_field_where_a_value_is_missing(inside, client_of):
    Contact.objects.filter(pk=inside.contacts[1].pk).update(first_name="")
    one = with_people(inside, body="<p>Dear {{first_name}}, flat {{unit_reference}}</p>")

    obstacles = client_of(inside.alice).get(address(one, "check/")).context["checked"].obstacles

    assert {person.name: why for person, _, why in obstacles} == {
        inside.contacts[0].name: "Nothing to fill it with: Flat's reference.",
        inside.contacts[1].name: "Nothing to fill it with: First name, Flat's reference.",
        inside.contacts[2].name: "Nothing to fill it with: Flat's reference.",
    }


def test_the_button_says_what_happens(inside, client_of):
    one, client = with_people(inside), client_of(inside.alice)
    tomorrow = timezone.localtime(timezone=LONDON).date() + datetime.timedelta(days=1)

    page = client.get(address(one, "check/")).content.decode()

    assert f"Schedule for {tomorrow:%a} {tomorrow.day} {tomorrow:%b %Y}, 09:00" in page
    assert "Send to 3 people now" in page


def test_it_may_be_scheduled_for_nobody_with_a_warning(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)

    assert "Nobody gets it yet." in client.get(address(one, "check/")).content.decode()
    assert schedule(client, one, f"{YEAR + 1}-07-01").status_code == 302


@pytest.mark.parametrize(
    ("day", "time", "field", "words"),
    [
        ("2020-01-01", "09:00", "date", "That is past"),
        ("", "09:00", "date", "Give the date."),
        ("soon", "09:00", "date", "Give the date as day, month and year."),
        ("9999-12-31", "23:59", "date", "Give a year between"),
        ("0001-01-01", "00:00", "date", "Give a year between"),
        (f"{YEAR + 1}-07-01", "", "time", "Give the time."),
        (f"{YEAR + 1}-07-01", "noon", "time", "such as 09:00"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(inside, client_of, day, time, field, words):
    one = with_people(inside)

    response = schedule(client_of(inside.alice), one, day, time)

    one.refresh_from_db()
    assert response.status_code == 422 and one.status == "draft"
    assert words in str(response.context["form"].errors[field]) and time in response.content.decode()


def test_an_hour_ago_today_is_past_at_the_time(inside, client_of, monkeypatch):
    one = with_people(inside)
    noon = datetime.datetime(2026, 6, 1, 12, tzinfo=LONDON)
    monkeypatch.setattr(timezone, "now", lambda: noon.astimezone(datetime.UTC))

    response = client_of(inside.alice)
    response = schedule(response, one, "2026-06-01", "11:00")

    assert "That is past" in str(response.context["form"].errors["time"])


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_the_hour_that_autumn_repeats_is_asked_about(inside, client_of, which, hour):
    one, client = with_people(inside), client_of(inside.alice)
    night = last_sunday(YEAR + 1, 10)

    asked = schedule(client, one, night, "01:30")

    page = asked.content.decode()
    assert asked.status_code == 422 and "comes twice on that night" in page
    assert f"Schedule for Sun {night.day} Oct {night.year}, 01:30" in page
    assert "The first, 01:30 BST" in page and "The second, 01:30 GMT" in page and str(night) in page
    assert schedule(client, one, night, "01:30", which=which).status_code == 302
    one.refresh_from_db()
    assert one.scheduled_at == datetime.datetime.combine(night, datetime.time(hour, 30), datetime.UTC)


def test_once_sending_began_no_step_is_possible(inside, client_of):
    one, client = with_people(inside), client_of(inside.alice)
    client.post(address(one, "check/"), {"now": "1"})
    Communication.objects.filter(pk=one.pk).update(status="sending")

    assert "can no longer be taken back" in told(client.post(address(one, "unschedule/")))
    assert "sending has begun" in told(client.post(address(one, "delete/")))
    for page in ("check/", "mark-sent/", "delete/"):
        assert client.get(address(one, page)).url == address(one, "progress/")
    assert client.post(address(one, "check/"), {"now": "1"}).status_code == 302
    assert Communication.objects.get(pk=one.pk).status == "sending"


def mark(client, one, day, time, **more):
    return client.post(address(one, "mark-sent/"), {"date": str(day), "time": time, **more})


def test_the_hours_of_the_clock_change_are_asked_about_here_too(inside, client_of):
    one, client = with_people(inside), client_of(inside.alice)
    spring, autumn = last_sunday(YEAR - 1, 3), last_sunday(YEAR - 1, 10)

    assert "There is no 01:30" in mark(client, one, spring, "01:30").content.decode()
    assert "The second, 01:30 GMT" in mark(client, one, autumn, "01:30").content.decode()
    assert mark(client, one, autumn, "01:30", which="1").status_code == 302
    one.refresh_from_db()
    assert one.sent_at == datetime.datetime.combine(autumn, datetime.time(1, 30), datetime.UTC)


def test_the_day_of_sending_is_filled_when_it_is_sent(inside, client_of):
    one = with_people(inside, body="<p>{{date}}, {{sender_name}}</p>")

    mark(client_of(inside.adam), one, "2026-06-01", "10:00")

    assert {entry.words for entry in LogEntry.objects.all()} == {"1 June 2026, Adam Frost"}


def test_what_goes_by_a_channel_that_is_switched_off_is_not_scheduled(inside, client_of):
    inside.organisation.channels = ["post"]
    inside.organisation.save()
    one, client = with_people(inside), client_of(inside.alice)

    client.post(address(one, "check/"), {"now": "1"})

    one.refresh_from_db()
    assert one.status == "draft"
    assert "Email is switched off for Larch Management" in client.get(one.get_absolute_url()).content.decode()
