"""Beginning a communication and writing it: what is kept, what is refused at its field, what is taken out."""

import base64
import datetime
import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from comms.models import Communication
from portfolio.models import Unit
from tests.comms.centre import draft, page


def begin(client, organisation, **typed):
    return client.post(reverse("comms:write", args=[organisation.slug]), typed)


def save(client, one, **typed):
    typed = {"subject": one.subject, "body": one.body, "notes": "", **typed}
    return client.post(one.get_absolute_url(), typed)


def test_the_editors_own_style_is_the_only_one_let_in(inside, client_of):
    one = draft(inside)
    script = Path(finders.find("django_prose_editor/editor.js")).read_text()
    style = re.search(r"`(\.ProseMirror \{.*?)`", script, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    policy = client_of(inside.alice).get(one.get_absolute_url()).headers["Content-Security-Policy"]

    (styles,) = [part.strip() for part in policy.split(";") if part.strip().startswith("style-src")]
    assert styles == f"style-src 'self' 'sha256-{digest}'"
    assert "unsafe" not in policy


def test_it_begins_with_type_and_scope(inside, client_of):
    unit = inside.units[0]

    begin(client_of(inside.alice), inside.organisation, type="notice", unit=unit.public_id, subject="Works")

    one = Communication.objects.get()
    assert (one.type, one.block, one.unit, one.subject) == ("notice", inside.block, unit, "Works")
    assert (one.status, one.statutory, one.created_by) == ("draft", True, inside.alice)


def test_the_block_or_flat_that_one_came_from_is_chosen(inside, client_of):
    address = reverse("comms:write", args=[inside.organisation.slug])

    html = client_of(inside.alice).get(address, {"block": inside.block.public_id}).content.decode()

    assert re.search(rf'<option value="{inside.block.public_id}" selected>', html)


@pytest.mark.parametrize(
    "typed",
    [
        {"subject": ""},
        {"subject": "x" * 501},
        {"subject": "Lift\r\nBcc: everybody@simulator.example"},
        {"subject": "Dear {{nobody}}"},
        {"subject": "Dear {{salutation"},
        {"type": "system"},
        {"type": ""},
        {"block": "no-id"},
        {"unit": "3f0c0a52-0000-4000-8000-000000000000"},
    ],
)
def test_a_wrong_beginning_is_refused_and_kept_in_the_form(inside, client_of, typed):
    answer = begin(
        client_of(inside.alice), inside.organisation, **{"type": "circular", "subject": "Kept", **typed}
    )

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    if "subject" not in typed:
        assert 'value="Kept"' in answer.content.decode()
    assert not Communication.objects.exists()


def test_somebody_elses_block_and_flat_are_not_there(inside, client_of):
    client = client_of(inside.alice)
    theirs = Unit._base_manager.filter(block_id=inside.theirs.pk).first()

    for typed in ({"block": inside.theirs.public_id}, {"unit": theirs.public_id}):
        answer = begin(client, inside.organisation, type="circular", subject="x", **typed)
        assert answer.status_code == 422
        assert "Quay House" not in answer.content.decode()


def test_what_is_not_sent_is_taken_out_of_the_text_and_named(inside, client_of):
    one = draft(inside)

    answer = client_of(inside.alice).post(
        one.get_absolute_url(),
        {"subject": "Lift 2", "body": "<p>Dear <b>all</b></p><script>alert(1)</script>"},
        follow=True,
    )

    one.refresh_from_db()
    assert "script" not in one.body and "alert" not in one.body
    assert "Dear" in one.body
    assert "Taken out of the text" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "named"),
    [
        ("body", "<p>Dear {{nobody}}</p>", "{{nobody}}"),
        ("body", "<p>Dear {{salutation</p>", "Double braces"),
        ("subject", "Lift {{liftnumber}}", "{{liftnumber}}"),
        ("subject", "Lift\nBcc: x@simulator.example", "on one line"),
        ("subject", "Lift\u2028two", "on one line"),
        ("subject", "   ", "Give it a subject"),
        ("subject", "x" * 501, "501"),
        ("notes", "x" * 20_001, "20001"),
    ],
)
def test_a_mistake_is_a_sentence_and_nothing_is_saved_or_lost(inside, client_of, field, typed, named):
    one = draft(inside)

    answer = save(client_of(inside.alice), one, **{"notes": "Typed before", field: typed})

    assert answer.status_code == 422
    assert named in answer.content.decode()
    if field != "notes":
        assert "Typed before" in answer.content.decode()
    before = (one.subject, one.body, one.notes)
    one.refresh_from_db()
    assert (one.subject, one.body, one.notes) == before


def test_saving_twice_is_harmless_and_keeps_the_schedule(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)
    at = timezone.now() + datetime.timedelta(days=1)
    one.schedule(at=at, by=inside.alice)

    for _ in range(2):
        assert save(client, one, subject="Lift 3").status_code == 302

    one.refresh_from_db()
    assert (one.subject, one.status, one.scheduled_at) == ("Lift 3", "scheduled", at)


def test_type_and_scope_stay_whatever_is_sent(inside, client_of):
    one = draft(inside)

    save(client_of(inside.alice), one, type="notice", block="", unit=inside.units[0].public_id)

    one.refresh_from_db()
    assert (one.type, one.block, one.unit) == ("circular", inside.block, None)


def test_once_sending_has_begun_nothing_is_saved_or_deleted(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)
    one.schedule(at=timezone.now(), by=inside.alice)
    one.begin(timezone.now())

    save(client, one, subject="Too late")
    client.post(page("delete", one))

    one.refresh_from_db()
    assert one.subject == "Lift 2"


def test_it_is_deleted_only_after_it_was_asked(inside, client_of):
    one, client = draft(inside, people=2), client_of(inside.alice)

    assert client.get(page("delete", one)).status_code == 200
    assert Communication.objects.filter(pk=one.pk).exists()
    assert client.post(page("delete", one)).status_code == 302
    assert not Communication.objects.filter(pk=one.pk).exists()
    assert client.post(page("delete", one)).status_code == 404


def test_readers_read_it_and_cannot_write(inside, client_of):
    one = draft(inside)

    for reader in (inside.sam, inside.audrey):
        client = client_of(reader)
        html = client.get(one.get_absolute_url()).content.decode()
        assert "Dear all" in html or page("preview", one) in html
        assert 'name="subject"' not in html
        assert save(client, one, subject="No").status_code == 403
        assert client.post(page("delete", one)).status_code == 403
        assert begin(client, inside.organisation, type="circular", subject="No").status_code == 403
    stranger = client_of(inside.mallory)
    assert save(stranger, one, subject="No").status_code == 404
    assert stranger.get(page("preview", one)).status_code == 404
    one.refresh_from_db()
    assert one.subject == "Lift 2"


def test_the_preview_runs_and_loads_nothing(inside, client_of):
    one = draft(inside, people=1, body="<p>Dear {{salutation}} of {{block_name}}</p>")

    answer = client_of(inside.audrey).get(page("preview", one))

    assert "Dear Ms OfLarch" in answer.content.decode()
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    )
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_two_who_edit_one_draft_do_not_overwrite_each_other_unseen(inside, client_of):
    one = draft(inside)
    seen = one.updated_at.isoformat()
    save(client_of(inside.adam), one, subject="Adam's words")

    late = client_of(inside.alice).post(
        page("communication", one), {"subject": "Alice's words", "body": "", "notes": "", "seen": seen}
    )

    one.refresh_from_db()
    assert late.status_code == 422
    assert "Somebody else saved it" in late.content.decode()
    assert "Alice&#x27;s words" in late.content.decode()
    assert one.subject == "Adam's words"
