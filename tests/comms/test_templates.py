"""Wording kept for use again: versions with author, difference and return; what was sent keeps its own."""

import re

import pytest

from comms.models import Communication, LogEntry, Template
from comms.record import entries
from comms.sending import compose
from tests.comms.centre import address, with_people

ROOT = "/o/larch/templates/"
WORDS = {
    "name": "Lift out of service",
    "type": "circular",
    "subject": "Lift at {{block_name}}",
    "body": "<p>It stands still.</p>",
}


@pytest.fixture
def lift(inside) -> Template:
    made = Template.objects.create(
        organisation=inside.organisation, name="Lift out of service", type="circular"
    )
    made.reword(WORDS["subject"], WORDS["body"], inside.alice)
    return made


def test_a_template_is_made_and_each_change_is_a_version(inside, client_of):
    client = client_of(inside.alice)
    client.post(f"{ROOT}new/", WORDS)
    made = Template.objects.get()
    client.post(f"{ROOT}{made.public_id}/", WORDS | {"body": "<p>It stands still.</p><p>Use the stairs.</p>"})
    client.post(f"{ROOT}{made.public_id}/", WORDS | {"body": "<p>It stands still.</p><p>Use the stairs.</p>"})

    assert [v.number for v in made.versions.order_by("number")] == [1, 2]
    page = client.get(f"{ROOT}{made.public_id}/history/").content.decode()
    assert "Use the stairs." in page and 'class="added"' in page and "Alice Marsh" in page
    client.post(f"{ROOT}{made.public_id}/restore/1/")
    assert (made.latest.number, made.latest.body) == (3, "<p>It stands still.</p>")
    assert made.name in client.get(ROOT).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give it a name"),
        ({"name": "LIFT out of service"}, "Another template has this name"),
        ({"body": "<p>Dear {{nobody}}</p>"}, "There is no field {{nobody}}"),
        ({"body": "<p>Dear {{salutation</p>"}, "open or close no field"),
        ({"subject": ""}, "Give it a subject"),
        ({"type": "gossip"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(inside, client_of, lift, change, sentence):
    words = WORDS | {"name": "Another", "subject": "Typed at length"} | change
    response = client_of(inside.alice).post(f"{ROOT}new/", words)

    page = response.content.decode().replace("&quot;", '"')
    assert response.status_code == 422 and sentence in page
    assert ("Typed at length" in page) == (change.get("subject") is None)
    assert Template.objects.count() == 1


def test_a_draft_begins_with_the_words_and_keeps_the_version_it_was_sent_with(inside, client_of, lift):
    client = client_of(inside.alice)
    client.post(
        "/o/larch/communications/new/",
        {
            "type": "circular",
            "block": inside.block.public_id,
            "template": lift.public_id,
            "people": "leaseholder",
        },
    )
    draft = Communication.objects.get()
    assert (draft.subject, draft.body, draft.template_version) == (
        WORDS["subject"],
        WORDS["body"],
        lift.latest,
    )
    entry, _ = compose.entry_for(compose.Wording.of(draft), draft.recipients.first())
    entries.write([entry])

    lift.reword("Other", "<p>Other words.</p>", inside.alice)
    client.post(f"{ROOT}{lift.public_id}/archive/")

    sent = LogEntry.objects.get()
    page = client.get(sent.get_absolute_url()).content.decode()
    assert "Lift out of service, version 1" in page and sent.template_version.number == 1
    assert "It stands still." in client.get(f"{sent.get_absolute_url()}message.html").content.decode()
    assert "Lift out of service" not in client.get("/o/larch/communications/new/").content.decode()


def test_a_subject_of_ones_own_goes_before_that_of_the_template_and_one_is_needed(inside, client_of, lift):
    client, root = client_of(inside.alice), "/o/larch/communications/new/"
    client.post(root, {"type": "circular", "template": lift.public_id, "subject": "My own"})
    assert Communication.objects.get().subject == "My own"

    without = client.post(root, {"type": "circular"})
    assert without.status_code == 422 and "Give it a subject" in without.content.decode()


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ({}, "Lift out of service, version 1"),
        ({"body": "<p>It stands still!</p>"}, "Lift out of service, version 1, changed"),
        ({"subject": "Lift"}, "Lift out of service, version 1, changed"),
    ],
)
def test_the_log_says_where_the_words_are_no_longer_those_of_the_template(inside, lift, words, label):
    version = lift.latest
    facts = {"subject": version.subject, "body": version.body, "template_version": version} | words
    draft = with_people(inside, **facts)

    entry, _ = compose.entry_for(compose.Wording.of(draft), draft.recipients.first())

    assert entry.template_label == label and entry.template_version == version


def test_a_second_person_is_told_that_somebody_saved_it_meanwhile(inside, client_of, lift):
    alice, adam, page = client_of(inside.alice), client_of(inside.adam), f"{ROOT}{lift.public_id}/"
    seen = re.search(r'name="seen" value="(\d+)"', adam.get(page).content.decode())[1]
    alice.post(page, WORDS | {"body": "<p>Of Alice.</p>", "seen": seen})

    refused = adam.post(page, WORDS | {"body": "<p>Of Adam.</p>", "seen": seen})

    html = refused.content.decode()
    assert refused.status_code == 422 and "Somebody else saved it" in html and "Of Adam." in html
    assert lift.latest.body == "<p>Of Alice.</p>"
    again = re.search(r'name="seen" value="(\d+)"', html)[1]
    assert adam.post(page, WORDS | {"body": "<p>Of Adam.</p>", "seen": again}).status_code == 302
    assert lift.latest.body == "<p>Of Adam.</p>"


def test_the_history_says_where_only_the_formatting_changed(inside, client_of, lift):
    page = f"{ROOT}{lift.public_id}/history/"
    lift.reword(WORDS["subject"], "<p>It stands still now.</p>", inside.alice)
    assert "Only the formatting" not in client_of(inside.sam).get(page).content.decode()

    lift.reword(WORDS["subject"], "<p>It stands <strong>still</strong> now.</p>", inside.alice)
    assert client_of(inside.sam).get(page).content.decode().count("Only the formatting changed.") == 1


def test_the_channel_and_the_other_languages_are_kept_with_what_was_written(inside, client_of):
    one = with_people(inside, subject="Bins", body="<p>New bins.</p>", channel="post")
    one.translations.create(
        organisation=inside.organisation, language="pl", subject="Kosze", body="<p>Nowe kosze.</p>"
    )
    client_of(inside.alice).post(address(one, "keep/"))

    made = Template.objects.get()
    assert made.channel == "post"
    assert {code: v.subject for code, v in made.newest().items()} == {"en": "Bins", "pl": "Kosze"}


def test_the_preview_is_filled_for_a_chosen_contact(inside, client_of, lift):
    client = client_of(inside.alice)
    lift.reword("Lift", "<p>Dear {{salutation}} of {{unit_name}}</p>", inside.alice)
    example = client.get(f"{ROOT}{lift.public_id}/preview/").content.decode()
    chosen = client.get(
        f"{ROOT}{lift.public_id}/preview/?contact={inside.contacts[0].public_id}"
    ).content.decode()

    assert "Mrs Okafor of Flat 12" in example
    assert "Ms OfLarch of Flat 1" in chosen
    assert client.get(f"{ROOT}{lift.public_id}/preview/?contact=x").status_code == 200


def test_what_was_written_is_kept_as_a_template(inside, client_of):
    one, client = with_people(inside, subject="Bins", body="<p>New bins.</p>"), client_of(inside.alice)
    for _ in range(2):
        client.post(address(one, "keep/"))

    assert sorted(t.name for t in Template.objects.all()) == ["Bins", "Bins (2)"]
    assert Template.objects.get(name="Bins").latest.body == "<p>New bins.</p>"


def test_the_shipped_ones_are_added_once_with_a_caution(inside, client_of):
    client = client_of(inside.alice)
    page = client.post(f"{ROOT}shipped/", follow=True).content.decode()
    client.post(f"{ROOT}shipped/")

    assert "Have statutory wording checked" in page
    assert sorted(t.type for t in Template.objects.all()) == [
        "agm_notice",
        "circular",
        "demand_letter",
        "message",
        "notice",
    ]
