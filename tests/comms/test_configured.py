"""Channels are off without their settings, on with them, and say at start-up what is half set."""

import json

import pytest
from django.core.checks import run_checks

from comms.channels import configured
from comms.channels.fcm import FcmChannel
from comms.channels.push import KNOWN_SERVICES, PushChannel
from comms.channels.sms import SmsChannel
from comms.channels.whatsapp import SOURCES, WhatsAppChannel
from tests.comms.push_servers import Google, vapid_key

OFF = {
    **dict.fromkeys(
        ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_MESSAGING_SERVICE"], ""
    ),
    **dict.fromkeys(["WHATSAPP_FROM", "WHATSAPP_TEMPLATE", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT"], ""),
    "WHATSAPP_PLACES": {},
    "PUSH_SERVICES": [],
    "FCM_SERVICE_ACCOUNT": "",
}
ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}
CHANNELS = (configured.sms, configured.whatsapp, configured.push, configured.app)


@pytest.fixture
def given(settings):
    def give(**changes):
        for name, value in {**OFF, **changes}.items():
            setattr(settings, name, value)

    return give


def said():
    return [fault.msg for fault in run_checks() if fault.id == "comms.E020"]


def test_without_settings_all_are_off_and_nothing_is_wrong(given):
    given()

    assert [channel() for channel in CHANNELS] == [None] * 4
    assert not said()


def test_with_settings_each_is_what_they_say(given, settings, tmp_path):
    account = tmp_path / "account.json"
    account.write_text(Google().service_account("http://127.0.0.1:1"))
    given(
        **ACCOUNT,
        TWILIO_FROM="+447700900999",
        WHATSAPP_FROM="+447700900998",
        WHATSAPP_TEMPLATE="HX1",
        VAPID_PRIVATE_KEY=vapid_key(),
        VAPID_SUBJECT="mailto:a@b.example",
        FCM_SERVICE_ACCOUNT=str(account),
    )

    sms, whatsapp, push, app = (channel() for channel in CHANNELS)

    assert isinstance(sms, SmsChannel) and sms.settings.sender == "+447700900999"
    assert isinstance(whatsapp, WhatsAppChannel) and whatsapp.settings.sender == "+447700900998"
    assert (whatsapp.template.content, tuple(whatsapp.template.places.values())) == ("HX1", SOURCES)
    assert isinstance(push, PushChannel) and push.settings.services == KNOWN_SERVICES
    assert isinstance(app, FcmChannel) and app.settings.token_uri == "http://127.0.0.1:1/token"
    assert not said()


def test_the_json_of_a_service_account_may_be_in_the_setting_itself(given):
    given(FCM_SERVICE_ACCOUNT=Google().service_account("http://127.0.0.1:1"))

    assert configured.app().settings.project == "larch-app"


def test_an_account_may_be_for_whatsapp_alone(given):
    given(**ACCOUNT, WHATSAPP_FROM="+447700900998")

    assert (configured.sms(), configured.whatsapp().template) == (None, None)
    assert not said()


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "go together"),
        (ACCOUNT, "Texts have no sender"),
        (
            {
                **ACCOUNT,
                "WHATSAPP_FROM": "+44",
                "WHATSAPP_TEMPLATE": "HX1",
                "WHATSAPP_PLACES": {"1": "colour"},
            },
            "A template's place",
        ),
        (
            {"VAPID_PRIVATE_KEY": "nonsense", "VAPID_SUBJECT": "mailto:a@b.example"},
            "VAPID_PRIVATE_KEY is not",
        ),
        ({"VAPID_PRIVATE_KEY": vapid_key()}, "VAPID_SUBJECT says"),
        ({"FCM_SERVICE_ACCOUNT": "/nowhere.json"}, "cannot be read: No such file"),
        ({"FCM_SERVICE_ACCOUNT": json.dumps({"project_id": "p"})}, "is not the JSON file"),
    ],
)
def test_what_is_half_set_is_off_and_told_once(given, changes, words):
    given(**changes)

    assert not any(channel() for channel in CHANNELS)
    (fault,) = said()
    assert words in fault
