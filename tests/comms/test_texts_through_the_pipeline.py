"""SMS and WhatsApp go the way of every other channel: chosen, recorded, handed over, shown."""

import datetime

import pytest
from django.utils import timezone

from comms.models import LogEntry
from comms.sending import due, handover, routing
from contacts.models import Contact
from tests import sink as smtp
from tests.comms.centre import address, with_people
from tests.comms.residents import link_of
from tests.comms.servers import ACCOUNT, TOKEN, serving, twilio


@pytest.fixture
def provider(settings):
    with serving(twilio()) as server:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_FROM, settings.TWILIO_API_BASE = "+447700900999", server.address
        settings.WHATSAPP_FROM = "+447700900999"
        yield server


def send(one, by) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
    due.start_due(timezone.now())
    handover.run(5)
    due.finish_through(timezone.now())
    one.refresh_from_db()


def test_a_text_goes_to_mobiles_and_else_by_email(inside, provider, client_of):
    inside.organisation.channels = ["email", "sms"]
    inside.organisation.save()
    ada, bob, cat = inside.contacts
    Contact.objects.filter(pk=ada.pk).update(phone="+447700900001")
    Contact.objects.filter(pk=bob.pk).update(phone="+441134960112")  # a landline
    one = with_people(
        inside, channel="sms", subject="Water", body="<p>Dear {{first_name}}, the water is off.</p>"
    )
    assert {r.recipient.contact: r.word for r in routing.check(one, one.recipients.all()).routes} == {
        ada: "", bob: "unreachable", cat: "unreachable",
    }  # fmt: skip
    send(one, inside.alice)

    entry = LogEntry.objects.get(communication=one, contact=ada)
    assert (entry.channel, entry.to_address, entry.delivery.status) == ("sms", "+447700900001", "sent")
    assert entry.words == "Dear Person1, the water is off."
    (asked,) = provider.asked
    assert asked.form["Body"] == "Dear Person1, the water is off."
    page = client_of(inside.audrey).get(entry.get_absolute_url()).content.decode()
    assert 'class="bubble"' in page and "the water is off" in page and "What was sent" in page
    request = client_of(inside.audrey).get(f"{entry.get_absolute_url()}?tab=request").content.decode()
    assert "+447700900001" in request and "Download .json" in request


def test_whatsapp_needs_their_word_first(inside, provider):
    inside.organisation.channels = ["whatsapp"]
    inside.organisation.save()
    ada, bob, _ = inside.contacts
    Contact.objects.filter(pk__in=[ada.pk, bob.pk]).update(phone="+447700900001")
    Contact.objects.filter(pk=bob.pk).update(whatsapp_opt_in=True)
    one = with_people(inside, channel="whatsapp", body="<p>Hello</p>")
    found = {r.recipient.contact: r.why for r in routing.check(one, one.recipients.all()).routes}

    assert "have not agreed" in found[ada] and found[bob] == ""


def test_a_channel_that_the_settings_leave_off_is_not_offered(inside, client_of):
    inside.organisation.channels = ["email", "sms"]
    inside.organisation.save()
    page = client_of(inside.alice).get(address(with_people(inside))).content.decode()

    assert '<option value="sms"' not in page and '<option value="email"' in page


def test_a_notice_by_email_and_on_the_residents_page_has_an_entry_of_each(inside, settings, client_of):
    inside.organisation.channels = ["email", "portal"]
    inside.organisation.save()
    for contact, unit in zip(inside.contacts, inside.units, strict=True):
        link_of(inside, contact, unit)
    one = with_people(inside, rule="each", also=["portal"], body="<p>Dear {{salutation}}</p>")
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        send(one, inside.alice)

    found = LogEntry.objects.filter(communication=one, contact=inside.contacts[0])
    assert {(e.channel, e.to_address, e.delivery.status) for e in found} == {
        ("email", "person1@simulator.example", "sent"),
        ("portal", "Residents' page", "sent"),
    }
    post = found.get(channel="portal")
    assert b"Dear Ms OfLarch" in post.exact_bytes() and len(sink.kept) == 3
    assert one.status == "sent"
