"""A mailbox that cannot be read is named at start-up, and whether it lets us in where a deployment is checked."""

import os

import pytest
from django.core.checks import run_checks

from tests.comms.imap_server import mailbox as serving


def said(deploy: bool = False) -> list[tuple[str, str]]:
    found = run_checks(include_deployment_checks=deploy)
    return [(one.id, one.msg) for one in found if one.id in ("comms.E021", "comms.W021", "comms.W022")]


@pytest.mark.parametrize(
    "url", ["", "imaps://a%40b:secret@mail.example/INBOX", "imap://a:b@127.0.0.1:1", "imap://a:b@localhost"]
)
def test_what_can_be_used_is_no_fault(settings, url):
    settings.BOUNCE_MAILBOX = url

    assert not said()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("pop3://a:b@mail.example", "begins neither with"),
        ("/var/mail/blockpost", "begins neither with"),
        ("imaps://mail.example/INBOX", "a server, a user and a password"),
        ("imaps://a@mail.example", "a server, a user and a password"),
        ("imaps://a:b@/INBOX", "a server, a user and a password"),
        ("imaps://a:b@mail.example:many", "is no address"),
    ],
)
def test_what_no_worker_could_use_is_named_and_never_the_password(settings, url, words):
    settings.BOUNCE_MAILBOX = url

    ((number, message),) = said(deploy=True)
    assert number == "comms.E021" and words in message and "a:b" not in message


@pytest.mark.parametrize("host", ["mail.example", "10.0.0.1"])
def test_a_password_in_the_open_is_a_warning_where_it_leaves_the_machine(settings, host):
    settings.BOUNCE_MAILBOX = f"imap://a:b@{host}"

    ((number, message),) = said()
    assert number == "comms.W021" and "in the open" in message


@pytest.mark.parametrize("name", ["BOUNCE_ADDRESS", "REPLY_ADDRESS"])
@pytest.mark.parametrize("address", ["bounces", "a@b, c@d", "@demo.example"])
def test_an_address_that_is_none_is_named(settings, name, address):
    setattr(settings, name, address)

    assert said() == [("comms.E021", f"{name} is not one email address.")]


def test_only_answers_need_no_address_of_ours(settings):
    settings.BOUNCE_ADDRESS = settings.REPLY_ADDRESS = ""

    assert said() == [("comms.E021", "BOUNCE_ADDRESS is not one email address.")]


def test_a_maildir_that_is_there_or_can_be_made_is_no_fault_and_looking_makes_none(settings, tmp_path):
    settings.BOUNCE_MAILBOX = f"maildir://{tmp_path}/returned"

    assert not said()
    assert not list(tmp_path.iterdir())


def test_a_maildir_where_something_else_is_cannot_be_read(settings, tmp_path):
    (tmp_path / "new").write_text("no folder")
    settings.BOUNCE_MAILBOX = f"maildir://{tmp_path}"

    ((number, message),) = said()
    assert number == "comms.W021" and f"{tmp_path}/new, or it is no folder" in message


def test_a_maildir_of_another_user_cannot_be_read(settings, tmp_path, monkeypatch):
    (tmp_path / "cur").mkdir()
    settings.BOUNCE_MAILBOX = f"maildir://{tmp_path}"
    shut = tmp_path / "cur"
    asked = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != shut and asked(path, mode))  # root may all

    ((number, message),) = said()
    assert number == "comms.W021" and str(shut) in message


def test_a_maildir_needs_its_whole_path(settings):
    settings.BOUNCE_MAILBOX = "maildir://returned"

    assert said() == [("comms.W021", "BOUNCE_MAILBOX needs the whole path of the Maildir, from / on.")]


def test_signing_in_is_tried_only_where_a_deployment_is_checked(settings):
    with serving(password="another") as box:
        settings.BOUNCE_MAILBOX = box.url

        assert not said()
        ((number, message),) = said(deploy=True)
        assert number == "comms.W022" and "does not let us in" in message and "secret" not in message


def test_a_mailbox_that_lets_us_in_and_one_that_is_away(settings):
    with serving() as box:
        settings.BOUNCE_MAILBOX = box.url

        assert not said(deploy=True)

    ((number, message),) = said(deploy=True)
    assert number == "comms.W022" and "refused" in message.lower()
