"""Handing over by SMTP, to a server that breaks, refuses or is silent at each step."""

import socket
import time
from types import SimpleNamespace

import pytest

from comms.channels import smtp
from comms.channels.base import Outgoing, Party, Unreachable
from comms.channels.email import EmailChannel, SmtpSettings
from tests.comms.scripted_smtp import ANSWERS, CLOSE, HANG, RESET, serving

DATA = b"Subject: Lift\r\n\r\nDear Ada\r\n.hidden\r\n..\r\n.\r\nthe end\r\n"


def outgoing(**changes):
    given = {
        "entry": "5f0c7d1e-0000-4000-8000-000000000001",
        "token": "t0k3n",
        "to": Party("Ada", "ada@example.com"),
        "envelope_from": "bounces+t0k3n@mail.example",
        "envelope_to": "ada@example.com",
        "message_id": "<one@mail.example>",
        "data": DATA,
    }
    return Outgoing(**(given | changes))


def channel(port, **changes):
    return EmailChannel(SmtpSettings("127.0.0.1", port, **({"timeout": 1} | changes)))


def outcome(changes=None, settings=None, **script):
    """Hand over one message to a server that keeps to a script."""
    with serving(**script) as server, channel(server.port, **(settings or {})).line() as line:
        return line.send(outgoing(**(changes or {})))


def test_it_is_sent_with_the_servers_words_in_full():
    with serving() as server, channel(server.port).line() as line:
        sent = line.send(outgoing())

    assert (sent.kind, sent.reply, sent.bounce) == ("sent", "250 2.0.0 Ok: queued as 4F1C2A", "")
    assert f"mail FROM:<bounces+t0k3n@mail.example> SIZE={len(DATA)}" in server.said
    assert "rcpt TO:<ada@example.com>" in server.said


def test_dots_are_stuffed_once_and_nothing_else_is_changed():
    with serving() as server, channel(server.port).line() as line:
        line.send(outgoing())

    assert server.mails == [DATA.replace(b"\r\n.", b"\r\n..")]


@pytest.mark.parametrize("data", [b".", b"a", b"a\r\n", b".\r\n", b"\r\n.\r\n", b""])
def test_the_end_of_the_data_is_said_once(data):
    with serving() as server, channel(server.port).line() as line:
        sent = line.send(outgoing(data=data))

    unstuffed = (
        server.mails[0].replace(b"\r\n..", b"\r\n.").removeprefix(b".")
        if data[:1] == b"."
        else server.mails[0]
    )
    assert sent.kind == "sent"
    assert unstuffed.replace(b"..", b".") == (data if data.endswith(b"\r\n") else data + b"\r\n")


def test_one_connection_serves_many_messages_and_says_goodbye():
    with serving() as server, channel(server.port).line() as line:
        kinds = [line.send(outgoing()).kind for _ in range(3)]
        line.close()

    assert kinds == ["sent"] * 3
    assert server.connections == 1
    assert server.said[-1].upper() == "QUIT"


def test_the_end_of_the_data_does_not_wait_for_an_acknowledgement():
    with serving() as server, channel(server.port).line() as line:
        line.send(outgoing())
        begun = time.monotonic()
        for _ in range(20):
            line.send(outgoing())

    assert time.monotonic() - begun < 0.5  # with Nagle's algorithm it is 40 ms for each


def test_nobody_there_is_deferred():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with channel(port).line() as line:
        result = line.send(outgoing())

    assert (result.kind, result.reason) == ("deferred", "The mail server could not be reached.")
    assert "refused" in result.reply


def test_a_host_that_does_not_exist_is_deferred():
    with EmailChannel(SmtpSettings("nowhere.invalid", 25, timeout=1)).line() as line:
        assert line.send(outgoing()).reason == "The mail server could not be reached."


# Where the line breaks before the end of the data, nothing was accepted: it is safe to try again.
@pytest.mark.parametrize("how", [CLOSE, RESET, HANG])
@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_break_before_the_end_is_deferred(step, how):
    script = {step: how} | ({"HELO": how} if step == "EHLO" else {})
    result = outcome(**script)

    assert result.kind == "deferred"
    assert result.reason in (smtp.UNREACHABLE, smtp.BROKE)


def test_a_break_in_the_middle_of_the_data_is_deferred():
    result = outcome({"data": b"x" * 76 + b"\r\n" + b"y" * 20_000_000 + b"\r\n"}, BODY=RESET)

    assert (result.kind, result.reason) == ("deferred", smtp.BROKE)


# After it, nobody can know.
@pytest.mark.parametrize("how", [CLOSE, RESET, HANG, "gibberish", "999 Maybe", "250-Ok" + CLOSE, "150 Wait"])
def test_anything_but_an_answer_after_the_end_is_unconfirmed(how):
    with serving(END=how) as server, channel(server.port).line() as line:
        result = line.send(outgoing())

    assert (result.kind, result.reason) == ("unconfirmed", smtp.SILENT)
    assert len(server.mails) == 1


def test_after_an_unconfirmed_one_the_next_goes_over_a_new_line():
    with serving(END=[HANG, ANSWERS["END"]]) as server, channel(server.port).line() as line:
        kinds = [line.send(outgoing()).kind for _ in range(2)]

    assert kinds == ["unconfirmed", "sent"]
    assert server.connections == 2


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize("answer", ["451 4.3.0 Later", "421 4.3.2 Shutting down", "452 4.2.2 Mailbox full"])
def test_a_refusal_for_now_is_deferred_in_their_words(step, answer):
    result = outcome(**{step: answer})

    assert (result.kind, result.reply, result.bounce) == ("deferred", answer, "")


@pytest.mark.parametrize("answer", ["421 4.3.2 Too busy", "554 5.3.2 No service here"])
def test_a_server_that_does_not_want_to_talk_is_deferred(answer):
    result = outcome(CONNECT=answer)

    assert (result.kind, result.reply) == ("deferred", answer)


def test_a_server_that_shuts_down_gets_the_next_message_over_a_new_line():
    with serving(RCPT=["421 4.3.2 Bye" + CLOSE]) as server, channel(server.port).line() as line:
        kinds = [line.send(outgoing()).kind for _ in range(2)]

    assert kinds == ["deferred", "sent"]
    assert server.connections == 2


@pytest.mark.parametrize("how", [CLOSE, RESET, "421 4.4.2 Idle too long" + CLOSE])
def test_a_line_closed_between_two_messages_is_made_again(how):
    with serving(MAIL=[ANSWERS["MAIL"], how]) as server, channel(server.port).line() as line:
        kinds = [line.send(outgoing()).kind for _ in range(2)]

    assert kinds == ["sent", "sent"]
    assert (server.connections, len(server.mails)) == (2, 2)


def test_after_a_refused_recipient_the_line_is_still_good():
    with serving(RCPT=["550 5.1.1 No such user"]) as server, channel(server.port).line() as line:
        kinds = [line.send(outgoing()).kind for _ in range(2)]

    assert kinds == ["bounced", "sent"]
    assert server.connections == 1
    assert [words.upper() for words in server.said].count("RSET") == 1


REFUSALS = [
    (
        "RCPT",
        "550 5.1.1 <ada@example.com>: Recipient address rejected",
        "bounced",
        "hard",
        "There is no such address.",
    ),
    ("RCPT", "550 No such user here", "bounced", "hard", "There is no such address."),
    (
        "RCPT",
        "550 Requested action not taken: mailbox unavailable",
        "bounced",
        "hard",
        "There is no such address.",
    ),
    ("RCPT", "550 5.1.2 Host unknown", "bounced", "hard", "The domain of the address takes no mail."),
    (
        "RCPT",
        "550 5.4.1 Recipient address rejected: Access denied",
        "bounced",
        "hard",
        "There is no such address.",
    ),
    ("RCPT", "550 5.2.1 The account is disabled", "bounced", "hard", "The mailbox is switched off."),
    ("RCPT", "552 5.2.2 Over quota", "bounced", "soft", "The mailbox is full."),
    ("RCPT", "552 Requested action aborted", "bounced", "soft", "The mailbox is full."),
    ("END", "554 The mailbox is full", "bounced", "soft", "The mailbox is full."),
    ("RCPT", "554 5.7.1 Blocked using zen.spamhaus.org", "bounced", "spam", "It was refused as spam."),
    ("END", "554 Message looks like spam", "bounced", "spam", "It was refused as spam."),
    (
        "END",
        "550 5.7.26 Unauthenticated email, see its DMARC policy",
        "bounced",
        "spam",
        "It was refused as spam.",
    ),
    (
        "END",
        "550 5.7.1 Refused by policy",
        "bounced",
        "spam",
        "It was refused by a rule against unwanted mail.",
    ),
    ("RCPT", "554 5.7.1 Relay access denied", "failed", "", "The mail server does not pass mail on for us."),
    (
        "MAIL",
        "530 5.7.0 Authentication required",
        "failed",
        "",
        "The mail server asks for a user name and password.",
    ),
    ("MAIL", "550 5.7.1 Sender rejected", "failed", "", "The mail server refused the sender's address."),
    ("MAIL", "553 Not you", "failed", "", "The mail server refused the sender's address."),
    ("RCPT", "550 5.1.8 Bad sender domain", "failed", "", "The mail server refused the sender's address."),
    ("MAIL", "552 5.3.4 Too big", "failed", "", "The message is too large for the mail server."),
    (
        "END",
        "552 Message exceeds maximum message size",
        "failed",
        "",
        "The message is too large for the mail server.",
    ),
    ("RCPT", "503 5.5.1 Bad sequence", "failed", "", "The mail server refused the message."),
    ("DATA", "554 5.3.0 No", "failed", "", "The mail server refused the message."),
    ("END", "550 No", "failed", "", "The mail server refused the message."),
    ("RCPT", "450 4.2.0 Greylisted", "deferred", "", "The mail server asks new senders to come back later."),
    ("RCPT", "452 4.2.2 Full", "deferred", "", "The mailbox is full for now."),
]


@pytest.mark.parametrize("step,answer,kind,bounce,reason", REFUSALS)
def test_what_a_refusal_means(step, answer, kind, bounce, reason):
    result = outcome(**{step: answer})

    assert (result.kind, result.bounce, result.reason, result.reply) == (kind, bounce, reason, answer)


def test_every_line_of_the_servers_answer_is_kept():
    result = outcome(RCPT="550-5.1.1 No such user.\r\n550 5.1.1 Ask the postmaster.")

    assert result.reply == "550 5.1.1 No such user.\n5.1.1 Ask the postmaster."


def test_a_password_that_is_refused_is_told_and_the_message_waits():
    result = outcome(
        settings={"user": "me", "password": "secret"},
        EHLO="250-test\r\n250 AUTH PLAIN",
        AUTH="535 5.7.8 Wrong",
    )

    assert (result.kind, result.reply) == ("deferred", "535 5.7.8 Wrong")
    assert result.reason == "The mail server refused the user name or password in our settings."


def test_without_the_encryption_that_was_asked_for_nothing_is_said():
    with serving() as server, channel(server.port, use_tls=True).line() as line:
        result = line.send(outgoing())

    assert result.kind == "deferred"
    assert not [words for words in server.said if words.upper().startswith(("MAIL", "AUTH"))]


def test_an_address_of_another_script_needs_a_server_that_takes_it():
    zoe = {"envelope_to": "zoë@example.com"}

    refused = outcome(zoe)
    with serving(EHLO="250-test\r\n250 SMTPUTF8") as server, channel(server.port).line() as line:
        taken = line.send(outgoing(**zoe))

    assert (refused.kind, refused.reason) == ("failed", smtp.NO_UTF8)
    assert taken.kind == "sent"
    assert any("SMTPUTF8" in words for words in server.said)
    assert "rcpt TO:<zoë@example.com>" in server.said


@pytest.mark.parametrize(
    "changes",
    [
        {"data": b"a\n.\nb\r\n"},
        {"data": b"a\r\n.\rb\r\n"},
        {"envelope_to": "ada@example.com>\r\nRCPT TO:<bob@example.com"},
        {"envelope_to": "Ada <ada@example.com>"},
        {"envelope_from": ""},
    ],
)
def test_what_could_smuggle_a_second_mail_is_not_dialled(changes):
    with serving() as server, channel(server.port).line() as line:
        result = line.send(outgoing(**changes))

    assert (result.kind, result.reason) == ("failed", smtp.UNSENDABLE)
    assert server.connections == 0


def test_a_password_is_not_in_any_traceback():
    assert "secret" not in repr(SmtpSettings("h", 25, "me", "secret"))


@pytest.mark.parametrize(
    "email,sentence",
    [
        ("", "No email address on record."),
        (
            "ada",
            "The email address cannot be used. There is no @ in it. An address looks like name@example.com.",
        ),
    ],
)
def test_who_has_no_address_cannot_be_reached(email, sentence):
    with pytest.raises(Unreachable) as unreachable:
        channel(25).address(SimpleNamespace(name="Ada", email=email, phone="", address=""))

    assert str(unreachable.value) == sentence


def test_the_address_used_is_the_recipients():
    ada = SimpleNamespace(name="Ada", email="ada@Example.com", phone="", address="")

    assert channel(25).address(ada) == "ada@example.com"
