"""Files of the log through the API: asked for, made, taken by who asked; and the list of who took what."""

import csv
import hashlib
import io
import uuid

import pytest

from comms import tasks
from comms.exports import making
from comms.models import Export
from tests.api.conftest import API, problem
from tests.comms.logbook import days_ago, write

EXPORTS = f"{API}exports/"
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def log(inside):
    for n in range(5):
        write(inside.organisation, title=f"Message {n}", at=days_ago(20 * n), channel=["email", "sms"][n % 2])
    return inside


def make():
    making.work(tasks.MAKERS, 5)


def test_a_file_is_asked_for_made_and_taken(log, api):
    audrey = api(log.audrey)

    asked = audrey.post(EXPORTS, {"filters": {"channel": ["email"]}, "columns": ["title"], "sort": "title"})
    path = f"{EXPORTS}{asked.json()['id']}/"
    assert asked.status_code == 201 and asked.json()["state"] == "waiting"
    assert "waiting" in problem(audrey.get(f"{path}file/"), 409)["detail"]
    make()

    told = audrey.get(path).json()
    taken = audrey.get(f"{path}file/", headers={"Accept": "text/csv"})
    data = b"".join(taken.streaming_content)
    assert (told["state"], told["rows"], told["size"]) == ("ready", 3, len(data))
    assert told["sha256"] == hashlib.sha256(data).hexdigest() and taken["Content-Type"].startswith("text/csv")
    found = [row["title"] for row in csv.DictReader(io.StringIO(data.decode()))]
    assert found == ["Message 0", "Message 2", "Message 4"]  # all time, where no dates are given
    lines = audrey.get(f"{EXPORTS}taken/?export={told['id']}").json()["results"]
    assert [(line["phase"], line["by"], line["rows"]) for line in lines] == [
        ("finished", "Audrey Quinn", 3), ("started", "Audrey Quinn", None),
    ]  # fmt: skip
    assert audrey.get(f"{EXPORTS}?state=ready").json()["results"] == [told]


def test_dates_and_format(log, api):
    audrey = api(log.audrey)

    audrey.post(EXPORTS, {"filters": {"sent": "30d"}, "format": "xlsx"})
    make()

    (one,) = audrey.get(EXPORTS).json()["results"]
    assert one["rows"] == 2 and one["name"].endswith(".xlsx")


def test_nobody_elses_file_is_there(log, api):
    path = f"{EXPORTS}{api(log.audrey).post(EXPORTS, {}).json()['id']}/"
    make()

    for other in (api(log.adam), api(log.mallory)):
        for method, below in (("get", ""), ("get", "file/"), ("delete", "")):
            problem(getattr(other, method)(f"{path}{below}"), 404)
    assert api(log.adam).get(EXPORTS).json()["results"] == []


def test_who_was_named_for_a_file_may_take_it_but_not_cancel_it(log, api):
    path = f"{EXPORTS}{api(log.audrey).post(EXPORTS, {}).json()['id']}/"
    Export.objects.update(readers=[log.adam.pk])

    problem(api(log.adam).delete(path), 404)
    make()

    assert api(log.adam).get(f"{path}file/").status_code == 200


def test_one_that_is_not_made_yet_is_cancelled(log, api):
    audrey = api(log.audrey)
    path = f"{EXPORTS}{audrey.post(EXPORTS, {}).json()['id']}/"

    assert audrey.delete(path).status_code == 204
    problem(audrey.delete(path), 409)
    problem(audrey.get(f"{path}file/"), 409)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"filters": {"status": ["gone"]}}, "filters.status.0"),
        ({"filters": {"block": [str(uuid.uuid4())]}}, "filters.block"),
        ({"filters": {"since": "01/10/2026"}}, "filters.since"),
        ({"filters": {"per_page": 5}}, "filters.per_page"),
        ({"columns": ["colour"]}, "columns.0"),
        ({"columns": []}, "columns"),
        ({"format": "pdf"}, "format"),
        ({"sort": "colour"}, "sort"),
        ({"rows": 5}, "rows"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_asked_for(log, api, wrong, field):
    found = problem(api(log.audrey).post(EXPORTS, wrong), 400)

    assert found["errors"][0]["field"] == field and not Export.objects.exists()
