"""The simulator as the provider of texts, WhatsApp, push and letters: our channels against its process."""

import datetime
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from comms import simulated
from comms.channels.base import Party
from comms.channels.letter.hybrid import HybridLine, HybridSettings
from comms.channels.push import PushChannel, PushSettings
from comms.channels.sms import SmsChannel
from comms.channels.twilio_request import TwilioSettings
from comms.channels.whatsapp import Template, WhatsAppChannel
from comms.simulator.kept import Kept
from comms.simulator.letters import Letters
from comms.simulator.pushes import subscription
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

    assert send(SmsChannel(account(simulator)), "+447700900991").kind == "sent"
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

    assert (result.kind, bool(result.gone)) == (kind, gone)


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


@pytest.fixture
def letters(simulator):
    line = HybridLine(HybridSettings(f"{simulator.inbox}hybrid", "any", timeout=10))
    yield line
    line.close()


@pytest.mark.parametrize(
    "address,kind,words",
    [
        ("12 Otley Road, Leeds, LS6 4QB", "sent", "accepted"),
        ("Refused Cottage, Leeds, LS6 4QB", "failed", "not in a country"),
        ("1 High Street, Large House, LS6 4QB", "failed", "100 sheets"),
        ("Poor Law House, Leeds, LS6 4QB", "deferred", "No credit"),
        ("Busy Lane, Leeds, LS6 4QB", "deferred", "Slow down"),
        ("Away, Leeds, LS6 4QB", "deferred", "Back soon"),
        ("Drop Hill, Leeds, LS6 4QB", "unconfirmed", ""),
        ("Droplet Hill, Leeds, LS6 4QB", "sent", "accepted"),
    ],
)
def test_a_line_of_the_address_chooses_what_becomes_of_a_letter(letters, address, kind, words):
    outcome = letters.submit(b"%PDF-1.7 \r\n\x00\xff\n", "Ada", address, f"entry of {address}")

    assert outcome.kind == kind
    assert words in outcome.reply


def test_a_letter_is_kept_byte_for_byte_and_once(simulator, letters):
    pdf = b"%PDF-1.7\r\n--no boundary\r\n\r\n\x00\xff\r\n"

    first, again = (letters.submit(pdf, "Ada", "Leeds", "one-entry") for _ in range(2))
    other = letters.submit(b"%PDF-2.0", "Ada", "Leeds", "one-entry")

    assert first.provider_id == again.provider_id
    assert (simulator.folder / f"{first.provider_id}.pdf").read_bytes() == pdf
    assert (other.kind, other.reply[:3]) == ("failed", "409")
    assert letters.status(first.provider_id) == "accepted"
    assert letters.status("00000000000000000000-000000") == letters.status("../etc/passwd") == ""


def test_a_letter_is_shown_as_the_pdf_that_it_is(simulator, letters):
    number = letters.submit(b"%PDF-1.7", "A <i>name</i>", "Leeds", "another").provider_id

    assert "A &lt;i&gt;name&lt;/i&gt;, Leeds" in simulator.get("")
    with urllib.request.urlopen(f"{simulator.inbox}{number}/raw", timeout=5) as answer:
        assert (answer.headers["Content-Type"], answer.read()) == ("application/pdf", b"%PDF-1.7")


@pytest.mark.parametrize(
    "after,address,status",
    [(0, "Leeds", "accepted"), (11, "Leeds", "printed"), (99, "Leeds", "posted"), (99, "Returned, Leeds", "returned"), (99, "Lost, Leeds", "failed")],
)  # fmt: skip
def test_a_letter_gets_further_with_time(tmp_path, after, address, status):
    kept = Kept(tmp_path)
    id = kept.keep("entry", [f"Lost Ada, {address}"], b"%PDF-", "letter")
    path = tmp_path / f"{id}.json"
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=after)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"received_at": then.isoformat()}))

    answer = Letters(kept).status(f"/hybrid/letters/{id}", {"authorization": "Bearer any"})

    assert json.loads(answer.body)["status"] == status


@pytest.mark.parametrize(
    "headers,body,status",
    [
        ({"authorization": ""}, b"", 401),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ({"content-type": "multipart/form-data"}, b"\xff", 415),
        ({"content-type": "text/plain"}, b"%PDF-", 415),
    ],
)
def test_what_is_no_letter_is_refused(tmp_path, headers, body, status):
    answer = Letters(Kept(tmp_path)).answer("/hybrid/letters", {"authorization": "Bearer k"} | headers, body)

    assert answer.status == status
    assert not list(tmp_path.glob("*.pdf"))


def test_what_was_taken_is_known_after_a_restart(tmp_path):
    with running(tmp_path) as first:
        before = HybridLine(HybridSettings(f"{first.inbox}hybrid", "any")).submit(
            b"%PDF-", "Ada", "Leeds", "e"
        )
    with running(tmp_path) as second:
        after = HybridLine(HybridSettings(f"{second.inbox}hybrid", "any")).submit(
            b"%PDF-", "Ada", "Leeds", "e"
        )

    assert before.provider_id == after.provider_id


def test_the_first_row_that_fits_can_be_reached():
    for table in (simulated.MAIL, simulated.TEXTS, simulated.PUSHES, simulated.LETTERS):
        begins = [row.begins for row in table]
        for place, start in enumerate(begins):
            assert not [one for one in begins[:place] if start.startswith(one)], start
        assert begins[-1] == ""
