"""Pushing to a firm's own app: signing in to Google, the request, and what each answer means."""

import json

import pytest

from comms.channels import fcm_line, wire
from comms.channels.base import Party, Unreachable
from comms.channels.fcm import FcmChannel, FcmSettings
from tests.comms.push_servers import Google, google_error
from tests.comms.servers import CLOSE, HANG, Answer, nobody, said, serving
from tests.comms.texts import ENTRY, message, outgoing, whoever


@pytest.fixture(scope="module")
def keyed():
    return Google()


@pytest.fixture
def google(keyed):
    keyed.tokens, keyed.answer, keyed.lifetime = None, None, 3599
    return keyed


def channel(google, address, **changes):
    return FcmChannel(FcmSettings.of(google.service_account(address), api=address, timeout=0.5, **changes))


def outcomes(google, times=1):
    with serving(google) as server:
        apps = channel(google, server.address)
        written = message(to=Party("Ada", "device-1"), words="The lift is out – “sorry”")
        with apps.line() as line:
            return [line.send(outgoing(apps, written)) for _ in range(times)], server.asked


def test_the_request_is_what_was_kept_under_a_token_that_was_signed_for(google):
    (sent,), asked = outcomes(google)

    assert [one.path for one in asked] == ["/token", "/v1/projects/larch-app/messages:send"]
    assert json.loads(asked[1].body) == {
        "message": {
            "token": "device-1",
            "notification": {"title": "Lift out of order", "body": "The lift is out – “sorry”"},
            "data": {"url": "/", "entry": ENTRY},
            "android": {"ttl": "259200s"},
        }
    }
    assert asked[1].headers["authorization"] == "Bearer ya29.t"
    assert (sent.kind, sent.provider_id) == ("sent", "projects/larch-app/messages/0:1")


def test_a_token_is_used_until_it_ends(google):
    _, asked = outcomes(google, times=3)
    assert [one.path for one in asked].count("/token") == 1

    google.lifetime = 30  # shorter than what we keep clear of
    _, asked = outcomes(google, times=3)
    assert [one.path for one in asked].count("/token") == 3


@pytest.mark.parametrize(
    "status,named,code,kind,gone,reason",
    [
        (404, "NOT_FOUND", "UNREGISTERED", "failed", True, fcm_line.GONE),
        (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "failed", True, fcm_line.OTHERS),
        (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "failed", False, wire.REFUSED),
        (400, "INVALID_ARGUMENT", "", "failed", False, wire.REFUSED),
        (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "deferred", False, wire.TOO_FAST),
        (503, "UNAVAILABLE", "UNAVAILABLE", "deferred", False, wire.AWAY),
        (500, "INTERNAL", "INTERNAL", "deferred", False, wire.AWAY),
        (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "deferred", False, fcm_line.NOT_OURS),
        (403, "PERMISSION_DENIED", "", "deferred", False, wire.CREDENTIALS),
        (404, "NOT_FOUND", "", "failed", False, wire.REFUSED),
        (429, "RESOURCE_EXHAUSTED", "", "deferred", False, wire.TOO_FAST),
    ],
)
def test_what_an_error_means(google, status, named, code, kind, gone, reason):
    google.answer = google_error(status, named, code)

    (result,), _ = outcomes(google)

    assert (result.kind, result.gone, result.reason) == (kind, ("device-1",) if gone else (), reason)
    assert result.reply.startswith(f"{status} ") and "Their words" in result.reply


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"name": 1}'])
def test_an_answer_that_names_no_message_is_unconfirmed(google, body):
    google.answer = Answer(200, body)

    (result,), _ = outcomes(google)

    assert (result.kind, result.reason) == ("unconfirmed", wire.ODD)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"error": "x"}', b'{"error": {"details": [1]}}'])
def test_an_error_of_another_form_means_what_its_status_does(google, body):
    google.answer = Answer(502, body)

    (result,), _ = outcomes(google)

    assert (result.kind, result.reason) == ("deferred", wire.AWAY)


@pytest.mark.parametrize("how", [CLOSE, HANG])
def test_a_break_after_the_message_is_unconfirmed(google, how):
    google.answer = how

    (result,), _ = outcomes(google)

    assert (result.kind, result.no_line) == ("unconfirmed", False)


@pytest.mark.parametrize(
    "tokens,reason",
    [
        (said(400, {"error": "invalid_grant", "error_description": "Invalid JWT"}), wire.CREDENTIALS),
        (Answer(200, b"{}"), wire.CREDENTIALS),
        (Answer(503), wire.AWAY),
        (CLOSE, wire.UNREACHABLE),
        (HANG, wire.UNREACHABLE),
    ],
)
def test_without_a_token_nothing_is_sent_and_everything_waits(google, tokens, reason):
    google.tokens = tokens

    (result,), asked = outcomes(google)

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, reason)
    assert [one.path for one in asked] == ["/token"]


def test_a_token_that_is_refused_is_not_used_again(google):
    google.answer = google_error(401, "UNAUTHENTICATED")

    (first, _), asked = outcomes(google, times=2)

    assert (first.kind, first.no_line, first.reason) == ("deferred", True, wire.CREDENTIALS)
    assert [one.path for one in asked].count("/token") == 2


def test_nobody_there_keeps_everything_waiting(google):
    apps = channel(google, nobody())
    with apps.line() as line:
        result = line.send(outgoing(apps))

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, wire.UNREACHABLE)


def test_with_a_key_that_signs_nothing_everything_waits(google):
    apps = FcmChannel(FcmSettings("larch-app", google.ACCOUNT, "no key"))
    with apps.line() as line:
        result = line.send(outgoing(apps))

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, wire.CREDENTIALS)


def test_a_message_that_is_too_long_is_refused_before_sending(google):
    with pytest.raises(ValueError, match="A push message has room for 4000 bytes"):
        channel(google, "").compose(message(words="é" * 2000))


def test_who_has_no_app_cannot_be_reached(google):
    assert channel(google, "").address(whoever(devices={"app": ["device-1"]})) == "device-1"
    with pytest.raises(Unreachable, match="The app is on none of their phones."):
        channel(google, "").address(whoever())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"project_id": "p"}'])
def test_a_service_account_that_is_none_is_told(text):
    with pytest.raises(ValueError, match="FCM_SERVICE_ACCOUNT is not the JSON file"):
        FcmSettings.of(text)


def test_a_private_key_is_not_in_any_traceback(google):
    assert "PRIVATE KEY" not in repr(channel(google, "").settings)
