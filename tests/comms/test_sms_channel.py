"""Handing texts to Twilio: the request as it goes over the wire, and what each answer means."""

import json
import logging
import time

import pytest

from comms.channels import wire
from comms.channels.base import File, Party, Unreachable
from comms.channels.sms import SmsChannel
from comms.channels.twilio_request import TwilioSettings
from tests.comms.servers import (
    ACCOUNT,
    CLOSE,
    HANG,
    RESET,
    TOKEN,
    Answer,
    nobody,
    refused,
    said,
    serving,
    twilio,
)
from tests.comms.texts import ENTRY, NUMBER, message, outgoing, whoever

SENDER = "+447700900999"


def channel(api, **changes):
    given = {"account": ACCOUNT, "token": TOKEN, "sender": SENDER, "api": api, "timeout": 1}
    return SmsChannel(TwilioSettings(**(given | changes)))


def outcome(answer=None, written=None, **changes):
    """Hand over one text to a Twilio that gives one answer."""
    with serving(twilio({NUMBER: answer} if answer else None)) as server:
        texts = channel(server.address, **changes)
        with texts.line() as line:
            return line.send(outgoing(texts, written))


@pytest.mark.parametrize(
    "written,number", [("07700 900123", "+447700900123"), ("+44 7911 123456", "+447911123456")]
)
def test_a_mobile_number_is_used_as_e164(written, number):
    assert channel("").address(whoever(phone=written)) == number


@pytest.mark.parametrize(
    "phone,sentence",
    [
        ("", "No phone number on record."),
        (
            "0113 496 0100",
            "0113 496 0100 is not a mobile number. Add one, or choose another channel.",
        ),
        ("123", "The phone number cannot be used. This has too few digits for a phone number."),
    ],
)
def test_who_has_no_mobile_cannot_be_reached(phone, sentence):
    with pytest.raises(Unreachable) as unreachable:
        channel("").address(whoever(phone=phone))

    assert str(unreachable.value) == sentence


def test_what_is_kept_is_the_request_and_the_same_each_time():
    texts = channel("", callback="https://blockpost.example/receipts/twilio")

    (part,) = texts.compose(message(words="Lift “out”\r\nSorry – Łucja\n"))

    assert part.data.decode() == (
        f'{{"Body":"Lift “out”\\nSorry – Łucja","From":"{SENDER}",'
        f'"StatusCallback":"https://blockpost.example/receipts/twilio?entry={ENTRY}","To":"{NUMBER}"}}'
    )
    assert texts.compose(message(words="Lift “out”\r\nSorry – Łucja\n")) == [part]


def test_a_messaging_service_chooses_the_sender():
    (part,) = channel("", service="MG1").compose(message())

    assert json.loads(part.data) == {
        "Body": "The lift is out.",
        "MessagingServiceSid": "MG1",
        "To": NUMBER,
    }


@pytest.mark.parametrize(
    "changes,sentence",
    [
        ({"words": " \n", "text": " "}, "There are no words in it. Write what the text says."),
        (
            {"words": "x" * 1531},
            "It takes 11 segments, and a text may have 10. Shorten it by 1 character.",
        ),
        (
            {"words": "–" * 700},
            "It takes 11 segments, and a text may have 10. Shorten it by 30 characters or write it with plainer "
            "characters.",
        ),
        (
            {"attachments": [File("a.pdf", "application/pdf", b"%PDF")]},
            "Files cannot go by SMS. Take them off, or choose another channel.",
        ),
    ],
)
def test_what_no_text_can_carry_is_refused_before_sending(changes, sentence):
    with pytest.raises(ValueError) as mistake:
        channel("").compose(message(**changes))

    assert str(mistake.value) == sentence


def test_ten_segments_are_still_a_text():
    assert channel("").compose(message(words="x" * 1530))


def test_the_wire_has_what_was_kept_and_the_provider_names_it():
    with serving(twilio()) as server:
        texts = channel(server.address, callback="https://blockpost.example/r")
        with texts.line() as line:
            sent = line.send(outgoing(texts, message(words="Água – £5 & “more”\nBye")))

    (asked,) = server.asked
    assert asked.form == {
        "To": NUMBER,
        "From": SENDER,
        "Body": "Água – £5 & “more”\nBye",
        "StatusCallback": f"https://blockpost.example/r?entry={ENTRY}",
    }
    assert (sent.kind, sent.reason, sent.no_line) == ("sent", "", False)
    assert sent.provider_id == "SM" + "1" * 32
    assert sent.reply == f"201 queued {sent.provider_id}"


def test_one_connection_serves_many_texts():
    with serving(twilio()) as server:
        texts = channel(server.address)
        with texts.line() as line:
            kinds = [line.send(outgoing(texts)).kind for _ in range(3)]

    assert kinds == ["sent"] * 3
    assert server.connections == 1


@pytest.mark.parametrize(
    "status,code,kind,bounce,no_line,reason",
    [
        (400, 21211, "bounced", "hard", False, "No phone has this number."),
        (400, 21614, "bounced", "hard", False, "This is a landline, or a number that takes no texts."),
        (400, 30007, "bounced", "spam", False, "It was refused as spam."),
        (
            400,
            21610,
            "failed",
            "",
            False,
            "They replied STOP to our texts. They get them again once they reply START.",
        ),
        (429, 20429, "deferred", "", True, None),
        (400, 30003, "deferred", "", False, "The phone is switched off or out of reach."),
        (400, 99999, "failed", "", False, wire.REFUSED),
        (500, 99999, "deferred", "", False, wire.AWAY),
    ],
)
def test_what_a_refusal_means(status, code, kind, bounce, no_line, reason):
    result = outcome(refused(status, code, "Their words"))

    assert (result.kind, result.bounce, result.no_line) == (kind, bounce, no_line)
    assert result.reply == f"{status} {code} Their words"
    assert result.reason == reason or reason is None and result.reason
    assert result.provider_id == ""


def test_a_refusal_in_the_newer_form_is_read_too():
    problem = {
        "type": "https://x.example",
        "title": "No such number",
        "status": 400,
        "code": 21211,
        "detail": "1",
    }

    result = outcome(said(400, problem))

    assert (result.kind, result.reply) == ("bounced", "400 21211 No such number 1")


def test_a_message_that_is_made_and_failed_at_once_is_refused():
    made = {"sid": "SM1", "status": "failed", "error_code": 30006, "error_message": "Landline"}

    result = outcome(said(201, made))

    assert (result.kind, result.bounce, result.reply) == ("bounced", "hard", "400 30006 Landline")


@pytest.mark.parametrize("changes", [{"token": "wrong"}, {"account": "AC" + "9" * 32}])
def test_credentials_that_are_refused_keep_everything_waiting_for_an_admin(changes):
    result = outcome(**changes)

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, wire.CREDENTIALS)
    assert result.reply == "401 20003 Authenticate"


@pytest.mark.parametrize(
    "status,kind,no_line,reason",
    [
        (302, "deferred", True, wire.ELSEWHERE),
        (401, "deferred", True, wire.CREDENTIALS),
        (403, "deferred", True, wire.CREDENTIALS),
        (404, "failed", False, wire.REFUSED),
        (429, "deferred", False, wire.TOO_FAST),
        (500, "deferred", False, wire.AWAY),
        (503, "deferred", False, wire.AWAY),
        (504, "unconfirmed", False, wire.SILENT),  # whoever waited there had handed the request on
    ],
)
def test_without_a_code_the_status_tells(status, kind, no_line, reason):
    result = outcome(Answer(status, b"<h1>Proxy</h1>", {"Location": "http://elsewhere.example/"}))

    assert (result.kind, result.no_line, result.reason) == (kind, no_line, reason)
    assert result.reply == f"{status} <h1>Proxy</h1>"


# The request was whole by then: nobody can know, and it is not said a second time.
@pytest.mark.parametrize("how", [CLOSE, RESET, HANG])
def test_a_break_after_the_request_is_unconfirmed(how):
    with serving(twilio({NUMBER: how})) as server:
        texts = channel(server.address, timeout=0.5)
        with texts.line() as line:
            result = line.send(outgoing(texts))

    assert (result.kind, result.reason, result.no_line) == ("unconfirmed", wire.SILENT, False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'"x"', b""])
def test_an_answer_that_is_no_message_is_unconfirmed(body):
    result = outcome(Answer(201, body))

    assert (result.kind, result.reason) == ("unconfirmed", wire.ODD)


def test_nobody_there_keeps_everything_waiting():
    texts = channel(nobody())
    with texts.line() as line:
        result = line.send(outgoing(texts))

    assert (result.kind, result.reason, result.no_line) == ("deferred", wire.UNREACHABLE, True)
    assert result.reply == "ConnectionRefusedError: [Errno 111] Connection refused"


def test_a_host_that_does_not_exist_keeps_everything_waiting():
    texts = channel("https://nowhere.invalid")
    with texts.line() as line:
        result = line.send(outgoing(texts))

    assert (result.kind, result.reason, result.no_line) == ("deferred", wire.UNREACHABLE, True)


def test_nothing_is_said_to_whoever_has_no_certificate():
    with serving(twilio()) as server:
        texts = channel(server.address.replace("http:", "https:"))
        with texts.line() as line:
            result = line.send(outgoing(texts))

    assert (result.kind, result.no_line, server.asked) == ("deferred", True, [])


def test_after_a_break_the_next_text_goes_over_a_new_line():
    with serving(twilio({NUMBER: CLOSE})) as server:
        texts = channel(server.address)
        with texts.line() as line:
            line.send(outgoing(texts))
            second = line.send(outgoing(texts, message(to=Party("Bo", "+447700900002"))))

    assert second.kind == "sent"


def test_a_line_closed_between_two_texts_is_made_again():
    made = said(201, {"sid": "SM1", "status": "queued"})
    made.then_close = True
    with serving(twilio({NUMBER: made})) as server:
        texts = channel(server.address)
        with texts.line() as line:
            first = line.send(outgoing(texts))
            time.sleep(0.2)  # for the end of the line to arrive
            second = line.send(outgoing(texts))

    assert (first.kind, second.kind) == ("sent", "sent")
    assert (len(server.asked), server.connections) == (2, 2)


def test_no_words_numbers_or_secrets_are_in_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        outcome()
        outcome(refused(400, 21211, f"The 'To' number {NUMBER} is not valid"))

    written = caplog.text.replace(f"Accounts/{ACCOUNT}", "")
    assert not [word for word in (NUMBER[1:], "lift", TOKEN) if word in written]
    assert TOKEN not in repr(channel("").settings)
