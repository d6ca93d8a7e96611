"""A draft as any recipient would get it by any of its channels, saved or not; nothing of it is kept."""

import pytest

from comms.models import Content, LogEntry, Template
from contacts.models import Contact
from tests.comms.centre import address, with_people
from tests.comms.letters import text
from tests.comms.push_servers import vapid_key
from tests.comms.servers import ACCOUNT, TOKEN


@pytest.fixture
def texts(settings, inside):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_FROM, settings.SMS_PENCE_PER_SEGMENT = "+447700900999", "4"
    inside.organisation.channels = ["email", "post", "sms", "portal"]
    inside.organisation.save()


def shown(client, one, **asked) -> str:
    return client.get(address(one, "preview/"), asked).content.decode()


def test_each_channel_shows_its_own_form_and_nothing_is_kept(inside, client_of, texts):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(
        phone="+447700900001", address="1 Mill Lane\nLeeds\nLS1 4AB"
    )
    one = with_people(
        inside,
        rule="else",
        also=["post", "sms", "portal"],
        subject="Water",
        body="<p>Dear {{first_name}}, no water.</p>",
    )
    client, before = client_of(inside.audrey), Content.objects.count()

    assert "<title>" in shown(client, one, channel="email") and "Dear Person1, no water." in shown(
        client, one
    )
    bubble = shown(client, one, channel="sms")
    assert "Dear Person1, no water." in bubble and "GSM-7, 1 segment, 137 characters left, about 4p" in bubble
    assert "<p>Dear Person1, no water.</p>" in shown(client, one, channel="portal")
    letter = client.get(address(one, "preview/"), {"channel": "post"})
    assert letter["Content-Type"] == "application/pdf" and "Dear Person1, no water." in text(letter.content)
    assert (Content.objects.count(), LogEntry.objects.count()) == (before, 0)


def test_a_post_looks_like_the_residents_page_and_a_card_is_whole(inside, client_of, texts, settings):
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = vapid_key(), "mailto:office@larch.example"
    inside.organisation.channels = ["portal", "push"]
    inside.organisation.save()
    one = with_people(inside, subject="Water", body=f"<p>{'Long ' * 60}end.</p>", channel="push")
    client = client_of(inside.sam)

    assert "font: 16px/1.5 system-ui" in shown(client, one, channel="portal").partition("</head>")[0]
    assert "Long end." in shown(client, one, channel="push")


def test_whatsapp_shows_what_fills_the_places_and_counts_it(inside, client_of, texts, settings):
    settings.WHATSAPP_FROM, settings.WHATSAPP_TEMPLATE = "+447700900998", "HX" + "1" * 32
    settings.WHATSAPP_PLACES, settings.WHATSAPP_PENCE = {"1": "name", "2": "words"}, "3"
    inside.organisation.channels = ["whatsapp"]
    inside.organisation.save()
    one = with_people(inside, subject="Water", body="<p>No water.</p><p>Sorry.</p>", channel="whatsapp")
    page = shown(client_of(inside.sam), one, channel="whatsapp")

    assert "1: Person1 OfLarch" in page and "2: No water. Sorry." in page
    assert "31 of 1024 characters, about 3p" in page


def test_who_cannot_be_reached_is_said_in_the_place_of_the_message(inside, client_of, texts):
    one = with_people(inside, rule="else", also=["sms", "post"], body="<p>Hello there</p>")
    page = shown(client_of(inside.alice), one, channel="sms")

    assert "No phone number on record." in page and "Hello there" in page


def test_what_is_being_written_is_shown_without_being_saved(inside, client_of, texts):
    one = with_people(inside, subject="Water", body="<p>Saved</p>")
    page = client_of(inside.alice).post(
        address(one, "preview/"), {"subject": "New", "body": "<p>Not saved</p><script>x()</script>"}
    )

    one.refresh_from_db()
    assert "Not saved" in page.content.decode() and "x()" not in page.content.decode()
    assert (one.subject, one.body) == ("Water", "<p>Saved</p>")
    assert (
        client_of(inside.sam).post(address(one, "preview/"), {"subject": "", "body": ""}).status_code == 403
    )


def test_a_value_that_is_missing_shows_as_the_name_of_its_field(inside, client_of):
    one = with_people(inside, body="<p>Flat {{unit_reference}}</p>")

    assert "Flat [Flat&#x27;s reference]" in shown(client_of(inside.alice), one)


def test_a_draft_without_people_is_shown_to_somebody_made_up(inside, client_of):
    one = with_people(inside, body="<p>Dear {{salutation}}</p>")
    one.recipients.all().delete()

    assert "Dear Mrs Okafor" in shown(client_of(inside.alice), one)


def test_a_template_is_shown_by_the_channel_that_it_is_for(inside, client_of, texts):
    made = Template.objects.create(organisation=inside.organisation, name="Water", channel="sms")
    made.reword("Water", "<p>No water, {{first_name}}.</p>", inside.alice)
    root = f"/o/larch/templates/{made.public_id}/preview/"
    client = client_of(inside.alice)

    assert (
        "No water, Ada." in client.get(root).content.decode()
        and "1 segment" in client.get(root).content.decode()
    )
    assert "Typed now" in client.post(root, {"subject": "W", "body": "<p>Typed now</p>"}).content.decode()
    assert "<title>" in client.post(root, {"channel": "email"}).content.decode()


def test_the_check_says_what_the_texts_cost_and_who_reads_what(inside, client_of, texts):
    for number, contact in enumerate(inside.contacts):
        Contact.objects.filter(pk=contact.pk).update(phone=f"+44770090000{number}")
    Contact.objects.filter(pk=inside.contacts[0].pk).update(language="ur")
    one = with_people(inside, channel="sms", body=f"<p>{'x' * 200}</p>")
    page = client_of(inside.alice).get(address(one, "check/")).content.decode()

    assert "<b>3</b> people: SMS, about 24p" in page
    assert "<b>1</b> person reads Urdu and gets it in English: it is not written in Urdu." in page
