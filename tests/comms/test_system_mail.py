"""Django's own mail is logged, and what would open an account is withheld from the log."""

import hashlib
import re

from django.core.mail import send_mail
from django.test import Client

from comms.models import LogEntry


def test_a_password_reset_is_logged_without_its_link(inside, sink):
    Client().post("/accounts/password/reset/", {"email": inside.alice.email})

    (kept,) = sink.to(inside.alice.email)
    link = re.search(
        r"https?://\S+/accounts/password/reset/key/\S+", kept.message.get_payload(decode=True).decode()
    )
    entry = LogEntry.objects.get(type="system")
    assert link
    assert link.group() not in entry.words
    assert link.group().encode() not in entry.exact_bytes()
    assert "withheld" in entry.words
    assert entry.withheld
    assert entry.sha256 == hashlib.sha256(kept.data).hexdigest()
    assert entry.delivery.status == "sent"


def test_the_link_that_was_sent_works(inside, sink):
    Client().post("/accounts/password/reset/", {"email": inside.alice.email})

    (kept,) = sink.to(inside.alice.email)
    path = re.search(
        r"/accounts/password/reset/key/\S+", kept.message.get_payload(decode=True).decode()
    ).group()
    assert Client().get(path, follow=True).status_code == 200


def test_an_unknown_address_is_in_no_log(inside, sink):
    send_mail("Hello", "There.", None, ["somebody@simulator.example"])

    assert sink.to("somebody@simulator.example")
    assert not LogEntry.objects.exists()


def test_a_refused_mail_is_tried_once(inside, sink):
    sink.refusals["alice"] = "451 4.3.0 Later"

    send_mail("Hello", "There.", None, [inside.alice.email])

    entry = LogEntry.objects.get()
    assert entry.delivery.status == "failed"
    assert [event.kind for event in entry.events.all()] == ["attempted", "failed"]


def test_what_is_not_secret_is_kept_as_it_left(inside, sink):
    send_mail("Hello", "There.\n.\nA dot on a line of its own.", None, [inside.alice.email])

    (kept,) = sink.kept
    assert LogEntry.objects.get().exact_bytes() == kept.data
