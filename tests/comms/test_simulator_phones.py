"""The simulator as the provider of texts, WhatsApp and push: our channels against its process."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from comms import simulator as documented
from comms.channels.base import Party
from comms.channels.push import PushChannel, PushSettings
from comms.channels.sms import SmsChannel
from comms.channels.twilio_request import TwilioSettings
from comms.channels.whatsapp import Template, WhatsAppChannel
from comms.simulator.pushes import BY_NAME, subscription
from comms.simulator.texts import REFUSALS
from tests.comms.push_servers import vapid_key
from tests.comms.test_simulator import Simulator, running
from tests.comms.texts import message, outgoing

SENDER = "+447700900999"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("sink")) as simulator:
        yield simulator


def account(simulator):
    api = simulator.inbox.rstrip("/")
    return TwilioSettings("AC" + "0" * 32, "any", SENDER, api=api, timeout=10)


def send(channel, to, **changes):
    with channel.line() as line:
        return line.send(outgoing(channel, message(to=Party("Ada", to), **changes)))


@pytest.mark.parametrize(
    "number,kind,bounce,code",
    [
        ("+447700900001", "sent", "", ""),
        ("+447700900101", "bounced", "hard", "21211"),
        ("+447700900201", "bounced", "hard", "21614"),
        ("+447700900401", "failed", "", "21610"),
        ("+447700900501", "bounced", "spam", "30007"),
        ("+447700900701", "unconfirmed", "", ""),
        ("+447700900801", "bounced", "hard", "30005"),
        ("+447911123456", "sent", "", ""),
    ],
)
def test_a_number_chooses_what_becomes_of_a_text(simulator, number, kind, bounce, code):
    result = send(SmsChannel(account(simulator)), number)

    assert (result.kind, result.bounce) == (kind, bounce)
    assert code in result.reply
    assert result.provider_id.startswith("SM") == (kind == "sent")


@pytest.mark.parametrize("number", ["+447700900301", "+447700900601"])
def test_what_is_put_off_twice_is_then_taken(simulator, number):
    kinds = [send(SmsChannel(account(simulator)), number).kind for _ in range(3)]

    assert kinds == ["deferred", "deferred", "sent"]


def test_a_number_may_be_slow(simulator):
    begun = time.monotonic()

    assert send(SmsChannel(account(simulator)), "+447700900901").kind == "sent"
    assert 3 <= time.monotonic() - begun < 6


@pytest.mark.parametrize(
    "number,template,kind,code",
    [
        ("+447700900002", Template("HX1"), "sent", ""),
        ("+447700900002", None, "failed", "63016"),
        ("+447700900802", Template("HX1"), "bounced", "63024"),
    ],
)
def test_whatsapp_wants_a_template_and_somebody_who_is_on_it(simulator, number, template, kind, code):
    result = send(WhatsAppChannel(account(simulator), template), number)

    assert result.kind == kind
    assert code in result.reply


@pytest.mark.parametrize(
    "name,kind,gone",
    [
        ("ada", "sent", False),
        ("gone-1", "failed", True),
        ("large", "failed", False),
        ("busy", "deferred", False),
        ("away", "deferred", False),
        ("drop", "unconfirmed", False),
    ],
)
def test_a_browsers_name_chooses_what_becomes_of_a_push(simulator, name, kind, gone):
    origin = simulator.inbox.rstrip("/")
    pushes = PushChannel(PushSettings(vapid_key(), "mailto:a@b.example", services=[origin], timeout=10))

    result = send(pushes, subscription(name, origin))

    assert (result.kind, result.gone) == (kind, gone)


def test_what_left_is_shown_beside_mail_and_escaped(simulator):
    origin = simulator.inbox.rstrip("/")
    simulator.send("reader@simulator.example")
    send(SmsChannel(account(simulator)), "+447700900003", words="A <b>text</b>")
    send(
        PushChannel(PushSettings(vapid_key(), "mailto:a@b.example", services=[origin], timeout=10)),
        subscription("reader", origin),
        subject="A <i>push</i>",
    )

    listed = simulator.get("")
    push, text, _ = re.findall(r'href="/([0-9A-F-]{27})"', listed)[:3]
    assert "A &lt;b&gt;text&lt;/b&gt;" in listed and "A &lt;i&gt;push&lt;/i&gt;" in listed
    assert all(f"<td>{word}</td>" in listed for word in ("Email", "SMS", "Push", "+447700900003"))
    assert "A &lt;b&gt;text&lt;/b&gt;" in simulator.get(text)
    assert json.loads(simulator.get(f"{push}/raw"))["body"] == "The lift is out."


def test_what_is_kept_survives_a_restart_whatever_it_was(tmp_path):
    with running(tmp_path) as first:
        first.send("reader@simulator.example")
        send(SmsChannel(account(first)), "+447700900003")
    with running(tmp_path) as second:
        assert second.get("").count("<td>") == 8


@pytest.mark.parametrize("path", ["", "push/", "2010-04-01/Accounts/AC1/Calls.json"])
def test_what_is_posted_elsewhere_is_refused(simulator, path):
    request = urllib.request.Request(simulator.inbox + path, b"To=1", method="POST")

    with pytest.raises(urllib.error.HTTPError, match="40[14]"):
        urllib.request.urlopen(request, timeout=5)


def test_each_magic_address_is_in_the_table():
    table = documented.__doc__

    assert all(f"{digit}xx" in table for digit in (*REFUSALS, "0", "7", "9"))
    assert all(f"{name}…" in table for name in BY_NAME)
    assert all(str(refusal.code) in table for refusal in REFUSALS.values())
