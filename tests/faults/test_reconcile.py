"""What is in doubt is settled by what is heard later, and only by that: none is called delivered that was not."""

import random

from django.utils import timezone

from comms.models import LogEntry, Recipient
from comms.receipts import mailbox, parsing
from comms.sending import due, handover
from comms.simulator import reports
from tests import sink as smtp
from tests.faults.load import Sum, scheduled

PEOPLE = 60


def test_a_report_that_comes_later_settles_what_was_in_doubt(committed, inside, settings):
    rng = random.Random(20261121)
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 2
        sink.silent = {"silent"}  # every message is taken, and no answer comes
        one = scheduled(
            inside, [f"silent{number}@simulator.example" for number in range(PEOPLE)], type="notice"
        )
        due.start_due(timezone.now())
        handover.run(60)
        doubted = Sum(one, sink)
        assert doubted.by_status == {"unconfirmed": PEOPLE}

    told = rng.sample(sink.kept, PEOPLE // 2)
    for mail in told:
        mailbox.keep(reports.of_delivery("delivered", mail.mail_from, mail.rcpt_to, mail.data))
    parsing.run(30)

    arrived = {mail.rcpt_to for mail in told}
    found = dict(LogEntry.objects.filter(communication=one).values_list("to_address", "delivery__status"))
    wrong = [address for address, status in found.items() if (status == "delivered") != (address in arrived)]
    print(
        f"\n{PEOPLE} in doubt, {len(told)} reports: {len(arrived) - len(wrong)} settled, {len(wrong)} wrong"
    )
    assert not wrong
    assert not Recipient.objects.filter(
        communication=one, attempts__gt=1
    ).exists()  # and nobody was sent it again
