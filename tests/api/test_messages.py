"""What other systems' workflows ask for: one message, logged under the workflow's name; a refusal leaves a line."""

import uuid

import pytest
from django.utils import timezone
from django_scopes import scope

from comms.models import Communication, LogEntry, Recipient, Suppression, Template
from comms.sending import due, handover
from contacts.models import Contact, ContactRelation
from portfolio.models import RefusedCall
from tests import sink as smtp
from tests.api.conftest import API, problem

MESSAGES = f"{API}messages/"
TO = {"address": "ada@simulator.example", "name": "Ada Okafor"}
PARCEL = {"text": "Dear {{full_name}},\n\nyour <parcel> is here.", "workflow": "Concierge", **TO}
INVOICE = {"reference_type": "invoice", "reference": "INV-2041"}


@pytest.fixture
def template(inside):
    made = Template.objects.create(organisation=inside.organisation, name="Arrears")
    made.reword("Your account, {{salutation}}", "<p>Dear {{salutation}}</p>", inside.alice)
    return made


def deliver():
    due.start_due(timezone.now())
    handover.run(20)


def refused():
    return list(RefusedCall.objects.values_list("status", "reason", "workflow", "recipient", "reference"))


class TestSent:
    def test_a_text_to_an_address_goes_out_and_the_log_names_the_workflow(self, inside, alice, settings):
        with smtp.running() as sink:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
            made = alice.post(MESSAGES, PARCEL | INVOICE)
            deliver()

        told, entry = made.json(), LogEntry.objects.get()
        assert made.status_code == 201 and told["status"] == "scheduled" and told["workflow"] == "Concierge"
        assert [r["recipient_email"] for r in told["recipients"]] == ["ada@simulator.example"]
        assert (entry.sender_label, entry.reference_type, entry.reference) == (
            "Concierge",
            "invoice",
            "INV-2041",
        )
        assert "Dear Ada Okafor," in entry.words and "<parcel>" in entry.words
        assert entry.title == "Dear Ada Okafor, your <parcel> is here."  # the first words are its title
        shown = alice.get(f"{API}recipients/{told['recipients'][0]['id']}/").json()
        assert shown["status"] == "sent" and shown["entry_id"] == str(entry.public_id)
        assert not refused()

    def test_a_field_is_not_cut_in_two_for_the_subject(self, inside, alice):
        alice.post(MESSAGES, PARCEL | {"text": "x" * 70 + " {{full_name}} and more of it"})

        assert Communication.objects.get().subject == "x" * 70

    def test_a_template_to_a_contact(self, inside, alice, template):
        contact = inside.contacts[0]

        told = alice.post(
            MESSAGES, {"template_id": str(template.public_id), "contact_id": str(contact.public_id)}
        ).json()

        one = Communication.objects.get()
        assert one.subject == "Your account, {{salutation}}" and one.template_version == template.latest
        assert one.workflow == told["workflow"] == "Script"  # the token's name
        row = told["recipients"][0]
        assert (row["contact_id"], row["unit_id"]) == (str(contact.public_id), str(inside.units[0].public_id))
        assert row["delivery_status"] == "pending"

    def test_templates_are_told_with_what_they_merge(self, inside, alice, template):
        (shown,) = alice.get(f"{API}templates/").json()["results"]

        whole = alice.get(f"{API}templates/{shown['id']}/").json()
        assert shown["name"] == "Arrears" and whole["fields_used"] == ["salutation"]
        assert [(w["language"], w["subject"]) for w in whole["words"]] == [
            ("en", "Your account, {{salutation}}")
        ]
        Template.objects.update(archived_at=timezone.now())
        assert alice.get(f"{API}templates/").json()["results"] == []
        body = {"template_id": shown["id"], "contact_id": str(inside.contacts[0].public_id)}
        problem(alice.post(MESSAGES, body), 400)

    def test_a_letter_to_an_address(self, inside, alice):
        inside.organisation.channels = ["email", "post"]
        inside.organisation.save()

        told = alice.post(
            MESSAGES, PARCEL | {"channel": "post", "address": "2 Mill Lane\nLeeds\nLS1 4AB"}
        ).json()

        assert told["recipients"][0]["recipient_address"] == "2 Mill Lane\nLeeds\nLS1 4AB"

    def test_the_same_key_sends_once(self, inside, alice):
        answers = [alice.post(MESSAGES, PARCEL, headers={"Idempotency-Key": "p1"}) for _ in range(2)]

        assert answers[0].json() == answers[1].json() and Recipient.objects.count() == 1
        problem(alice.post(MESSAGES, PARCEL | INVOICE, headers={"Idempotency-Key": "p1"}), 422)
        assert Recipient.objects.count() == 1

    def test_a_copy_that_reaches_nobody_stops_nothing(self, inside, alice):
        contact, agent = inside.contacts[:2]
        Contact.objects.filter(pk=agent.pk).update(email="")
        ContactRelation.objects.create(
            organisation=inside.organisation, contact=agent, acts_for=contact, kind="attorney", copies=True
        )

        made = alice.post(MESSAGES, {"text": "Hi", "contact_id": str(contact.public_id)})

        assert made.status_code == 201 and len(made.json()["recipients"]) == 2

    def test_a_suppressed_address_is_recorded_as_dropped(self, inside, alice):
        Suppression.objects.create(
            organisation=inside.organisation, channel="email", address=TO["address"], reason="It bounced."
        )

        alice.post(MESSAGES, PARCEL)
        deliver()

        assert LogEntry.objects.get().delivery.status == "dropped"


class TestRefused:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": None}, "text"),
            ({"body_html": "<p>Two texts</p>"}, "text"),
            ({"text": "{{nobody}}"}, "text"),
            ({"text": "{{oops"}, "text"),
            ({"contact_id": str(uuid.uuid4())}, "address"),
            ({"address": "nobody"}, "address"),
            ({"channel": "sms"}, "channel"),  # switched off here
            ({"reference": "INV-1"}, "reference"),
            ({"workflow": "two\nlines"}, "workflow"),
            ({"communication_type": "system"}, "communication_type"),
            ({"unit_id": str(uuid.uuid4())}, "unit_id"),
            ({"when": "now"}, "when"),
        ],
    )
    def test_it_is_told_what_makes_no_sense_and_a_line_stays(self, inside, alice, wrong, field):
        found = problem(alice.post(MESSAGES, PARCEL | wrong), 400)

        assert field in {error["field"] for error in found["errors"]}
        assert not Communication.objects.exists() and not Recipient.objects.exists()
        ((status, reason, *_),) = refused()
        assert (status, reason) == (400, found["detail"])

    def test_a_contact_without_an_address_is_refused_with_the_reason(self, inside, alice):
        contact = inside.contacts[0]
        contact.email = ""
        contact.save()

        told = problem(
            alice.post(MESSAGES, {"text": "Hi", "contact_id": str(contact.public_id), "workflow": "W"}), 409
        )

        assert refused() == [(409, told["detail"], "W", str(contact.public_id), "")]
        assert not Communication.objects.exists()

    def test_a_field_without_a_value_is_refused(self, inside, alice, template):
        told = problem(
            alice.post(MESSAGES, {"template_id": str(template.public_id), "address": TO["address"]}), 409
        )

        assert "Salutation" in told["detail"]

    def test_a_channel_of_people_known_here_takes_no_address(self, inside, alice):
        inside.organisation.channels = ["email", "portal"]
        inside.organisation.save()

        assert "contact_id" in problem(alice.post(MESSAGES, PARCEL | {"channel": "portal"}), 409)["detail"]

    def test_a_contact_of_somebody_else_is_not_there(self, inside, alice):
        with scope(organisation=inside.other):
            theirs = str(Contact.objects.first().public_id)

        assert (
            "no such contact"
            in problem(alice.post(MESSAGES, {"text": "Hi", "contact_id": theirs}), 400)["detail"]
        )

    def test_a_body_that_cannot_be_read_leaves_a_line_too(self, inside, alice):
        problem(alice.generic("POST", MESSAGES, b"{", "application/json"), 400)
        odd = b'{"workflow": "x\\u0000\\u0000", "address": [5], "reference": {"a": null}}'
        problem(alice.generic("POST", MESSAGES, odd, "application/json"), 400)

        assert len(refused()) == 2

    def test_one_who_may_not_leaves_a_line_and_a_stranger_none(self, inside, api, client):
        problem(api(inside.sam).post(MESSAGES, PARCEL), 403)
        problem(client.post(MESSAGES), 401)

        assert [row[0] for row in refused()] == [403]

    def test_a_person_finds_the_line(self, inside, api, client_of):
        api(inside.alice).post(MESSAGES, PARCEL | INVOICE | {"address": "nobody"})

        page = client_of(inside.adam).get("/o/larch/settings/tokens/").content.decode()
        assert "Messages that were refused" in page and "There is no @ in it" in page
        assert "Concierge" in page and "INV-2041" in page

    def test_a_script_finds_its_own_lines_and_an_admin_all(self, inside, api):
        for person, status in ((inside.alice, 400), (inside.sam, 403)):
            call = PARCEL | {"address": "nobody", "workflow": person.name}
            problem(api(person).post(MESSAGES, call), status)

        def found(person):
            rows = api(person).get(f"{MESSAGES}refused/").json()["results"]
            return [(row["status"], row["workflow"], row["recipient"]) for row in rows]

        assert found(inside.alice) == [(400, "Alice Marsh", "nobody")]
        assert found(inside.adam) == [(403, "Sam Ellery", "nobody"), (400, "Alice Marsh", "nobody")]
        with scope(organisation=inside.other):
            assert found(inside.mallory) == []
