"""The pace of a channel, and its pause while the provider does not answer."""

import datetime
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from comms.models import Outlet, Recipient
from comms.sending import due, outlets
from tests.comms.test_sending import circular, send


def hurry():
    """Let the pause be over, and what was put off be tried again now."""
    Outlet.objects.update(paused_until=timezone.now())
    Recipient.objects.filter(state="deferred").update(next_attempt_at=timezone.now())


def tried():
    return Recipient.objects.filter(attempts__gt=0).count()


@pytest.fixture
def away(settings, sink):
    """The mail server does not answer; gives how it comes back."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    settings.PAUSE_AFTER_FAULTS = 2
    return lambda: setattr(settings, "EMAIL_PORT", port)


def test_after_so_many_faults_in_a_row_nobody_else_is_tried(inside, away):
    circular(inside)

    for _ in range(4):
        send()

    outlet = Outlet.objects.get()
    assert tried() == 2
    assert outlet.paused_until - timezone.now() > datetime.timedelta(seconds=50)
    assert outlets.paused() == [outlet] and "could not be reached" in outlet.reason
    assert not due.at_work()  # so that the workers do not ring each other without end


def test_one_is_tried_after_each_pause_and_the_pauses_grow(inside, away):
    circular(inside)
    for _ in range(2):
        send()

    hurry()
    send()

    assert Outlet.objects.get().faults == 3
    left = Outlet.objects.get().paused_until - timezone.now()
    assert datetime.timedelta(seconds=110) < left < datetime.timedelta(seconds=121)


def test_when_it_answers_again_all_go_out(inside, away, sink):
    circular(inside)
    for _ in range(2):
        send()
    assert Outlet.objects.get().down_since

    away()
    hurry()
    send()
    hurry()
    send()

    assert len(sink.kept) == 3
    assert not outlets.paused() and Outlet.objects.get().down_since is None


def test_of_many_workers_one_tries(inside):
    now = timezone.now()
    Outlet.objects.create(channel="email", faults=9, down_since=now, paused_until=now)

    assert [outlets.probing("email", now) for _ in range(3)] == [True, None, None]
    outlets.untried("email", now)
    assert outlets.probing("email", now) is True
    assert outlets.probing("sms", now) is False


def test_another_channel_is_not_paused(inside, away, sink):
    Outlet.objects.create(
        channel="sms",
        faults=9,
        down_since=timezone.now(),
        paused_until=timezone.now() + datetime.timedelta(hours=1),
    )
    away()
    circular(inside)

    send()

    assert len(sink.kept) == 3


def test_a_rate_holds_across_workers(committed, cast, settings):
    settings.SENDING_RATES = {"email": 20.0}
    taken: list[float] = []

    def work():
        for _ in range(10):
            wait = outlets.turn("email")
            time.sleep(wait)
            taken.append(time.monotonic())
        connection.close()

    begun = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 30
    assert max(taken) - begun >= 29 / 20  # thirty turns at twenty a second


def test_who_would_wait_too_long_leaves_the_rest_to_a_later_run(inside, settings):
    settings.SENDING_RATES = {"email": 0.5}

    turns = [outlets.turn("email") for _ in range(3)]

    assert turns[0] == pytest.approx(0, abs=0.1) and turns[1] == pytest.approx(2, abs=0.2)
    assert turns[2] is None
    assert outlets.turn("sms") == 0


def test_messages_go_no_faster_than_they_may(inside, sink, settings):
    settings.SENDING_RATES = {"email": 5.0}
    circular(inside)

    begun = time.monotonic()
    send()

    assert len(sink.kept) == 3 and time.monotonic() - begun >= 0.4


def test_an_organisation_with_an_account_of_its_own_pauses_nobody_else(inside, settings, sink):
    settings.PAUSE_AFTER_FAULTS = 1
    settings.ORGANISATION_PROVIDERS = {
        "larch": {
            "EMAIL_PROVIDER": "postmark",
            "ANYMAIL_POSTMARK_SERVER_TOKEN": "key",
            "ANYMAIL_POSTMARK_API_URL": "http://127.0.0.1:1",
        }
    }
    circular(inside)
    send()
    assert tried() == 1 and not due.at_work()
    assert [outlet.name for outlet in outlets.paused(inside.organisation)] == ["email"]
    assert outlets.paused(inside.other) == []

    settings.ORGANISATION_PROVIDERS = {}  # as one that uses the mail server: its way out is open
    assert due.at_work()


def test_a_pause_of_the_mail_server_holds_up_nobody_with_an_account_of_their_own(inside, settings, away):
    settings.PAUSE_AFTER_FAULTS = 1
    circular(inside)
    send()
    assert not due.at_work()

    settings.ORGANISATION_PROVIDERS = {"larch": {"EMAIL_PROVIDER": "postmark"}}

    assert due.at_work()
    assert outlets.paused(inside.organisation) == []
    assert [outlet.channel for outlet in outlets.paused(inside.other)] == ["email"]
