"""Nothing that a provider posted came in for a day: what it tells when it is asked makes up for all of it."""

import datetime
import os
import random
import time

from django.utils import timezone

from comms.models import Delivery, DeliveryEvent
from comms.receipts import parsing, polling
from tests.comms.servers import Answer
from tests.comms.test_receipts_polling import item, mailgun, sent  # noqa: F401 (mailgun is a fixture)

MESSAGES = int(os.environ.get("FAULT_MESSAGES", "600"))
BECAME = {"delivered": 90, "failed": 6, "complained": 4}  # of a hundred
STATUS = {"delivered": "delivered", "failed": "bounced", "complained": "spam"}
PAGE = 100  # events


def test_a_day_without_posts_is_made_up_for(inside, mailgun):  # noqa: F811
    rng = random.Random(20261121)
    now = timezone.now()
    became = {}
    for number in range(MESSAGES):
        at = now - datetime.timedelta(hours=rng.uniform(1.1, 24))
        entry = sent(inside, at=at, to_address=f"person{number}@mail.example")
        kind = rng.choices(list(BECAME), BECAME.values())[0]
        became[entry.pk] = kind
        told = item(entry, kind, at + datetime.timedelta(seconds=20))
        mailgun.told.append({**told, "severity": "permanent"} if kind == "failed" else told)
    mailgun.told.sort(key=lambda one: one["timestamp"])
    whole, mailgun.page = list(mailgun.told), PAGE

    begun = time.monotonic()
    mailgun.told[MESSAGES // 2 :] = [Answer(500)]  # it breaks off in the middle
    first = polling.run(timezone.now(), polling.LATELY)
    mailgun.told[:] = whole
    asked_again = polling.run(timezone.now(), polling.LATELY)
    read = parsing.run(600)
    took = time.monotonic() - begun

    found = dict(Delivery.objects.values_list("entry", "status"))
    wrong = [entry for entry, kind in became.items() if found[entry] != STATUS[kind]]
    print(
        f"\n{MESSAGES} messages, no posts for a day: {first} events at the first asking, which broke off, "
        f"{asked_again} at the second, {read} read, {took:.1f} s, {len(wrong)} wrong"
    )
    assert 0 < first < MESSAGES
    assert first + asked_again == MESSAGES
    assert not wrong
    assert DeliveryEvent.objects.filter(kind__in=STATUS.values(), source="mailgun").count() == MESSAGES
    assert polling.run(timezone.now(), polling.LATELY) == 0  # nothing that was made up for is asked for again
