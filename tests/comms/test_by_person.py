"""What a person hands over: on record before, marked by them after, with when, how and a proof."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from comms.models import LogEntry, Proof
from comms.sending import due, handover
from tests.comms.centre import address, with_people
from tests.portfolio import pictures

PNG = pictures.png()


@pytest.fixture
def waiting(inside):
    """A notice that goes by leaflet to three people, written down and waiting."""
    one = with_people(inside)
    one.channel = "leaflet"
    one.body = "<p>Dear {{salutation}}, the lift stands still.</p>"
    one.save()
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=inside.alice)
    due.start_due(timezone.now())
    handover.run(0.5)
    one.refresh_from_db()
    return one


def form(one, *recipients, **more):
    at = timezone.localtime() + datetime.timedelta(seconds=0)
    return {
        "kind": "delivered",
        "how": "Affixed to the door",
        "note": "by the caretaker",
        "date": str(at.date()),
        "time": at.strftime("%H:%M:%S"),
        "recipient": [str(r.public_id) for r in recipients],
        **more,
    }


def test_what_is_handed_over_is_marked_with_when_who_how_and_a_photo(waiting, inside, client_of):
    client, (first, *others) = client_of(inside.alice), list(waiting.recipients.order_by("pk"))
    page = client.get(address(waiting, "progress/")).content.decode()
    assert "3 wait for a person" in page
    assert first.name in client.get(address(waiting, "by-person/")).content.decode()

    photo = SimpleUploadedFile("door.png", PNG, "image/png")
    client.post(address(waiting, "by-person/"), form(waiting, first, proof=photo))

    entry = LogEntry.objects.get(recipient=first)
    assert (entry.delivery.status, entry.delivery.reason) == (
        "delivered",
        "Affixed to the door: by the caretaker",
    )
    event = entry.events.get()
    assert (event.actor, event.source) == (inside.alice, "person")
    assert bytes(Proof.objects.get().content.data) == PNG
    shown = client.get(entry.get_absolute_url()).content.decode()
    assert "door.png" in shown and "Affixed to the door" in shown
    waiting.refresh_from_db()
    assert waiting.status == "sending"

    client.post(address(waiting, "by-person/"), form(waiting, *others, kind="sent", how="Posted", note=""))
    waiting.refresh_from_db()
    assert waiting.status == "sent"


def test_after_a_mistake_it_says_that_the_photo_is_to_be_chosen_once_more(waiting, inside, client_of):
    first, client = waiting.recipients.order_by("pk")[0], client_of(inside.alice)
    photo = SimpleUploadedFile("door.png", PNG, "image/png")
    wrong = {"how": "", "note": ""}
    answer = client.post(address(waiting, "by-person/"), form(waiting, first, proof=photo, **wrong))

    assert answer.status_code == 422 and "choose them once more" in answer.content.decode()
    without = client.post(address(waiting, "by-person/"), form(waiting, first, **wrong))
    assert "choose them once more" not in without.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": []}, "Tick those that were handed over"),
        ({"how": "", "note": ""}, "Say how it was done"),
        ({"date": "2099-01-01"}, "That is still to come"),
        ({"date": "2020-01-01"}, "That is before they were written"),
        ({"date": ""}, "Give the date"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_marked(waiting, inside, client_of, change, sentence):
    first = waiting.recipients.first()
    response = client_of(inside.alice).post(address(waiting, "by-person/"), form(waiting, first) | change)

    assert response.status_code == 422 and sentence in response.content.decode()
    assert LogEntry.objects.get(recipient=first).delivery.status == "queued"


def test_marking_twice_is_harmless(waiting, inside, client_of):
    client, first = client_of(inside.alice), waiting.recipients.first()
    for _ in range(2):
        client.post(address(waiting, "by-person/"), form(waiting, first))

    assert LogEntry.objects.get(recipient=first).events.count() == 1


def test_the_editor_takes_a_channel_a_rule_and_a_word(inside, client_of):
    one, client = with_people(inside), client_of(inside.alice)
    words = {"subject": "Lift", "body": "<p>Hello</p>", "notes": ""}
    client.post(address(one), words | {"channel": "email", "rule": "else", "second": "hand"})
    one.refresh_from_db()
    assert (one.channels, one.rule) == (["email", "hand"], "else")
    page = client.get(address(one, "check/")).content.decode()
    assert "email" in page

    wrong = client.post(address(one), words | {"channel": "email", "rule": "each", "second": ""})
    assert wrong.status_code == 422 and "Choose the other channel" in wrong.content.decode()
    nameless = client.post(address(one), words | {"channel": "…", "rule": "only", "word": " "})
    assert nameless.status_code == 422 and "Say in a word or two" in nameless.content.decode()
    client.post(address(one), words | {"channel": "…", "rule": "only", "word": "noticeboard"})
    one.refresh_from_db()
    assert one.channels == ["noticeboard"]


def test_what_is_handed_over_is_shown_and_taken_as_the_page_it_was(waiting, inside, client_of):
    entry = LogEntry.objects.filter(communication=waiting).first()
    client = client_of(inside.audrey)
    page = client.get(entry.get_absolute_url()).content.decode()
    frame = client.get(f"{entry.get_absolute_url()}message.html").content.decode()
    original = client.get(f"{entry.get_absolute_url()}original")

    assert "Download .html" in page and "the lift stands still" in frame
    assert b"".join(original.streaming_content) == entry.exact_bytes()
    assert original["X-Content-SHA256"] == entry.sha256 and ".html" in original["Content-Disposition"]
