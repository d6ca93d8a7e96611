"""A resident's noticeboard: theirs alone, reached by a link that can be taken back."""

import datetime

import pytest
from django.utils import timezone
from django_scopes import scope

from comms.models import LogEntry
from comms.portal import links
from comms.record import entries
from contacts.models import Contact, Occupancy
from portfolio import logo
from portfolio.logo import Drawn
from tests.comms.logbook import NOW, happen
from tests.comms.residents import attached, link_of, page, phone, post
from tests.portfolio.pictures import png

GONE = "This link is no longer valid"


def shown(response) -> str:
    return response.content.decode()


def test_the_board_says_for_whom_it_is_and_lists_what_was_posted_newest_first(inside):
    post(inside, title="Older", at=NOW - datetime.timedelta(days=3))
    post(inside, title="Newer")

    board = shown(phone().get(page(link_of(inside))))

    assert "Person1 OfLarch" in board and "Flat 1, Acacia Court" in board and "Larch Management" in board
    assert board.index("Newer") < board.index("Older")
    assert "21 Nov 2026, 09:00</time>" in board


def test_nothing_of_anybody_else_is_on_it(inside):
    ada, bob, _ = inside.contacts
    post(inside, title="For Ada")
    post(inside, bob, inside.units[1], title="For Bob elsewhere")
    post(inside, bob, title="For Bob in the same flat")
    post(inside, ada, inside.units[1], title="For Ada in her other flat")
    post(inside, title="For Ada in no flat", unit=None)
    entries.write(
        [LogEntry(organisation=inside.organisation, contact=ada, channel="email", title="An email")]
    )

    board = shown(phone().get(page(link_of(inside))))

    assert "For Ada" in board and "For Ada in no flat" in board
    for other in ("elsewhere", "in the same flat", "in her other flat", "An email"):
        assert other not in board


def test_a_link_without_a_flat_shows_all_that_is_the_persons(inside):
    ada, bob, _ = inside.contacts
    post(inside, ada, inside.units[0], title="In the first")
    post(inside, ada, inside.units[1], title="In the second")
    post(inside, bob, inside.units[1], title="For Bob")

    board = shown(phone().get(page(links.of(ada, None))))

    assert "In the first" in board and "In the second" in board and "For Bob" not in board


def test_what_failed_or_has_not_gone_out_is_not_a_post(inside):
    facts = {"organisation": inside.organisation, "contact": inside.contacts[0], "channel": "portal"}
    waiting, failed = entries.write([LogEntry(**facts, title="Waiting"), LogEntry(**facts, title="Failed")])
    happen(failed, "failed")
    link = link_of(inside)

    board = shown(phone().get(page(link)))

    assert "Nothing has been posted yet" in board and "Waiting" not in board and "Failed" not in board
    assert phone().get(page(link, waiting)).status_code == 404


def test_one_person_entered_twice_and_merged_has_one_page(inside):
    ada, bob, _ = inside.contacts
    link = link_of(inside, bob)
    post(inside, bob, title="To the second entry")
    post(inside, ada, title="To the first entry")
    Contact.objects.filter(pk=bob.pk).update(merged_into=ada, archived_at=timezone.now())

    for each in (link, link_of(inside, ada)):
        board = shown(phone().get(page(each)))
        assert "To the second entry" in board and "To the first entry" in board
        assert ada.name in board and bob.name not in board


def test_older_posts_are_on_the_next_page_each_once(inside):
    for number in range(45):
        post(inside, title=f"Post {number:02}", at=NOW - datetime.timedelta(minutes=number // 3))
    address = found = page(link_of(inside))
    seen = []
    while found:
        board = shown(phone().get(found))
        seen += [f"Post {n:02}" for n in range(45) if f"Post {n:02}" in board]
        older = board.partition('href="?from=')[2].partition('"')[0]
        found = f"{address}?from={older}" if older else ""

    assert sorted(seen) == [f"Post {n:02}" for n in range(45)]
    assert "Post 00" in shown(phone().get(address + "?from=nonsense"))


def test_a_post_has_a_page_with_its_words(inside):
    entry = post(
        inside, body='<h2>When</h2><p>On <strong>Tuesday</strong>. <a href="https://x.example">More</a></p>'
    )

    found = shown(phone().get(page(link_of(inside), entry)))

    assert "<h2>When</h2>" in found and "<strong>Tuesday</strong>" in found
    assert 'href="https://x.example" rel="noopener noreferrer nofollow"' in found
    assert "<title>Lift out of service</title>" not in found.partition("post-words")[2]
    assert entry.exact_bytes().decode().startswith("<!DOCTYPE html>")


def test_nothing_in_a_post_runs_or_fetches(inside):
    bad = (
        "<p onclick=alert(1)>Words</p><script>alert(2)</script><img src=https://x.example/p.gif>"
        "<a href=javascript:alert(3)>a</a><iframe src=https://x.example></iframe><form action=/x><input></form>"
    )
    entry = post(inside, body=bad, title="<script>alert(4)</script>")
    link = link_of(inside)

    found = shown(phone().get(page(link, entry)))

    words = found.partition('class="post-words">')[2].partition("</article>")[0]
    assert "Words" in words
    for evil in ("onclick", "alert", "<img", "javascript:", "iframe", "<form", "<input"):
        assert evil not in words
    assert "<script>alert(4)" not in found + shown(phone().get(page(link)))


def test_words_without_kept_bytes_are_shown_as_text(inside):
    (bare,) = entries.write(
        [
            LogEntry(
                organisation=inside.organisation,
                contact=inside.contacts[0],
                channel="portal",
                title="Receipt",
                words="<b>Paid</b>\n\nThanks",
            )
        ]
    )
    happen(bare, "delivered")

    found = shown(phone().get(page(link_of(inside), bare)))

    assert "<p>&lt;b&gt;Paid&lt;/b&gt;</p>" in found and "<p>Thanks</p>" in found


def test_files_are_handed_out_to_be_saved_and_nothing_else(inside):
    entry = post(inside, attachments=[attached(inside, 'a "rota".html', b"<script>", "text/html")])
    link = link_of(inside)
    address = page(link, entry)

    response = phone().get(f"{address}files/1/")

    assert b"".join(response) == b"<script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"] and "no-store" in response["Cache-Control"]
    for number in (0, 2, 999999999):
        assert phone().get(f"{address}files/{number}/").status_code == 404


def test_a_post_and_a_file_of_somebody_else_are_not_there(inside):
    bob = inside.contacts[1]
    theirs = post(inside, bob, title="For Bob in the same flat", attachments=[attached(inside)])
    address = page(link_of(inside), theirs)

    assert phone().get(page(link_of(inside, bob), theirs)).status_code == 200
    for response in (
        phone().get(address),
        phone().get(f"{address}files/1/"),
        phone().post(address, {"words": "Hello"}),
    ):
        assert response.status_code == 404
        assert "For Bob" not in shown(response) and "There is no such post on your page" in shown(response)


def test_the_link_of_another_organisation_leads_only_there(cast):
    with scope(organisation=cast.organisation):
        ours, link = post(cast, title="Ours"), links.of(cast.contacts[0], None)
    with scope(organisation=cast.other):
        home = Occupancy.objects.select_related("contact__organisation", "unit__block").first()
        theirs = links.of(home.contact, None)
        post(cast, home.contact, home.unit, title="Theirs")

    ours_only = shown(phone().get(page(link)))
    assert "Ours" in ours_only and "Theirs" not in ours_only
    board = shown(phone().get(page(theirs)))
    assert "Theirs" in board and "Ours" not in board and "Harbour &amp; Vale" in board
    assert phone().get(page(theirs, ours)).status_code == 404


def test_a_reply_to_a_revoked_link_is_given_back(inside):
    entry, link = post(inside), link_of(inside)
    address = page(link, entry)
    links.revoke(link, inside.alice)

    answer = phone().post(address, {"words": "It <b>drips</b>."})

    html = answer.content.decode()
    assert answer.status_code == 410
    assert "Your reply was not sent." in html and "It &lt;b&gt;drips&lt;/b&gt;." in html
    assert "not sent" not in phone().get(address).content.decode()


def test_a_revoked_link_says_how_to_get_another(inside):
    entry, link = post(inside, attachments=[attached(inside)]), link_of(inside)
    board, one = page(link), page(link, entry)
    links.revoke(link, inside.alice)

    for response in (
        phone().get(board),
        phone().get(one),
        phone().get(f"{one}files/1/"),
        phone().get(f"{board}logo.png"),
        phone().post(one, {"words": "Hello"}),
        phone().post(f"{board}push/"),
    ):
        assert response.status_code == 410
        said = shown(response)
        assert GONE in said and "ring 0113 496 0100" in said and "office@larch.example" in said
        assert "Lift" not in said and "Person1" not in said
        assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("token", ["x", "ä", "%00", "a" * 43, "..", "sw"])
def test_an_unknown_link_says_what_to_do(db, token):
    response = phone().get(f"/p/{token}/")

    assert response.status_code == 404
    assert GONE in shown(response) and "Copy the whole address" in shown(response)


def test_the_page_is_kept_close(inside):
    response = phone().get(page(link_of(inside)))

    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "same-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in shown(response)
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_residents_page_leads_nowhere_into_the_office(inside):
    post(inside)
    link = link_of(inside)

    found = shown(phone().get(page(link))) + shown(phone().get(page(link, LogEntry.objects.get())))

    assert "/o/" not in found and "/accounts/" not in found and "Alice" not in found


def test_the_logo_stands_at_the_head_where_there_is_one(inside):
    link = link_of(inside)
    assert "<img" not in shown(phone().get(page(link)))
    assert phone().get(f"{page(link)}logo.png").status_code == 404
    logo.replace(inside.organisation, Drawn(png(), 40, 20))

    assert "logo.png" in shown(phone().get(page(link)))
    assert phone().get(f"{page(link)}logo.png")["Content-Type"] == "image/png"


def test_times_are_those_of_the_organisation(inside):
    inside.organisation.time_zone = "Asia/Tokyo"
    inside.organisation.save()
    post(inside)

    assert "21 Nov 2026, 18:00</time>" in shown(phone().get(page(link_of(inside))))
