"""What happened elsewhere, written into the log by hand; and put right by another entry, never changed."""

import datetime
import uuid

import pytest
from django.utils import timezone
from django_scopes import scope

from comms.models import LogEntry
from contacts.models import Contact

ROOT = "/o/larch/log/record/"


def form(**changes):
    at = timezone.localtime() - datetime.timedelta(days=3)
    return {
        "via": "phone",
        "to_name": "Person1 OfLarch",
        "to_address": "07700 900123",
        "title": "Asked for the gritting rota",
        "words": "She asked who clears the stairs.",
        "date": str(at.date()),
        "time": "11:20",
        "once": str(uuid.uuid4()),
        **changes,
    }


def test_a_call_is_recorded_with_when_it_happened_and_when_that_was_written(inside, client_of):
    ada = inside.contacts[0]
    client = client_of(inside.sam)
    page = client.get(f"{ROOT}?contact={ada.public_id}").content.decode()
    assert ada.name in page
    response = client.post(
        f"{ROOT}?contact={ada.public_id}", form(reference_type="invoice", reference="SC-1")
    )

    entry = LogEntry.objects.get()
    assert response["Location"] == entry.get_absolute_url()
    assert (entry.manual, entry.channel, entry.to_address) == (True, "phone", "+447700900123")
    assert (entry.contact, entry.unit, entry.block, entry.sender) == (
        ada,
        inside.units[0],
        inside.block,
        inside.sam,
    )
    assert entry.happened_at < entry.recorded_at - datetime.timedelta(days=2)
    assert (entry.delivery.status, entry.delivery.at) == ("sent", entry.happened_at)
    shown = client.get(entry.get_absolute_url()).content.decode()
    assert "Recorded by hand" in shown and "Manual" in shown and "SC-1" in shown
    for path in (
        f"contacts/{ada.public_id}",
        f"units/{inside.units[0].public_id}",
        f"blocks/{inside.block.public_id}",
    ):
        assert entry.title in client.get(f"/o/larch/{path}/communications/").content.decode()


def test_any_other_word_is_a_channel_too(inside, client_of):
    client_of(inside.alice).post(ROOT, form(via="…", word="pigeon post", to_address="the loft"))

    assert (LogEntry.objects.get().channel, LogEntry.objects.get().to_address) == ("pigeon post", "the loft")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": "2099-01-01"}, "That is still to come"),
        ({"to_name": ""}, "Say to whom, or with whom"),
        ({"title": ""}, "Give it a subject"),
        ({"via": "…", "word": " "}, "Say in a word or two how it happened"),
        ({"reference": "SC-1"}, "Give both the reference and what it is of"),
        ({"once": "x"}, "once"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(inside, client_of, change, sentence):
    response = client_of(inside.alice).post(ROOT, form(words="typed at length", **change))

    page = response.content.decode()
    assert response.status_code == 422 and sentence in page and "typed at length" in page
    assert not LogEntry.objects.exists()


def test_the_same_form_twice_is_one_entry(inside, client_of):
    words, client = form(), client_of(inside.alice)
    for _ in range(2):
        assert client.post(ROOT, words).status_code == 302

    assert LogEntry.objects.count() == 1


def test_a_mistake_is_put_right_by_another_entry_and_both_say_so(inside, client_of):
    client = client_of(inside.alice)
    client.post(f"{ROOT}?contact={inside.contacts[0].public_id}", form())
    wrong = LogEntry.objects.get()
    page = client.get(f"{ROOT}?corrects={wrong.public_id}").content.decode()
    assert "This entry puts right" in page and "Asked for the gritting rota" in page

    client.post(f"{ROOT}?corrects={wrong.public_id}", form(words="It was the day before."))

    right = LogEntry.objects.exclude(pk=wrong.pk).get()
    assert (right.corrects, right.contact) == (wrong, inside.contacts[0])
    assert right.get_absolute_url() in client.get(wrong.get_absolute_url()).content.decode()
    assert wrong.get_absolute_url() in client.get(right.get_absolute_url()).content.decode()
    assert LogEntry.objects.get(pk=wrong.pk).words == "She asked who clears the stairs."


def test_what_is_of_another_organisation_is_not_taken_up(inside, cast, client_of):
    with scope(organisation=cast.other):
        stranger = Contact.objects.first()
    client_of(inside.alice).post(f"{ROOT}?contact={stranger.public_id}&block={cast.theirs.public_id}", form())

    entry = LogEntry.objects.get()
    assert entry.contact is None and entry.block is None
