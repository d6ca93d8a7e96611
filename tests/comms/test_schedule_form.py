"""Setting up a scheduled export."""

import html

import pytest

from comms.models import ExportSchedule, SavedView
from portfolio.models import Membership


@pytest.fixture
def view(inside):
    return SavedView.objects.create(organisation=inside.organisation, owner=inside.alice, name="Mail")


GOOD = {
    "name": "Monthly",
    "every": "month",
    "weekday": "0",
    "day": "31",
    "at": "07:00",
    "format": "csv",
    "how": "link",
}


@pytest.fixture
def fill(inside, view, client_of):
    def press(by=None, **values):
        members = {one.user_id: one.pk for one in Membership.objects.filter(organisation=inside.organisation)}
        data = GOOD | {"view": view.public_id, "recipients": [members[inside.audrey.pk]]} | values
        return client_of(by or inside.alice).post("/o/larch/reports/schedule/new/", data)

    return press


def test_it_is_set_up_on_its_page(inside, fill, client_of):
    assert fill().status_code == 302

    one = ExportSchedule.objects.get()
    assert (one.owner, one.recipients, one.day) == (inside.alice, [inside.audrey.pk], 31)
    page = html.unescape(client_of(inside.audrey).get(one.get_absolute_url()).content.decode())
    assert "in shorter months on the last day" in page and "The month before, from midnight" in page
    assert "Run now" not in page
    listed = html.unescape(client_of(inside.audrey).get("/o/larch/reports/schedule/").content.decode())
    assert "Monthly" in listed and "Not yet" in listed


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"day": "32"}, "No month has that day"),
        ({"day": "0"}, "No month has that day"),
        ({"day": "31 February"}, "No month has that day"),
        ({"weekday": "7"}, "valid choice"),
        ({"at": "25:00"}, "Write the time as 07:00"),
        ({"at": "7 am"}, "Write the time as 07:00"),
        ({"at": ""}, "Give a time"),
        ({"every": "fortnight"}, "valid choice"),
        ({"format": "pdf"}, "valid choice"),
        ({"how": "fax"}, "valid choice"),
        ({"view": ""}, "Choose a view."),
        ({"view": "00000000-0000-0000-0000-000000000000"}, "That view is not there"),
        ({"view": "x"}, "That view is not there"),
        ({"recipients": []}, "Tick at least one person"),
        ({"recipients": ["999999"]}, "may not take the log"),
        ({"recipients": ["x"]}, "not a valid value"),
        ({"name": "two\r\nBcc: x@y.example"}, "on one line"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(fill, values, says):
    refused = fill(**values)

    assert refused.status_code == 422 and says in html.unescape(refused.content.decode())
    assert not ExportSchedule.objects.exists()


def test_staff_and_people_of_others_cannot_be_named(inside, fill):
    staff = Membership.objects.get(user=inside.sam).pk
    stranger = Membership.objects.get(user=inside.mallory).pk

    for key in (staff, stranger):
        assert "may not take the log" in html.unescape(fill(recipients=[key]).content.decode())


def test_somebody_elses_private_view_cannot_be_scheduled(inside, fill):
    assert "not yours" in html.unescape(fill(by=inside.audrey).content.decode())


def test_half_past_one_is_a_time_like_any_other(fill):
    assert fill(at="01:30", every="day").status_code == 302
