"""The demo is there at once, holds together, and is made only once."""

import datetime
from io import StringIO
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from comms import simulated
from comms.models import Communication, Delivery, LogEntry, PortalLink, Suppression, Ticket
from comms.portal import links
from comms.sending import follow_up, routing
from contacts.models import Contact
from portfolio.models import Organisation, Unit, User
from tests.comms.push_servers import vapid_key

# What there is of each channel in two years, at least.
TOLD = {
    "email": set(Delivery.Status.values) - {"queued"},
    "sms": {"sent", "delivered", "failed", "bounced", "dropped", "unconfirmed"},
    "whatsapp": {"delivered", "opened"},
    "push": {"sent"},
    "post": {"sent", "bounced"},
    "hybrid": {"sent"},
    "portal": {"delivered", "opened"},
    "hand": {"sent", "delivered", "failed", "bounced"},
    "phone": {"sent"},
}


@pytest.fixture
def as_in_make_run(settings):
    """Let every channel lead to the simulator, which need not run: the past was long ago."""
    place = "127.0.0.1:8025"
    settings.SIMULATOR_SMTP, settings.SIMULATOR_HTTP = "127.0.0.1:1025", place
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "simulated"
    settings.TWILIO_FROM = settings.WHATSAPP_FROM = "+447700900999"
    settings.TWILIO_API_BASE, settings.WHATSAPP_TEMPLATE = f"http://{place}", "HX1"
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = vapid_key(), "mailto:blockpost@demo.example"
    settings.PUSH_SERVICES = [f"http://{place}"]
    settings.HYBRID_MAIL_URL, settings.HYBRID_MAIL_KEY = f"http://{place}/hybrid", "simulated"


def test_the_demo_is_whole_and_is_made_once(db, mailoutbox, as_in_make_run):
    out = StringIO()
    call_command("demo", stdout=out)
    call_command("demo", stdout=out)
    call_command("rebuild_deliveries", "--check", stdout=out)

    assert out.getvalue().count("Made Larchfield Management") == 1
    assert out.getvalue().count("The demo is there already.") == 1
    assert "Every delivery is what the record says." in out.getvalue()
    browser = Client()
    assert browser.login(email="manager@demo.example", password="blockpost-demo")
    assert b"Acacia Court" in browser.get("/o/larchfield/blocks/").content
    assert browser.get("/o/harbour-vale/blocks/").status_code == 404
    with scope(organisation=Organisation.objects.get(slug="larchfield")):
        assert (Unit.objects.count(), Contact.objects.count()) == (90, 131)
        assert 1500 < LogEntry.objects.count() < 2500
        week = timezone.now() - datetime.timedelta(days=7)
        assert 40 <= Delivery.objects.filter(at__gte=week).count() <= 70
        told = set(Delivery.objects.values_list("status", flat=True))
        assert told == set(Delivery.Status.values) - {"queued"}
        for channel, told in TOLD.items():
            found = set(Delivery.objects.filter(channel=channel).values_list("status", flat=True))
            assert told <= found, (channel, told - found)
        assert set(Communication.objects.values_list("status", flat=True)) == {"sent", "draft", "scheduled"}
        every_channel_goes_out_as_soon_as_it_runs()
        assert not Delivery.objects.filter(at__gt=timezone.now()).exists()
        mail = LogEntry.objects.filter(channel="email").exclude(sha256="").first()
        assert mail.to_address.encode() in mail.exact_bytes()
        margaret = links.portal_url(PortalLink.objects.standing().get(contact__name="Margaret Okafor"))
        assert Suppression.objects.standing().filter(address__startswith="bounce.").exists()
        assert set(Ticket.objects.values_list("state", flat=True)) == set(Ticket.State.values)
        assert not Ticket.objects.filter(changes__isnull=True).exists()
        assert Suppression.objects.filter(lifted_at__isnull=False).count() == 1
        assert follow_up.raise_overdue(timezone.now()) == 0  # they are there already
    board = Client().get(urlsplit(margaret).path).content.decode()
    assert "Notices for Margaret Okafor" in board and "Electricity of the common parts off" in board
    its_people_sign_in_and_set_new_passwords(mailoutbox)


def every_channel_goes_out_as_soon_as_it_runs():
    soon = timezone.now() + datetime.timedelta(minutes=1)
    live = list(Communication.objects.due(soon).select_related("organisation"))
    assert {one.channel for one in live} == {"email", "sms", "whatsapp", "push", "portal"}
    email = next(one for one in live if one.channel == "email")
    routes = routing.check(email, email.recipients.all()).routes
    assert {route.channel for route in routes} == {"email", "hybrid"} and email.is_watched
    begins = {route.recipient.email.partition(".")[0] for route in routes}
    assert begins > {row.begins for row in simulated.MAIL if row.begins}
    for one in live:
        assert routing.check(one, one.recipients.all()).reached, one.channel


def its_people_sign_in_and_set_new_passwords(mailoutbox):
    for who in ("admin@demo", "manager@demo", "staff@demo", "auditor@demo", "manager@other"):
        signed_in = Client().post(
            "/accounts/login/", {"login": f"{who}.example", "password": "blockpost-demo"}
        )
        assert (signed_in.status_code, signed_in["Location"]) == (302, "/"), who
        assert EmailAddress.objects.filter(email=f"{who}.example", verified=True, primary=True).exists()
    Client().post("/accounts/password/reset/", {"email": "manager@demo.example"})
    assert mailoutbox[-1].to == ["manager@demo.example"] and "/reset/key/" in mailoutbox[-1].body
    assert [user.email for user in User.objects.filter(is_staff=True)] == ["admin@demo.example"]
