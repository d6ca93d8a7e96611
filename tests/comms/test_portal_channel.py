"""The portal as a channel: what it says of itself, its bytes, and the whole way from a draft to the resident's page."""

import datetime

import pytest
from django.utils import timezone

from comms.channels import registry
from comms.channels.base import Message, Outcome, Outgoing, Party, Unreachable
from comms.channels.portal import PortalChannel
from comms.models import LogEntry, Recipient
from comms.sending import due, handover
from tests.comms.centre import with_people
from tests.comms.residents import link_of, page, phone

NOBODY = Party("", "")


def message(**facts) -> Message:
    facts = {"subject": "Lift & stairs", "html": "<div>Head<p>Zoë</p>Foot</div>", "text": "", **facts}
    return Message(
        sender=NOBODY, to=NOBODY, message_id="<1@x>", date=datetime.datetime.now(datetime.UTC), **facts
    )


def test_who_holds_a_link_can_be_reached_on_their_page():
    channel = PortalChannel()

    assert channel.address(Recipient(name="Ada", devices={"portal": ["page"]})) == "Residents' page"
    with pytest.raises(Unreachable, match="no link to a page of their own. Make one on their contact page"):
        channel.address(Recipient(name="Ada"))


def test_the_bytes_are_the_merged_document():
    (part,) = PortalChannel().compose(message(body="<p>Dear Zoë</p>"))

    document = part.data.decode("utf-8")
    assert document.startswith("<!DOCTYPE html>") and "<p>Dear Zoë</p>" in document and "Head" not in document
    assert "<title>Lift &amp; stairs</title>" in document
    assert "Zoë" in PortalChannel().compose(message())[0].data.decode()


def test_a_subject_cannot_break_out_of_the_title():
    (part,) = PortalChannel().compose(message(subject="</title><script>alert(1)</script>", body="<p>x</p>"))

    assert b"<script>" not in part.data


def test_nothing_is_dialled():
    with PortalChannel().line() as line:
        sent = line.send(Outgoing("", "", NOBODY, "", "", "", b""))

    assert sent == Outcome("sent", "")


def test_what_goes_out_by_the_portal_stands_on_each_persons_page(inside, monkeypatch):
    monkeypatch.setitem(registry.CHANNELS, "portal", lambda *_: PortalChannel())
    inside.organisation.channels = ["portal"]
    inside.organisation.save()
    one = with_people(inside, channel="portal", body="<p>Dear {{salutation}}, it stands still.</p>")
    for contact, unit in zip(inside.contacts, inside.units, strict=True):
        link_of(inside, contact, unit)
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=inside.alice)
    due.start_due(timezone.now())
    handover.run(30)
    due.finish_through(timezone.now())

    one.refresh_from_db()
    assert one.status == "sent"
    for number in range(3):
        contact, unit = inside.contacts[number], inside.units[number]
        entry = LogEntry.objects.get(contact=contact)
        assert (entry.delivery.status, entry.to_address) == ("sent", "Residents' page")
        shown = phone().get(page(link_of(inside, contact, unit), entry)).content.decode()
        assert f"Dear {contact.salutation}, it stands still." in shown
