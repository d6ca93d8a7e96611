"""A real Dovecot over TLS: what is new is taken once and marked, and nothing of what is there is lost."""

import datetime
import ssl
from collections.abc import Iterator

import pytest
from imap_tools.errors import MailboxLoginError

from comms.models import Receipt
from comms.receipts import mailbox, parsing
from comms.record import events
from tests.comms.logbook import write
from tests.comms.test_mailbox import TOKEN, answer, bounce
from tests.faults import dovecot


@pytest.fixture
def server(settings, monkeypatch) -> Iterator[dovecot.Dovecot]:
    with dovecot.running() as running:
        settings.BOUNCE_MAILBOX = running.url()
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


def test_a_bounce_and_an_answer_are_taken_once_marked_as_seen_and_understood(inside, server):
    now = datetime.datetime.now(datetime.UTC)
    entry = write(inside.organisation, token=TOKEN, to_address="ann@flats.example", at=now)
    events.append(entry, "sent", happened_at=now, source="smtp", attempt=1)
    server.put("bounce", bounce("hard-unknown"))
    server.put("answer", answer())
    server.put("read", answer("Somebody has read this one."), flags="S")

    first, second = mailbox.take_all(), mailbox.take_all()
    parsing.run(5)

    assert (first.new, second.new, second.again) == (2, 0, 0)
    assert server.flags() == {"bounce": "S", "answer": "S", "read": "S"}
    entry.delivery.refresh_from_db()
    assert (entry.delivery.status, entry.delivery.bounce) == ("bounced", "hard")
    assert entry.tickets.get(reason="reply").messages.count() == 1


def test_what_is_kept_are_the_bytes_that_are_there(inside, server, settings):
    settings.MAIL_ORGANISATION = inside.organisation.slug
    mail = b"Subject: \xfc\r\nTo: a@b.example\r\n\r\n.\r\n\xff no UTF-8, no line end"
    server.put("odd", mail)

    mailbox.take_all()

    assert bytes(Receipt.objects.get().body) == mail


def test_mail_of_nobody_is_flagged_and_stays(cast, server, settings):
    settings.MAIL_ORGANISATION = "nobody"
    server.put("stray", answer(to="office@else.example"))

    assert mailbox.take_all().nobodys == 1
    assert server.flags() == {"stray": "FS"}


def test_of_a_mail_that_is_too_large_the_beginning_is_kept_and_the_whole_stays(
    inside, server, settings, monkeypatch
):
    settings.MAIL_ORGANISATION = inside.organisation.slug
    monkeypatch.setattr(mailbox, "LARGEST", 1000)
    monkeypatch.setattr(mailbox, "BEGINNING", 500)
    mail = answer("x" * 5000).replace(b"\n", b"\r\n")
    server.put("large", mail)

    mailbox.take_all()

    receipt = Receipt.objects.get()
    assert bytes(receipt.body) == mail[:500]
    assert receipt.headers["cut-off"] == str(len(mail))
    assert server.flags() == {"large": "FS"}


def test_what_somebody_marked_as_deleted_is_not_deleted_by_us(inside, server, settings):
    settings.MAIL_ORGANISATION = inside.organisation.slug
    server.put("going", answer("Put away."), flags="T")
    server.put("new", answer())

    mailbox.take_all()

    assert server.flags() == {"going": "ST", "new": "S"}


def test_a_folder_may_have_any_name(inside, server, settings):
    settings.MAIL_ORGANISATION = inside.organisation.slug
    settings.BOUNCE_MAILBOX = server.url(folder="Zur%C3%BCck%20%26%20fort")
    server.put("one", answer(), folder=".Zur&APw-ck &- fort")

    assert mailbox.take_all().new == 1
    assert server.flags(".Zur&APw-ck &- fort") == {"one": "S"}


def test_a_certificate_that_nobody_vouches_for_is_not_trusted_with_the_password(cast, server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server.put("one", answer())

    with pytest.raises(ssl.SSLCertVerificationError):
        mailbox.take_all()
    assert server.flags() == {"one": ""}


def test_a_wrong_password_takes_nothing(cast, server, settings):
    settings.BOUNCE_MAILBOX = server.url(password="wrong")
    server.put("one", answer())

    with pytest.raises(MailboxLoginError):
        mailbox.take_all()
    assert server.flags() == {"one": ""}
