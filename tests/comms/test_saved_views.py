"""Views of the log that have a name."""

import html
import re

import pytest
from django.http import QueryDict

from comms.models import PinnedView, SavedView
from tests.comms.logbook import days_ago, write


@pytest.fixture
def at(inside, client_of):
    """Give a person's page below the log, or what they post there."""

    def go(path, by=None, **posted):
        client = client_of(by or inside.alice)
        path = f"/o/{inside.organisation.slug}/log/{path}"
        return client.post(path, posted) if posted else client.get(path, follow=True)

    return go


@pytest.fixture
def save(at, inside):
    """Save a view of the log as Alice or as somebody else."""

    def press(query="sent=all&channel=sms", by=None, **values):
        return at("views/new/", by, query=query, **{"name": "Texts", **values})

    return press


def titles(response):
    return re.findall(r'class="open"[^>]*>([^<]+)', response.content.decode())


def words(response):
    return html.unescape(response.content.decode())


def test_a_view_keeps_filters_columns_and_order(inside, at, save):
    write(inside.organisation, title="B", channel="sms")
    write(inside.organisation, title="A", channel="sms", at=days_ago(400))
    write(inside.organisation, title="C", channel="email")

    save("sent=all&channel=sms&sort=title&show=channel&show=status&entry=y&reading=about")
    view = SavedView.objects.get()
    page = at(f"views/{view.public_id}/")

    assert titles(page) == ["A", "B"]
    heads = re.findall(r'role="columnheader"[^>]*><a[^>]*>([A-Z][a-z ]+)', words(page))
    assert [head.strip() for head in heads] == ["Sent at", "Channel", "Title", "Status"]
    assert set(view.query) == {"sent", "channel", "sort", "show"}
    assert "<h1>Texts</h1>" in words(page) and "not as it was saved" not in words(page)


def test_paging_and_sorting_keep_the_view_and_say_when_it_was_changed(inside, at, save):
    write(inside.organisation, channel="sms")
    save()
    view = SavedView.objects.get()

    changed = at(f"?{QueryDict(view.address[1:]).urlencode()}&sort=title")

    assert "<h1>Texts</h1>" in words(changed) and "not as it was saved" in words(changed)
    assert f"view={view.public_id}" in words(changed)
    at(f"views/{view.public_id}/edit/", query="sent=all&channel=sms&sort=title", name="Texts")
    view.refresh_from_db()
    assert view.query["sort"] == ["title"]


def test_a_private_view_is_its_owners_alone(inside, at, save):
    save()
    view = SavedView.objects.get()

    for by in (inside.adam, inside.sam, inside.audrey):
        assert at(f"views/{view.public_id}/", by).status_code == 404
        assert at(f"views/{view.public_id}/edit/", by).status_code == 404
        assert at(f"views/{view.public_id}/pin/", by, pinned="1").status_code == 404
        assert "Texts" not in words(at("views/", by))
        assert "<h1>Texts" not in words(at(f"?view={view.public_id}", by))


def test_who_has_fewer_rights_sees_in_a_shared_view_what_they_may_see(inside, at, save):
    write(inside.organisation, title="Ours", channel="sms")
    save(shared="on")
    view = SavedView.objects.get()

    page = at(f"views/{view.public_id}/", inside.sam)

    assert titles(page) == ["Ours"]
    assert "Export 1 row" in words(at(f"views/{view.public_id}/"))
    assert "Export" not in words(page)  # staff browse, and take nothing with them
    assert at(f"views/{view.public_id}/edit/", inside.sam).status_code == 403
    assert at(f"views/{view.public_id}/delete/", inside.sam, yes="1").status_code == 403
    assert SavedView.objects.count() == 1


def test_a_view_that_names_a_thing_of_others_shows_nothing_of_it(inside, at, save):
    theirs = inside.theirs.public_id

    refused = save(f"sent=all&block={theirs}")

    assert refused.status_code == 422 and "“Block” was left out" in words(refused)
    assert "Quay House" not in words(refused)
    SavedView.objects.create(
        organisation=inside.organisation, owner=inside.alice, name="Stolen", query={"block": [str(theirs)]}
    )
    write(inside.organisation, title="Ours")
    page = at(f"views/{SavedView.objects.get().public_id}/")
    assert "Quay House" not in words(page) and "“Block” was left out" in words(page)


def test_a_pinned_view_stands_in_the_navigation_of_who_pinned_it(inside, at, save):
    save(shared="on", pinned="on")
    view = SavedView.objects.get()
    link = f'href="/o/larch/log/views/{view.public_id}/"'

    assert link in words(at("")) and link not in words(at("", inside.sam))
    at(f"views/{view.public_id}/pin/", inside.sam, pinned="1")
    assert link in words(at("", inside.sam))
    at(f"views/{view.public_id}/pin/", inside.sam, pinned="0")
    assert link not in words(at("", inside.sam)) and link in words(at(""))


def test_a_pin_of_a_view_that_is_no_longer_shared_leads_nowhere_and_is_not_shown(inside, at, save):
    save(shared="on")
    view = SavedView.objects.get()
    at(f"views/{view.public_id}/pin/", inside.sam, pinned="1")

    at(f"views/{view.public_id}/edit/", name="Texts")

    assert "Texts" not in words(at("", inside.sam))


def test_it_is_renamed_and_its_filters_stay(inside, at, save):
    save()
    view = SavedView.objects.get()

    assert at(f"views/{view.public_id}/edit/", name="SMS of the year", shared="on").status_code == 302

    view.refresh_from_db()
    assert (view.name, view.shared, view.query["channel"]) == ("SMS of the year", True, ["sms"])


def test_it_is_deleted_only_after_it_was_asked(inside, at, save):
    save(pinned="on")
    view = SavedView.objects.get()

    asked = at(f"views/{view.public_id}/delete/")
    assert "The log stays as it is" in words(asked) and SavedView.objects.exists()
    at(f"views/{view.public_id}/delete/", yes="1")

    assert not SavedView.objects.exists() and not PinnedView.objects.exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": ""}, "Give the view a name"),
        ({"name": "x" * 81}, "at most 80"),
        ({"name": "two\nlines"}, "on one line"),
        ({"name": "a\x00b"}, "Null characters"),
        ({"query": "sent=sometime"}, "“Sent” was left out"),
        ({"query": "sort=salary"}, "no such column"),
        ({"query": "show=salary"}, "no column “salary”"),
        ({"query": "per_page=many"}, "Rows a page"),
        ({"query": "since=31-02-2026"}, "“From” was left out"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(save, values, says):
    refused = save(**values)

    assert refused.status_code == 422 and says in words(refused)
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once_by_each_person(inside, save):
    save()

    assert "You have a view of that name" in words(save(name="TEXTS"))
    assert save(by=inside.sam).status_code == 302
    assert SavedView.objects.count() == 2


def test_an_address_with_a_view_that_is_none_shows_the_log(at):
    for view in ("x", "00000000-0000-0000-0000-000000000000", "%00"):
        page = at(f"?view={view}")
        assert page.status_code == 200 and "<h1>Log</h1>" in words(page)


def test_without_views_the_page_says_how_to_make_one(at):
    assert "No views yet" in words(at("views/"))
