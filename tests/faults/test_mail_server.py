"""Faults of the mail server at each stage of handing over: every time they are told as what they are."""

import collections
import os

import pytest

from comms.channels.email import EmailChannel, SmtpSettings
from comms.channels.smtp import SmtpLine
from tests.comms.scripted_smtp import CLOSE, HANG, RESET, serving
from tests.comms.test_email_channel import outgoing

TIMES = int(os.environ.get("FAULT_TIMES", "10"))
LARGE = {"data": b"x" * 76 + b"\r\n" + b"y" * 4_000_000 + b"\r\n"}
STAGES: dict[str, tuple[dict[str, str], dict, str]] = {
    "hangs instead of a greeting": ({"CONNECT": HANG}, {}, "deferred"),
    "resets instead of a greeting": ({"CONNECT": RESET}, {}, "deferred"),
    "421 as a greeting": ({"CONNECT": "421 4.3.2 Too busy"}, {}, "deferred"),
    "554 as a greeting": ({"CONNECT": "554 5.3.2 No service"}, {}, "deferred"),
    "closes at EHLO": ({"EHLO": CLOSE, "HELO": CLOSE}, {}, "deferred"),
    "4xx at MAIL": ({"MAIL": "451 4.3.0 Later"}, {}, "deferred"),
    "4xx at RCPT": ({"RCPT": "450 4.2.0 Later"}, {}, "deferred"),
    "5xx at RCPT": ({"RCPT": "550 5.1.1 No such user"}, {}, "bounced"),
    "resets at RCPT": ({"RCPT": RESET}, {}, "deferred"),
    "hangs at DATA": ({"DATA": HANG}, {}, "deferred"),
    "resets in the data": ({"BODY": RESET}, LARGE, "deferred"),
    "closes after the data": ({"END": CLOSE}, {}, "unconfirmed"),
    "hangs after the data": ({"END": HANG}, {}, "unconfirmed"),
    "resets after the data": ({"END": RESET}, {}, "unconfirmed"),
    "4xx after the data": ({"END": "451 4.3.0 Later"}, {}, "deferred"),
    "5xx after the data": ({"END": "554 5.7.1 Refused as spam"}, {}, "bounced"),
    "nonsense after the data": ({"END": "999 Maybe"}, {}, "unconfirmed"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_fault_is_told_as_what_it_is_every_time(stage):
    script, message, kind = STAGES[stage]
    told = collections.Counter[str]()
    for _ in range(TIMES):
        with (
            serving(**script) as server,
            EmailChannel(SmtpSettings("127.0.0.1", server.port, timeout=0.1)).line() as line,
        ):
            told[line.send(outgoing(**message)).kind] += 1

    assert told == {kind: TIMES}


def test_without_the_encryption_that_was_asked_for_nothing_is_said():
    told = collections.Counter[str]()
    for _ in range(TIMES):
        with serving() as server:
            line = SmtpLine(SmtpSettings("127.0.0.1", server.port, use_tls=True, timeout=0.5))
            told[line.send(outgoing()).kind] += 1
            line.close()
            assert not server.mails

    assert told == {"deferred": TIMES}
