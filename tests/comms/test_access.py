"""Who looked at what."""

import html
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comms.log import access
from comms.models import Access
from tests.api.conftest import token_of
from tests.comms.exported import body
from tests.comms.logbook import days_ago, write


@pytest.fixture
def look(inside, client_of):
    def go(path="", by=None, **more):
        return client_of(by or inside.sam).get(f"/o/{inside.organisation.slug}/log/{path}", **more)

    return go


def seen():
    return [
        (row.user.name.split()[0], row.kind) for row in Access.objects.order_by("id").select_related("user")
    ]


def test_opening_an_entry_leaves_a_line_whichever_way(inside, look):
    entry = write(inside.organisation)

    look(f"{entry.public_id}/")
    look(f"?sent=all&entry={entry.public_id}", inside.alice)
    look(f"{entry.public_id}/", inside.adam, headers={"HX-Request": "true"})

    assert seen() == [("Sam", "opened"), ("Alice", "opened"), ("Adam", "opened")]
    assert {row.entry_id for row in Access.objects.all()} == {entry.pk}


def test_a_search_leaves_a_line_with_what_was_searched(inside, look, client_of):
    write(inside.organisation)

    look("?q=lift&sent=all&recipient=priya")
    look("?channel=sms", inside.alice)
    client_of(inside.alice).get(f"/o/larch/contacts/{inside.contacts[0].public_id}/communications/")

    assert seen() == [("Sam", "searched"), ("Alice", "searched"), ("Alice", "searched")]
    first, second, third = Access.objects.order_by("id")
    assert first.query == {"q": ["lift"], "sent": ["all"], "recipient": ["priya"]}
    assert second.query["channel"] == ["sms"]
    assert third.query["contact"] == [str(inside.contacts[0].public_id)]


def test_looking_at_the_newest_and_turning_pages_is_no_search(inside, look):
    for n in range(30):
        write(inside.organisation, at=days_ago(n / 10))

    look()
    look("?sent=30d")
    page = look("?channel=email&sent=all&per_page=25")
    older = html.unescape(page.content.decode()).split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    look(older)

    assert seen() == [("Sam", "searched")]


@pytest.mark.usefixtures("committed")
def test_exporting_and_verifying_leave_a_line(inside, client_of):
    write(inside.organisation)
    audrey = client_of(inside.audrey)
    body(audrey.post("/o/larch/log/export.csv", {"sent": "all", "channel": "email"}))
    audrey.post("/o/larch/log/export/", {"sent": "all", "columns": ["title"], "format": "xlsx"})
    audrey.post("/o/larch/log/verify/")

    assert [kind for _, kind in seen()] == ["exported", "exported", "verified"]
    page = html.unescape(audrey.get("/o/larch/log/access/").content.decode())
    assert "Channel: Email" in page and "Excel (XLSX)" in page and "The whole log" in page


def test_the_api_leaves_the_same_lines(inside, client):
    entry = write(inside.organisation)
    _, secret = token_of(inside.alice)
    headers = {"Authorization": f"Bearer {secret}"}

    assert client.get(f"/api/v1/log/{entry.public_id}/", headers=headers).status_code == 200
    assert client.get("/api/v1/log/?channel=sms", headers=headers).status_code == 200

    assert seen() == [("Alice", "opened"), ("Alice", "searched")]
    assert all(row.by_token for row in Access.objects.all())


def test_what_is_not_there_leaves_no_line(inside, look):
    assert look("00000000-0000-0000-0000-000000000000/").status_code == 404
    look("?sent=all&entry=00000000-0000-0000-0000-000000000000")

    assert not Access.objects.exists()


def test_auditors_and_admins_read_it_and_nobody_else(inside, look):
    entry = write(inside.organisation, title="Lift")
    look(f"{entry.public_id}/")

    for by in (inside.audrey, inside.adam):
        assert "Sam Ellery" in look("access/", by).content.decode()
    for by in (inside.sam, inside.alice):
        assert look("access/", by).status_code == 403
    assert f"access/?entry={entry.public_id}" in look(f"{entry.public_id}/", inside.audrey).content.decode()
    assert "Who opened it" not in look(f"{entry.public_id}/").content.decode()


def test_it_is_narrowed_to_a_person_a_kind_and_an_entry(inside, look):
    one, other = write(inside.organisation, title="One"), write(inside.organisation, title="Other")
    look(f"{one.public_id}/")
    look(f"{other.public_id}/", inside.alice)
    look("?q=lift")

    def lines(query):
        page = look(f"access/?{query}", inside.adam).content.decode()
        return page.count("<tr>") - 1

    assert (lines(""), lines(f"user={inside.sam.pk}"), lines("kind=opened")) == (3, 2, 2)
    assert lines(f"entry={one.public_id}") == 1
    assert lines("kind=opened&user=" + str(inside.alice.pk)) == 1


@pytest.mark.parametrize(
    "query",
    ["user=x", "user=99999999999999999999", "kind=stolen", "entry=x", "before=-1", "entry=%00", "user=²"],
)
def test_an_address_that_makes_no_sense_is_answered_with_what_was_left_out(inside, look, query):
    page = look(f"access/?{query}", inside.adam)

    assert page.status_code == 200 and "was left out" in page.content.decode()


def test_its_pages_hold_still(inside, look):
    entry = write(inside.organisation)
    for _ in range(60):
        access.note(inside.organisation, inside.sam, access.Kind.OPENED, entry=entry)

    first = html.unescape(look("access/", inside.adam).content.decode())
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    access.note(inside.organisation, inside.sam, access.Kind.OPENED, entry=entry)
    second = look(f"access/{older}", inside.adam).content.decode()

    assert (first.count("<tr>") - 1, second.count("<tr>") - 1) == (50, 10)


def test_a_line_costs_one_insert(inside):
    entry = write(inside.organisation)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        access.note(inside.organisation, inside.sam, access.Kind.OPENED, entry=entry)

    assert len(queries) == 1 and queries[0]["sql"].startswith("INSERT")
    began = time.perf_counter()
    for _ in range(200):
        access.note(inside.organisation, inside.sam, access.Kind.OPENED, entry=entry)
    each = (time.perf_counter() - began) / 200
    print(f"a line takes {1000 * each:.2f} ms")
    assert each < 0.05
