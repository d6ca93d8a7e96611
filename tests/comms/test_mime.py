"""The bytes of a mail: read back by the standard library they say what was put in."""

import datetime
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.channels import mime
from comms.channels.base import File, Message, Party

LETTERS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


def message(**changes):
    given = {
        "subject": "Lift 2 out of service",
        "html": "<p>Dear Mrs Okafor – the lift …</p>",
        "text": "Dear Mrs Okafor – the lift …",
        "sender": Party("Harbour Block Management", "office@harbour.example"),
        "to": Party("Ada Okafor", "ada@example.com"),
        "message_id": "<one@mail.example>",
        "date": datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC),
        "reply_to": "replies@harbour.example",
        "headers": {"X-Blockpost-Entry": "5f0c7d1e-0000-4000-8000-000000000001"},
    }
    return Message(**(given | changes))


def joined(message):
    return b"".join(part.data for part in mime.parts(message))


def parsed(message):
    return message_from_bytes(joined(message), policy=policy.default)


def content(mail, kind):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_a_mail_reads_back_as_it_was_written():
    mail = parsed(message())

    assert mail["Subject"] == "Lift 2 out of service"
    assert mail["From"] == "Harbour Block Management <office@harbour.example>"
    assert mail["To"] == "Ada Okafor <ada@example.com>"
    assert mail["Reply-To"] == "replies@harbour.example"
    assert mail["Message-ID"] == "<one@mail.example>"
    assert mail["Date"].datetime == datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)
    assert mail["X-Blockpost-Entry"] == "5f0c7d1e-0000-4000-8000-000000000001"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert content(mail, "plain") == "Dear Mrs Okafor – the lift …\n"
    assert content(mail, "html") == "<p>Dear Mrs Okafor – the lift …</p>\n"


def test_it_does_not_claim_that_a_machine_wrote_it():
    assert "Auto-Submitted" not in parsed(message())


def test_the_same_message_is_the_same_bytes():
    assert joined(message()) == joined(message())


def test_attachments_are_shared_parts_and_all_else_is_the_recipients_own():
    files = [File("plan.pdf", "application/pdf", b"%PDF" * 100), File("b.txt", "text/plain", b"b")]
    ada = mime.parts(message(attachments=files))
    bob = mime.parts(
        message(attachments=files, to=Party("Bob", "bob@example.com"), message_id="<two@mail.example>")
    )

    mail = message_from_bytes(b"".join(part.data for part in ada), policy=policy.default)

    assert [part.shared for part in ada] == [False, True, False, True, False]
    assert [part.data for part in ada if part.shared] == [part.data for part in bob if part.shared]
    assert mail.get_content_type() == "multipart/mixed"
    assert [(f.get_filename(), f.get_content_type()) for f in mail.iter_attachments()] == [
        ("plan.pdf", "application/pdf"),
        ("b.txt", "text/plain"),
    ]
    assert [f.get_payload(decode=True) for f in mail.iter_attachments()] == [b"%PDF" * 100, b"b"]
    assert content(mail, "plain") == "Dear Mrs Okafor – the lift …\n"


@pytest.mark.parametrize(
    "media_type", ["message/rfc822", "multipart/mixed", "text/html; charset=x", "a\r\nb", ""]
)
def test_a_media_type_that_cannot_be_base64_is_just_bytes(media_type):
    (file,) = parsed(message(attachments=[File("a", media_type, b"x")])).iter_attachments()

    assert (file.get_content_type(), file.get_payload(decode=True)) == ("application/octet-stream", b"x")


def test_an_empty_file_is_still_there():
    (file,) = parsed(message(attachments=[File("empty.txt", "text/plain", b"")])).iter_attachments()

    assert (file.get_filename(), file.get_payload(decode=True)) == ("empty.txt", b"")


@given(LETTERS.map(str.strip).filter(lambda name: len(name) <= 200))
def test_any_file_name_comes_through(name):
    (file,) = parsed(message(attachments=[File(name, "application/pdf", b"x")])).iter_attachments()

    assert (file.get_filename() or "") == name


@given(st.one_of(LETTERS, st.text("ab =?_\t".replace("\t", ""), max_size=500)).map(lambda text: text[:500]))
def test_any_subject_comes_through_in_lines_that_are_short_enough(subject):
    mail = parsed(message(subject=subject))

    assert mail["Subject"].strip() == subject.strip()
    assert subject.strip() != subject or mail["Subject"] == subject
    assert_wire(joined(message(subject=subject)))


@given(LETTERS.map(lambda name: name[:200]))
def test_any_name_comes_through_and_stays_a_name(name):
    mail = message_from_bytes(joined(message(to=Party(name, "ada@example.com"))))

    written, address = parseaddr(mail["To"])
    assert address == "ada@example.com"
    # The new parser puts a space between two encoded words of a name (RFC 2047 6.2 says not to); this one does not.
    assert str(make_header(decode_header(written))) == " ".join(name.split())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_body_comes_through(body):
    mail = parsed(message(text=body, html=body))

    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    expected = lines if lines.endswith("\n") else lines + "\n"
    found = mail.get_body(("plain",)).get_payload(decode=True).decode()
    assert found.replace("\r\n", "\n") == expected
    assert_wire(joined(message(text=body, html=body)))


def test_one_very_long_line_is_broken_softly():
    assert_wire(joined(message(text="x" * 5000, html="é" * 5000)))


def assert_wire(data):
    """Lines as RFC 5322 2.1.1 wants them, ended by CRLF only, in ASCII."""
    assert data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert not re.search(rb"\r\n[ \t]+\r\n", data.partition(b"\r\n\r\n")[0])


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\r\nBcc: x@y.example", "\0", "\x1b", "\x85", "\u2028", "\ud800"]
)
@pytest.mark.parametrize(
    "where",
    [
        lambda s: {"subject": "a" + s},
        lambda s: {"to": Party("a" + s, "ada@example.com")},
        lambda s: {"to": Party("Ada", "ada@example.com" + s)},
        lambda s: {"sender": Party("a" + s, "office@harbour.example")},
        lambda s: {"reply_to": "a@b.example" + s},
        lambda s: {"message_id": "<a@b>" + s},
        lambda s: {"headers": {"X-A": "a" + s}},
        lambda s: {"headers": {"X-A" + s: "a"}},
        lambda s: {"attachments": [File("a" + s, "text/plain", b"x")]},
    ],
)
def test_no_control_character_gets_into_a_header(sign, where):
    with pytest.raises(ValueError):
        joined(message(**where(sign)))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "a@b@c.example",
        "Ada <ada@example.com>",
        "a@b.example, c@d.example",
        "a b@c.example",
        '"a"@b',
    ],
)
def test_what_is_not_one_address_is_refused(address):
    with pytest.raises(ValueError, match="is not one email address"):
        joined(message(to=Party("Ada", address)))


def test_an_address_of_another_script_stays_as_it_is():
    assert "To: Zoë" not in joined(message(to=Party("Zoë", "zoë@example.com"))).decode()
    assert "<zoë@example.com>" in joined(message(to=Party("Zoë", "zoë@example.com"))).decode()
