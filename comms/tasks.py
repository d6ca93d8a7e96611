"""Doorbells. The database holds the work; a ring that is lost or doubled costs nothing."""

import datetime
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from comms.exports import making
from comms.ledger import running, sealer
from comms.models import Export, Verification
from comms.pack import asking
from comms.receipts import mailbox, maildir, parsing, polling
from comms.reports import log_file, schedules
from comms.sending import due, follow_up, handover, posting
from comms.sending import reconcile as reconciling
from comms.sending.slot import slot
from comms.webhooks import telling
from comms.witness import leaving

HELP = 3  # seconds that a call for help stands

READING = 10  # seconds that one ring keeps a worker reading receipts
VERIFYING = 60  # seconds after which a ring begins no other verification
TELLING = 20  # seconds after which a ring tells no other webhook
MAKING = 60  # seconds after which a ring begins no other file
MAKERS: dict[str, making.Maker] = {Export.Kind.LOG: log_file.make, Export.Kind.PACK: asking.make}


@shared_task
def send_due() -> None:
    with slot("send", settings.SENDING_SLOTS) as free:
        if free:
            due.start_due(timezone.now())
            if due.at_work():
                send_due.apply_async(expires=HELP)  # another place may be free: many hands
            handover.run(settings.SENDING_RUN_SECONDS)
            due.finish_through(timezone.now())


@shared_task
def reconcile() -> None:
    reconciling.give_up_lapsed(timezone.now())
    due.finish_through(timezone.now())


@shared_task
def read_receipts() -> None:
    with slot("read receipts", settings.RECEIPT_SLOTS) as free:
        if free:
            parsing.run(READING)


@shared_task
def take_mail() -> None:
    if not settings.BOUNCE_MAILBOX or settings.BOUNCE_MAILBOX.startswith(maildir.SCHEME):
        return
    with slot("mailbox", 1) as free:
        if free:
            mailbox.take_all()


@shared_task
def take_files() -> None:
    """A look into a folder costs nothing, so it is more often than a sign-in."""
    if not settings.BOUNCE_MAILBOX.startswith(maildir.SCHEME):
        return
    with slot("mailbox", 1) as free:
        if free:
            maildir.take(Path(settings.BOUNCE_MAILBOX.removeprefix(maildir.SCHEME)))


@shared_task
def print_letters() -> None:
    posting.print_waiting()


@shared_task
def raise_tickets() -> None:
    follow_up.raise_overdue(timezone.now())


@shared_task
def ask_providers() -> None:
    with slot("ask providers", 1) as free:
        if free:
            polling.run(timezone.now(), polling.LATELY)


@shared_task
def ask_providers_for_statutory() -> None:
    with slot("ask providers", 1) as free:
        if free:
            polling.run(timezone.now(), polling.LONG_SINCE, statutory=True)


@shared_task
def seal() -> None:
    sealer.run()


@shared_task
def keep_outside() -> None:
    with slot("keep outside", 1) as free:
        if free:
            leaving.run(timezone.now())


@shared_task
def verify_asked() -> None:
    running.work(VERIFYING)


@shared_task
def verify_newest() -> None:
    running.ask_for_all(Verification.Mode.TAIL)


@shared_task
def verify_all() -> None:
    running.ask_for_all(Verification.Mode.FULL)


@shared_task
def make_exports() -> None:
    with slot("make exports", settings.EXPORT_SLOTS) as free:
        if free:
            making.work(MAKERS, MAKING)


@shared_task
def run_schedules() -> None:
    with slot("run schedules", 1) as free:
        if free:
            schedules.work(timezone.now())


@shared_task
def expire_exports() -> None:
    making.expire(timezone.now())


@shared_task
def tell_webhooks() -> None:
    with slot("tell webhooks", 1) as free:
        if free:
            telling.run(TELLING)


@shared_task
def forget_told() -> None:
    telling.forget(timezone.now())


@shared_task
def heartbeat() -> None:
    cache.set("heartbeat", datetime.datetime.now(datetime.UTC).isoformat(), timeout=None)
