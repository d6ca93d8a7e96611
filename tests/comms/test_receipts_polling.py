"""Asking a provider for what its posts may have lost: the same events, by another way, once."""

import base64
import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from comms.models import Communication, Receipt, ReceiptParsing
from comms.receipts import parsing, polling
from comms.record import events
from tests.comms import hooks
from tests.comms.logbook import write
from tests.comms.servers import Answer, said, serving
from tests.comms.test_hooks import address, post

NOW = timezone.now()
HOUR = datetime.timedelta(hours=1)


def sent(cast, at=NOW - 2 * HOUR, kind="sent", **facts):
    entry = write(cast.organisation, at=at, **facts)
    events.append(entry, "attempted", happened_at=at, source="blockpost", attempt=1)
    named = f"<{entry.pk}@mail.example>" if kind == "sent" else ""
    events.append(entry, kind, happened_at=at, source="mailgun", attempt=1, provider_message_id=named)
    return entry


def item(entry, kind="delivered", at=NOW - HOUR, number=1):
    """An event as Mailgun's list has it."""
    return {
        "id": f"e{number}-{entry.pk}",
        "event": kind,
        "timestamp": at.timestamp(),
        "recipient": entry.to_address,
        "user-variables": {"entry": str(entry.public_id)},
        "message": {"headers": {"message-id": f"{entry.pk}@mail.example"}},
    }


@pytest.fixture
def mailgun(settings):
    """A Mailgun whose list of events is `told`, two to a page unless a test says otherwise."""
    told = []

    def answer(asked):
        if asked.headers.get("authorization") != "Basic " + base64.b64encode(b"api:key").decode():
            return Answer(401)
        place = urlsplit(asked.path)
        if not place.path.startswith("/mail.example/events"):
            return Answer(404)
        number = int(place.path.rpartition("/")[2]) if place.path.count("/") > 2 else 0
        page = told[number : number + server.page]
        if page and not isinstance(page[0], dict):
            return page[0]
        following = f"{server.address}/mail.example/events/{number + server.page}"
        return said(200, {"items": page, "paging": {"next": following}})

    with serving(answer) as server:
        server.told, server.page = told, 2
        settings.EMAIL_PROVIDER = "mailgun"
        settings.PROVIDER_VALUES = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_SENDER_DOMAIN": "mail.example",
            "MAILGUN_API_URL": server.address,
            "MAILGUN_WEBHOOK_SIGNING_KEY": hooks.PROVIDERS["mailgun"].secret,
        }
        settings.BASE_URL = "https://blockpost.example"
        yield server


def ask(back=polling.LATELY, **options):
    kept = polling.run(timezone.now(), back, **options)
    parsing.run(10)
    return kept


def status(entry):
    entry.delivery.refresh_from_db()
    return entry.delivery.status


def test_what_no_post_told_is_asked_for_page_by_page(inside, mailgun):
    entries = [sent(inside) for _ in range(5)]
    mailgun.told += [item(entry) for entry in entries]

    assert ask() == 5

    assert {status(entry) for entry in entries} == {"delivered"}
    assert not ReceiptParsing.objects.exclude(state="done").exists()
    (first, *_) = mailgun.asked
    asked = {name: value for name, (value,) in parse_qs(urlsplit(first.path).query).items()}
    assert float(asked["begin"]) < (NOW - 2 * HOUR).timestamp()
    assert asked["ascending"] == "yes"


def test_what_was_posted_and_is_asked_for_is_one_event(inside, mailgun):
    entry = sent(inside)
    made = hooks.Post(entry=str(entry.public_id), secret=hooks.PROVIDERS["mailgun"].secret, kind="deferred")
    made.at = (NOW - HOUR).timestamp()
    headers, body = hooks.mailgun(made)
    body = body.replace(b'"delivered"', b'"accepted"')
    assert post(address(inside.organisation, "mailgun"), headers, body).status_code == 200
    parsing.run(5)
    entry.delivery.refresh_from_db()
    entry.delivery.status = "sent"  # as if nothing final had been heard
    entry.delivery.save()
    mailgun.told.append({**item(entry, "accepted"), "id": made.id})

    assert ask() == 1

    assert [event.kind for event in entry.events.all()] == ["attempted", "sent", "sent"]


def test_asking_twice_keeps_nothing_twice(inside, mailgun):
    entry = sent(inside)
    mailgun.told.append(item(entry, "accepted"))

    assert (ask(), ask()) == (1, 0)
    assert Receipt.objects.count() == 1


def test_one_that_is_unconfirmed_is_settled_by_what_the_provider_knows(inside, mailgun):
    entry = sent(inside, kind="unconfirmed")
    mailgun.told.append(item(entry, "accepted"))

    ask()

    assert status(entry) == "sent"


def test_nobody_is_asked_where_nothing_is_open(inside, mailgun):
    sent(inside, at=NOW - datetime.timedelta(minutes=30))  # a post may still come
    sent(inside, at=NOW - datetime.timedelta(days=4))
    known = sent(inside)
    events.append(known, "delivered", happened_at=NOW, source="mailgun")

    assert ask() == 0
    assert not mailgun.asked


def test_statutory_ones_are_asked_for_as_far_back_as_a_month(inside, mailgun):
    at = NOW - datetime.timedelta(days=20)
    notice = sent(inside, at=at, type=Communication.STATUTORY_TYPES[0])
    circular = sent(inside, at=at)
    mailgun.told += [item(notice, at=at + HOUR), item(circular, at=at + HOUR)]

    assert ask(polling.LONG_SINCE, statutory=True) == 1

    assert (status(notice), status(circular)) == ("delivered", "sent")


def test_events_of_messages_that_are_not_open_are_left_there(inside, mailgun):
    sent(inside)
    stranger = item(sent(inside, at=NOW - datetime.timedelta(days=9)))
    mailgun.told += [stranger, {"id": "odd", "event": "delivered"}]

    assert ask() == 0


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(401), Answer(200, b"<html>"), said(200, {}), said(200, []), Answer(302)]
)
def test_a_provider_that_does_not_answer_is_asked_again_the_next_time(answer, inside, mailgun):
    entry = sent(inside)
    mailgun.told.append(answer)
    assert ask() == 0

    mailgun.told[:] = [item(entry)]
    assert ask() == 1


def test_the_key_is_led_nowhere_else(inside, mailgun):
    entry = sent(inside)
    with serving(lambda asked: said(200, {"items": []})) as elsewhere:
        mailgun.told.append(said(200, {"items": [item(entry)], "paging": {"next": f"{elsewhere.address}/x"}}))

        assert ask() == 1

        assert not elsewhere.asked
