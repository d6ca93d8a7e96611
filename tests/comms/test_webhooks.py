"""Other systems are told what happens."""

import base64
import datetime
import hashlib
import hmac
import html
import json
import re

import pytest
from django.db import transaction
from django.utils import timezone

from comms.models import Ticket, Webhook, WebhookAttempt, WebhookMessage
from comms.record import tickets
from comms.webhooks import signing, telling
from tests.comms import listener
from tests.comms.logbook import happen, write

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def there(settings):
    with listener.running() as running:
        settings.WEBHOOK_PRIVATE = [f"127.0.0.1:{running.port}"]
        yield running


@pytest.fixture
def hook(inside, there):
    return Webhook.objects.create(organisation=inside.organisation, url=there.url, created_by=inside.adam)


@pytest.fixture
def adam(inside, client_of):
    return client_of(inside.adam)


def ring(minutes=0):
    """Let a worker tell what waits, so many minutes later."""
    if minutes:
        WebhookMessage.objects.update(try_at=timezone.now())
    return telling.run(20)


def proved(secret, headers, body):
    """Check a message as the other side does, by the specification alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")


def test_a_delivery_event_is_told_signed_and_without_personal_data(inside, hook, there):
    entry = write(inside.organisation, reference_type="invoice", reference="SC-1", title="Secret title")
    happen(entry, "bounced", bounce="hard", reason="priya.raman is gone")

    assert ring() == 1

    ((path, headers, body),) = there.told
    said = json.loads(body)
    assert path == "/hook" and said["type"] == "delivery.bounced"
    assert said["data"]["entry_id"] == str(entry.public_id) and said["data"]["reference"] == "SC-1"
    assert said["data"]["bounce"] == "hard"
    for personal in (entry.to_name, entry.to_address, "priya", "Secret title", entry.words):
        assert personal.encode() not in body
    assert proved(signing.secret_of(hook), headers, body)
    assert not proved(signing.secret_of(hook), headers, body + b" ")
    assert not proved(signing.secret_of(hook), headers | {"webhook-timestamp": "1"}, body)
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert WebhookMessage.objects.get().state == "taken"


def test_what_is_done_to_a_ticket_is_told(inside, hook, there):
    entry = write(inside.organisation)
    ticket = Ticket.objects.create(
        organisation=inside.organisation, title="Reply", entry=entry, reason="reply"
    )
    tickets.note(ticket, "opened")
    tickets.close(ticket, inside.alice, outcome="waived", words="Rang Ann")

    ring()

    said = [json.loads(body) for _, _, body in there.told]
    assert [one["type"] for one in said] == ["ticket.opened", "ticket.closed"]
    assert said[1]["data"] | {"change_id": ""} == {
        "change_id": "", "kind": "closed", "outcome": "waived", "ticket_id": str(ticket.public_id),
        "reason": "reply", "entry_id": str(entry.public_id),
    }  # fmt: skip


def test_only_what_it_asked_for_and_only_of_its_own_organisation(inside, hook, there):
    Webhook.objects.update(deliveries=False)
    entry = write(inside.organisation)
    happen(entry, "delivered")
    Webhook.objects.update(deliveries=True, off_at=timezone.now())
    happen(entry, "opened", at=timezone.now())
    Webhook.objects.update(off_at=None, organisation=inside.other)
    happen(entry, "clicked", at=timezone.now())

    assert not WebhookMessage.objects.exists()


def test_what_is_rolled_back_is_told_to_nobody(inside, hook):
    entry = write(inside.organisation)
    with pytest.raises(RuntimeError), transaction.atomic():
        happen(entry, "delivered")
        assert WebhookMessage.objects.count() == 1
        raise RuntimeError

    assert not WebhookMessage.objects.exists()


def test_what_fails_is_tried_again_with_growing_pauses_the_same_under_the_same_id(inside, hook, there):
    there.answers = [500, 503, 404, 200]
    happen(write(inside.organisation), "delivered")

    pauses = []
    for _ in range(4):
        before = timezone.now()
        ring(1)
        message = WebhookMessage.objects.get()
        pauses.append((message.try_at - before).total_seconds())

    assert (message.state, message.attempts) == ("taken", 4)
    assert 4 <= pauses[0] <= 8 and 240 <= pauses[1] <= 365 and 1440 <= pauses[2] <= 2165
    assert len({body for _, _, body in there.told}) == len({h["webhook-id"] for _, h, _ in there.told}) == 1
    assert [one.status for one in WebhookAttempt.objects.all()] == [500, 503, 404, 200]
    assert ring(1) == 0


def test_it_is_not_tried_before_its_time_and_not_twice_at_once(inside, hook, there):
    there.answers = [500]
    happen(write(inside.organisation), "delivered")
    ring()

    assert ring() == 0
    WebhookMessage.objects.update(try_at=timezone.now())
    assert telling._claim(timezone.now(), [])
    assert telling._claim(timezone.now(), []) is None  # somebody has it
    assert telling._claim(timezone.now() + 3 * MINUTE, [])  # who had it is lost


def test_after_the_last_pause_it_is_given_up(inside, hook, there):
    there.answers = [500] * 20
    happen(write(inside.organisation), "delivered")
    for _ in range(12):
        ring(1)

    message = WebhookMessage.objects.get()
    assert (message.state, message.attempts) == ("failed", len(telling.PAUSES) + 1)


def test_one_that_is_away_does_not_hold_up_another(inside, hook, there, settings):
    with listener.running() as other:
        settings.WEBHOOK_PRIVATE = [*settings.WEBHOOK_PRIVATE, f"127.0.0.1:{other.port}"]
        Webhook.objects.create(organisation=inside.organisation, url=other.url, created_by=inside.adam)
        there.answers = [500] * 50
        for _ in range(10):
            happen(write(inside.organisation), "delivered")

        ring()

        assert (len(there.told), len(other.told)) == (telling.PAUSED, 10)


def test_410_switches_it_off(inside, hook, there):
    there.answers = [410]
    happen(write(inside.organisation), "delivered")
    ring()

    hook.refresh_from_db()
    assert hook.off_at and "410" in hook.off_reason and WebhookMessage.objects.get().state == "failed"


def test_an_address_that_has_become_private_is_not_told(inside, hook, there, settings):
    settings.WEBHOOK_PRIVATE = []
    Webhook.objects.update(url=f"https://127.0.0.1:{there.port}/")
    happen(write(inside.organisation), "delivered")
    ring()

    attempt = WebhookAttempt.objects.get()
    assert attempt.status is None and "private network" in attempt.words and there.told == []


def test_its_secret_is_shown_once_and_kept_nowhere(inside, adam, there):
    made = adam.post("/o/larch/settings/webhooks/new/", {"url": there.url, "deliveries": "on"})
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", html.unescape(made.content.decode())).group()
    hook = Webhook.objects.get()

    assert secret == signing.secret_of(hook) and made["Cache-Control"] == "no-store"
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    for page in ("", f"{hook.public_id}/", f"{hook.public_id}/edit/"):
        assert "whsec_" not in adam.get(f"/o/larch/settings/webhooks/{page}").content.decode()
    assert secret.removeprefix("whsec_") not in json.dumps(list(Webhook.objects.values()), default=str)


def test_while_it_is_changed_both_secrets_sign_for_a_day(inside, adam, hook, there):
    before = signing.secret_of(hook)
    page = adam.post(f"/o/larch/settings/webhooks/{hook.public_id}/secret/")
    hook.refresh_from_db()
    after = signing.secret_of(hook)
    assert after != before and after in html.unescape(page.content.decode())

    happen(write(inside.organisation), "delivered")
    ring()
    _, headers, body = there.told[0]
    assert proved(before, headers, body) and proved(after, headers, body)

    Webhook.objects.update(old_until=timezone.now() - MINUTE)
    happen(write(inside.organisation), "delivered")
    ring()
    _, headers, body = there.told[1]
    assert not proved(before, headers, body) and proved(after, headers, body)


def test_its_attempts_are_seen_and_it_is_sent_again_by_hand(inside, adam, hook, there):
    there.answers = [500] * 11
    happen(write(inside.organisation, title="Lift"), "delivered")
    for _ in range(10):
        ring(1)
    message = WebhookMessage.objects.get()

    page = html.unescape(adam.get(hook.get_absolute_url()).content.decode())
    assert "Given up" in page and page.count(": 500 in") == 10 and "Lift" in page
    there.answers = []
    adam.post(f"/o/larch/settings/webhooks/messages/{message.public_id}/resend/")
    ring()

    message.refresh_from_db()
    assert message.state == "taken"
    assert len({headers["webhook-id"] for _, headers, _ in there.told}) == 1
    page = html.unescape(adam.get(hook.get_absolute_url()).content.decode())
    assert "sent again by Adam Frost" in page


def test_one_that_is_switched_off_is_told_nothing_until_it_is_on_again(inside, adam, hook, there):
    happen(write(inside.organisation), "delivered")
    adam.post(f"/o/larch/settings/webhooks/{hook.public_id}/switch/", {"off": "1"})
    assert ring() == 0
    assert "Switched off" in adam.get(hook.get_absolute_url()).content.decode()

    adam.post(f"/o/larch/settings/webhooks/{hook.public_id}/switch/", {"off": "0"})

    assert ring() == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"url": "https://169.254.169.254/latest/"}, "private network"),
        ({"url": "https://localhost/"}, "private network"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "private network"),
        ({"url": "http://1.1.1.1/"}, "https://"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"url": ""}, "Give the address"),
        ({"url": "https://a:b@1.1.1.1/"}, "user name"),
        ({"url": "https://1.1.1.1/\x00"}, "Null characters"),
        ({"url": "https://1.1.1.1/", "deliveries": ""}, "Tick at least one"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(inside, adam, values, says):
    refused = adam.post("/o/larch/settings/webhooks/new/", {"deliveries": "on", **values})

    assert refused.status_code == 422 and says in html.unescape(refused.content.decode())
    assert not Webhook.objects.exists()


def test_it_forgets_after_30_days_but_not_what_waits(inside, hook, there):
    there.answers = [200, 500]
    happen(write(inside.organisation), "delivered")
    happen(write(inside.organisation), "delivered")
    ring()

    assert telling.forget(timezone.now() + 29 * 1440 * MINUTE) == 0
    telling.forget(timezone.now() + 31 * 1440 * MINUTE)

    assert [one.state for one in WebhookMessage.objects.all()] == ["waiting"]
