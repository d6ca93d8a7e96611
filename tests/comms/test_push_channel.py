"""Pushing to browsers: what the push service sees, what the browser can read, and what each answer means."""

import json
import logging

import pytest

from comms.channels import push_line, vapid, wire
from comms.channels.base import Party, Unreachable
from comms.channels.push import MOST, PushChannel, PushSettings
from comms.channels.subscription import STRANGE, UNREADABLE
from tests.comms.push_servers import Browser, plain64, push_service, vapid_key
from tests.comms.servers import CLOSE, HANG, RESET, Answer, nobody, serving
from tests.comms.texts import ENTRY, message, outgoing, whoever

KEY = vapid_key()


def channel(*services, **changes):
    given = {"private_key": KEY, "subject": "mailto:post@larch.example", "link": "/n/", "timeout": 1}
    return PushChannel(PushSettings(**(given | {"services": services} | changes)))


def outcome(script=None, browser=None, **changes):
    """Push one message to a browser whose service gives one answer."""
    browser = browser or Browser()
    with serving(push_service(browser, script)) as server:
        pushes = channel(server.address, **changes)
        with pushes.line() as line:
            return line.send(to(browser.subscription(server.address), pushes))


def to(subscription, pushes, **changes):
    return outgoing(pushes, message(to=Party("Ada", subscription), **changes))


def test_the_browser_reads_the_words_and_nobody_on_the_way_does():
    browser = Browser()
    with serving(push_service(browser)) as server:
        pushes = channel(server.address)
        with pushes.line() as line:
            sent = line.send(to(browser.subscription(server.address), pushes, words="Água – “off”"))

    (asked,) = server.asked
    assert browser.shown == [{"title": "Lift out of order", "body": "Água – “off”", "url": "/n/"}]
    assert "Água".encode() not in asked.body
    assert (asked.headers["ttl"], asked.headers["topic"]) == ("259200", ENTRY.replace("-", ""))
    assert asked.headers["authorization"].endswith(f",k={vapid.public_key(KEY)}")
    assert (sent.kind, sent.provider_id, sent.reply) == ("sent", "https://push.example/message/1", "201")


def test_a_tap_leads_where_the_message_says():
    (part,) = channel().compose(message(link="https://larch.example/r/1"))

    assert json.loads(part.data)["url"] == "https://larch.example/r/1"
    assert channel().compose(message(link="https://larch.example/r/1")) == [part]


def test_one_connection_and_one_signature_serve_many():
    browser = Browser()
    with serving(push_service(browser)) as server:
        pushes = channel(server.address)
        with pushes.line() as line:
            kinds = [line.send(to(browser.subscription(server.address), pushes)).kind for _ in range(3)]

    assert kinds == ["sent"] * 3
    assert (server.connections, len({asked.headers["authorization"] for asked in server.asked})) == (1, 1)
    assert len({asked.body for asked in server.asked}) == 3  # encrypted anew each time


def test_the_longest_message_still_goes_through_and_a_longer_one_is_refused_before():
    room = MOST - len(channel().compose(message(words="x"))[0].data) + 1

    assert outcome(browser=(browser := Browser())).kind == "sent"
    with serving(push_service(browser)) as server:
        pushes = channel(server.address)
        with pushes.line() as line:
            sent = line.send(to(browser.subscription(server.address), pushes, words="x" * room))
    assert (sent.kind, len(server.asked[0].body)) == ("sent", 4096)
    with pytest.raises(ValueError, match="has room for 3993 bytes, and this takes 3994. Shorten it"):
        channel().compose(message(words="x" * (room + 1)))


def test_nothing_at_all_is_no_message():
    with pytest.raises(ValueError, match="There are no words in it"):
        channel().compose(message(subject="", words="", text=""))


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_can_be_removed(status):
    result = outcome(Answer(status, b"push subscription has unsubscribed or expired."))

    assert (result.kind, len(result.gone), result.reason) == ("failed", 1, push_line.GONE)
    assert result.reply == f"{status} push subscription has unsubscribed or expired."


@pytest.mark.parametrize(
    "status,kind,no_line,reason",
    [
        (202, "sent", False, ""),
        (400, "failed", False, wire.REFUSED),
        (401, "deferred", True, push_line.SIGNATURE),
        (403, "deferred", True, push_line.SIGNATURE),
        (413, "failed", False, push_line.LARGE),
        (429, "deferred", False, wire.TOO_FAST),
        (500, "deferred", False, wire.AWAY),
        (503, "deferred", False, wire.AWAY),
        (307, "deferred", True, wire.ELSEWHERE),
    ],
)
def test_what_a_push_services_answer_means(status, kind, no_line, reason):
    result = outcome(Answer(status, headers={"Location": "http://127.0.0.1:1/"} if status == 307 else {}))

    assert (result.kind, result.no_line, result.reason, result.gone) == (kind, no_line, reason, ())


@pytest.mark.parametrize("changes", [{"subject": "nobody"}, {"private_key": "nonsense"}])
def test_with_settings_that_sign_nothing_everything_waits(changes):
    result = outcome(**changes)

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, push_line.SIGNATURE)


@pytest.mark.parametrize("how", [CLOSE, RESET, HANG])
def test_a_break_after_the_message_is_unconfirmed(how):
    result = outcome(how, timeout=0.5)

    assert (result.kind, result.reason, result.gone) == ("unconfirmed", wire.SILENT, ())


def test_nobody_there_is_deferred_and_the_subscription_stays():
    address = nobody()
    pushes = channel(address)
    with pushes.line() as line:
        result = line.send(to(Browser().subscription(address), pushes))

    assert (result.kind, result.no_line, result.gone) == ("deferred", True, ())
    assert "/push/" not in result.reply


def test_keys_that_are_on_no_curve_cannot_be_used():
    address = nobody()
    broken = json.loads(Browser().subscription(address))
    broken["keys"]["p256dh"] = plain64(b"\x04" + b"\x01" * 64)
    pushes = channel(address)
    with pushes.line() as line:
        result = line.send(to(json.dumps(broken), pushes))

    assert (result.kind, result.reason, result.gone) == ("failed", push_line.KEYS, (json.dumps(broken),))


def test_the_address_is_the_subscription_of_a_known_service():
    here = Browser().subscription("https://updates.push.services.mozilla.com")

    assert channel("push.services.mozilla.com").address(whoever(devices={"push": [here]})) == here
    with pytest.raises(Unreachable, match="None of their browsers takes push messages from us."):
        channel().address(whoever())


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.services.mozilla.com",
        "https://push.services.mozilla.com:8443",
        "https://push.services.mozilla.com.elsewhere.example",
        "https://notpush.services.mozilla.com",
        "https://127.0.0.1",
        "https://[::1]",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://push.services.mozilla.com@127.0.0.1",
        "https://user@push.services.mozilla.com",
    ],
)
def test_nobody_makes_us_knock_at_another_door(endpoint):
    pushes = channel("push.services.mozilla.com")
    with pytest.raises(Unreachable):
        pushes.address(whoever(devices={"push": [Browser().subscription(endpoint)]}))


def test_the_sentence_says_whether_it_is_strange_or_unreadable():
    pushes = channel("push.services.mozilla.com")
    for text, sentence in [
        (Browser().subscription("https://elsewhere.example"), STRANGE),
        ("not json", UNREADABLE),
        ("[]", UNREADABLE),
        ('{"endpoint": "https://push.services.mozilla.com/1"}', UNREADABLE),
        (
            '{"endpoint": "https://push.services.mozilla.com/1", "keys": {"p256dh": "AA", "auth": "!"}}',
            UNREADABLE,
        ),
    ]:
        with pytest.raises(Unreachable) as unreachable:
            pushes.address(whoever(devices={"push": [text]}))
        assert str(unreachable.value) == sentence


def test_a_key_that_is_none_is_told():
    with pytest.raises(ValueError, match="VAPID_PRIVATE_KEY is not a key"):
        vapid.public_key("nonsense")


def test_no_words_addresses_or_keys_are_in_the_log(caplog):
    browser = Browser("secret-browser")
    with caplog.at_level(logging.INFO):
        outcome(browser=browser)
        outcome(Answer(410), browser)

    assert not [word for word in ("secret-browser", "lift", KEY) if word in caplog.text]
    assert KEY not in repr(channel().settings)
