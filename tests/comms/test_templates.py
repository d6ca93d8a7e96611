"""Wording kept for use again: versions with author, difference and return; what was sent keeps its own."""

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
