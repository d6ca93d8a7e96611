"""The help page: what each status means, and the addresses that the simulator answers by."""

import pytest
from django.urls import reverse

from comms import simulated
from comms.models import Delivery
from portfolio.templatetags import look

HERE = "127.0.0.1"


@pytest.fixture
def demo(settings, cast):
    """Settings as `make run` has them."""
    settings.SIMULATOR_SMTP, settings.SIMULATOR_HTTP = f"{HERE}:1025", f"{HERE}:8025"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HERE, 1025
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "simulated"
    settings.TWILIO_FROM = settings.WHATSAPP_FROM = "+447700900999"
    settings.TWILIO_API_BASE = f"http://{HERE}:8025"
    settings.HYBRID_MAIL_URL, settings.HYBRID_MAIL_KEY = f"http://{HERE}:8025/hybrid", "simulated"
    cast.organisation.channels = ["email", "post", "sms", "whatsapp", "hybrid", "portal"]
    cast.organisation.save()
    return settings


def page(client_of, user, slug="larch"):
    return client_of(user).get(reverse("comms:help", args=[slug])).content.decode()


@pytest.mark.parametrize("who", ["alice", "sam", "audrey", "adam"])
def test_every_member_reads_what_each_status_means(cast, client_of, who):
    shown = page(client_of, getattr(cast, who)).replace("&#x27;", "'")

    for status in Delivery.Status.values:
        assert look.STATUSES[status].help in shown
        assert look.MORE.get(status, "") in shown
    assert "pictures before anybody looks" in shown and "A soft bounce says" in shown


def test_it_lists_every_address_that_the_simulator_answers_by(demo, cast, client_of):
    shown = page(client_of, cast.sam)

    for channel in ("email", "sms", "whatsapp", "hybrid"):
        for address, does in simulated.shown()[channel]:
            assert address in shown and does in shown
    assert "hard…@simulator.example" in shown and "07700 9001xx" in shown
    assert "real people" not in shown
    assert f"http://{HERE}:8025/" in shown


def test_channels_that_lead_to_real_people_list_no_address(demo, cast, client_of):
    demo.EMAIL_HOST = "mail.example"
    demo.TWILIO_API_BASE = "https://api.twilio.com"

    shown = page(client_of, cast.sam)

    assert "@simulator.example" not in shown and "07700 9001xx" not in shown
    assert "Email, SMS, WhatsApp: messages go to real people" in shown
    assert "a line that begins with" in shown


def test_without_a_simulator_there_is_none_on_it(demo, cast, client_of):
    demo.SIMULATOR_SMTP = demo.SIMULATOR_HTTP = ""

    shown = page(client_of, cast.sam)

    assert "What happens" not in shown and "8025" not in shown
    assert "Email, SMS, WhatsApp, Letter by print service: messages go to real people" in shown


def test_a_provider_of_mail_is_no_simulator(demo, cast, client_of):
    demo.EMAIL_PROVIDER = "postmark"

    assert "@simulator.example" not in page(client_of, cast.sam)


def test_the_menu_leads_to_it(cast, client_of):
    home = client_of(cast.sam).get(reverse("comms:communications", args=["larch"])).content.decode()

    assert f'href="{reverse("comms:help", args=["larch"])}"' in home
