"""Words in several languages: each recipient gets those in their own, and else those in the organisation's."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from comms.models import Communication, LogEntry, Template, Translation
from comms.sending import due, handover, routing
from contacts.models import Contact
from tests.comms.centre import address, with_people

ROOT = "/o/larch/templates/"


@pytest.fixture
def polish(inside) -> Contact:
    """Ada reads Polish."""
    ada = inside.contacts[0]
    Contact.objects.filter(pk=ada.pk).update(language="pl")
    ada.refresh_from_db()
    return ada


@pytest.fixture
def lift(inside) -> Template:
    made = Template.objects.create(organisation=inside.organisation, name="Lift")
    made.reword(
        "Lift out of service", "<p>Dear {{salutation}}, since {{date}} it stands still.</p>", inside.alice
    )
    made.reword("Winda nieczynna", "<p>{{full_name}}, winda nie działa od {{date}}.</p>", inside.alice, "pl")
    return made


def begun_with(template, inside, client) -> Communication:
    client.post(
        "/o/larch/communications/new/",
        {
            "type": "circular",
            "block": inside.block.public_id,
            "template": template.public_id,
            "people": "leaseholder",
        },
    )
    return Communication.objects.get()


def send(one, by) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
    due.start_due(timezone.now())
    handover.run(5)


def test_each_gets_their_own_language_and_the_log_keeps_its_version(inside, client_of, lift, polish, sink):
    one = begun_with(lift, inside, client_of(inside.alice))
    send(one, inside.alice)

    theirs = LogEntry.objects.get(contact=polish)
    others = LogEntry.objects.get(contact=inside.contacts[1])
    assert (theirs.title, theirs.template_version.language) == ("Winda nieczynna", "pl")
    assert others.title == "Lift out of service" and others.template_version == lift.latest
    months = {11: "listopada", 12: "grudnia", 1: "stycznia"}
    assert months.get(timezone.localdate().month, "") in theirs.words and theirs.words.endswith(".")
    assert (
        '<html lang="pl">' in sink.to(theirs.to_address)[0].message.as_string()
        or b'lang=3D"pl"' in sink.to(theirs.to_address)[0].data
    )


def test_a_language_that_nobody_wrote_is_the_organisations(inside, client_of, lift, sink):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(language="ur")
    one = begun_with(lift, inside, client_of(inside.alice))
    send(one, inside.alice)

    assert {entry.title for entry in LogEntry.objects.all()} == {"Lift out of service"}


def test_a_template_is_written_in_another_language_and_that_is_taken_back(inside, client_of, lift):
    client, page = client_of(inside.alice), f"{ROOT}{lift.public_id}/"
    words = {"name": "Lift", "type": "", "channel": "sms", "subject": "Ascenseur", "body": "<p>En panne.</p>"}
    fresh = client.get(f"{page}?language=fr").content.decode()
    assert "Write over them in French" in fresh and "Lift out of service" in fresh

    client.post(f"{page}?language=fr", words)
    lift.refresh_from_db()
    assert (lift.newest()["fr"].subject, lift.latest.subject, lift.channel) == (
        "Ascenseur",
        "Lift out of service",
        "sms",
    )
    shown = client.get(f"{page}?language=fr").content.decode()
    assert "Ascenseur" in shown and "Take French out" in shown
    assert "French" in client.get(f"{page}history/").content.decode()

    for _ in range(2):
        client.post(f"{page}without/fr/")
    assert set(lift.newest()) == {"en", "pl"}
    client.post(f"{page}restore/3/")
    assert lift.newest()["fr"].body == "<p>En panne.</p>"
    assert client.get(f"{page}?language=xx").status_code == 404
    assert client.post(f"{page}without/en/").status_code == 404


def test_a_draft_is_written_in_another_language_beside_its_own(inside, client_of, polish):
    one, client = with_people(inside, subject="Bins", body="<p>New bins.</p>"), client_of(inside.alice)
    editor = client.get(address(one)).content.decode()
    assert "Polish" in editor and "1 person gets the words above" in editor

    page = address(one, "languages/pl/")
    assert "New bins." in client.get(page).content.decode()
    client.post(page, {"subject": "Kosze", "body": "<p>Nowe kosze, {{first_name}}.</p>"})
    assert "written; 1 person reads it" in client.get(address(one)).content.decode()
    ada = one.recipients.get(contact=polish)
    assert "Nowe kosze" in client.get(address(one, f"preview/?recipient={ada.pk}")).content.decode()

    client.post(address(one, "languages/pl/remove/"))
    assert not Translation.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"subject": "", "body": ""}, "Give it a subject"),
        ({"subject": "Kosze", "body": "<p>{{nobody}}</p>"}, "There is no field"),
    ],
)
def test_what_is_wrong_in_another_language_is_said_at_its_field(inside, client_of, words, sentence):
    one = with_people(inside)
    answer = client_of(inside.alice).post(address(one, "languages/pl/"), words)

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Translation.objects.exists()


def test_a_field_without_a_value_is_found_in_each_language(inside, polish):
    one = with_people(inside, body="<p>Hello</p>")
    Translation.objects.create(
        organisation=inside.organisation,
        communication=one,
        language="pl",
        subject="A",
        body="<p>{{unit_reference}}</p>",
    )
    words = {route.recipient.contact: route.word for route in routing.check(one, one.recipients.all()).routes}

    assert words[polish] == "empty_field" and set(words.values()) == {"empty_field", ""}


@pytest.mark.parametrize("change", ["write", "rewrite", "remove"])
def test_once_it_is_being_sent_no_language_changes(inside, client_of, sink, change):
    one = with_people(inside, body="<p>Hello</p>")
    made = Translation.objects.create(
        organisation=inside.organisation, communication=one, language="pl", subject="A", body=""
    )
    send(one, inside.alice)

    client_of(inside.alice).post(address(one, "languages/pl/"), {"subject": "B", "body": ""})
    client_of(inside.alice).post(address(one, "languages/pl/remove/"))
    with pytest.raises(DatabaseError), transaction.atomic():
        if change == "write":
            Translation.objects.create(
                organisation=inside.organisation, communication=one, language="fr", subject="A"
            )
        elif change == "rewrite":
            Translation.objects.filter(pk=made.pk).update(subject="B")
        else:
            made.delete()
    assert Translation.objects.get().subject == "A"
