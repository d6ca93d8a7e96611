"""A notice that comes back for good has its ticket, whenever the provider tells: late, after "delivered", too early."""

import os
import random
import time

from django.utils import timezone

from comms.models import Delivery, ReceiptParsing, Ticket
from comms.receipts import parsing
from comms.receipts.hooks import taking
from comms.receipts.hooks.came import Came
from comms.record import entries, events
from tests.comms import hooks
from tests.comms.hooks import Post
from tests.ledger.test_leaf import entry_of

BOUNCES = int(os.environ.get("FAULT_BOUNCES", "90"))
WHEN = ("after it was sent", "after delivered", "before the message is there")


def bounced(entry, number: int) -> Came:
    """What the provider posts: there is no such address."""
    headers, body = hooks.postmark(
        Post(entry=str(entry.public_id), secret=hooks.WORDS, number=number, kind="bounced")
    )
    return Came(dict(headers), body, "https://blockpost.example/hooks/postmark/")


def test_each_hard_bounce_of_a_notice_raises_its_ticket(inside, settings):
    settings.PROVIDER_VALUES = {one.setting: one.secret for one in hooks.PROVIDERS.values()}
    rng, now = random.Random(20261121), timezone.now()
    waits, spent = [], []
    rows = [
        (entry_of(inside, title=f"Notice {number}", type="notice"), rng.choice(WHEN))
        for number in range(BOUNCES)
    ]
    for number, (entry, when) in enumerate(rows):
        if when != WHEN[2]:
            write(entry, when, now)
        taking.take(inside.organisation, "postmark", bounced(entry, number))
    begun = time.monotonic()
    parsing.run(600)
    spent.append(time.monotonic() - begun)
    for entry, when in rows:
        if when == WHEN[2]:
            waits.append(entry)
            write(entry, when, now)
    begun = time.monotonic()
    ReceiptParsing.objects.filter(state="waiting").update(next_at=timezone.now())  # a minute later
    parsing.run(600)
    spent.append(time.monotonic() - begun)

    ticketed = Ticket.objects.filter(reason="hard_bounce").values("entry").distinct().count()
    print(
        f"\n{BOUNCES} hard bounces, {len(waits)} before their message: {ticketed} tickets, "
        f"{1000 * sum(spent) / BOUNCES:.0f} ms each"
    )
    assert 0 < len(waits) < BOUNCES
    assert ticketed == Ticket.objects.count() == BOUNCES
    assert set(Delivery.objects.values_list("status", "bounce")) == {("bounced", "hard")}


def write(entry, when: str, now) -> None:
    (row,) = entries.write([entry])
    events.append(row, "attempted", happened_at=now, source="blockpost", attempt=1)
    events.append(row, "sent", happened_at=now, source="postmark", attempt=1)
    if when == WHEN[1]:
        events.append(row, "delivered", happened_at=now, source="postmark")
