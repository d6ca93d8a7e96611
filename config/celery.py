"""The clock and the hands. The timetable rings bells; what there is to do stands in the database."""

import contextlib
import os
import signal
from typing import Any

from billiard.process import active_children
from celery import Celery, signals
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("blockpost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(seconds: float, task: str) -> dict[str, Any]:
    """Ring every so many seconds; a ring that nobody heard is gone when the next one comes."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app.conf.beat_schedule = {
    "send what is due": every(3, "comms.tasks.send_due"),
    "give up lapsed handovers": every(15, "comms.tasks.reconcile"),
    "read receipts": every(5, "comms.tasks.read_receipts"),
    "take mail": every(60, "comms.tasks.take_mail"),
    "take mail from a Maildir": every(5, "comms.tasks.take_files"),
    "print letters": every(3, "comms.tasks.print_letters"),
    "raise tickets for what hangs": every(60, "comms.tasks.raise_tickets"),
    "ask providers what became of messages": every(15 * 60, "comms.tasks.ask_providers"),
    "ask them for statutory ones": {
        "task": "comms.tasks.ask_providers_for_statutory",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 60 * 60},
    },
    "seal what was recorded": every(10, "comms.tasks.seal"),
    "take heads out of the building": every(60, "comms.tasks.keep_outside"),
    "verify what was asked for": every(5, "comms.tasks.verify_asked"),
    "verify the newest": every(600, "comms.tasks.verify_newest"),
    "verify everything": {"task": "comms.tasks.verify_all", "schedule": crontab(hour="2", minute="30")},
    "make files that were asked for": every(2, "comms.tasks.make_exports"),
    "run scheduled exports": every(10, "comms.tasks.run_schedules"),
    "take away files whose time is over": every(3600, "comms.tasks.expire_exports"),
    "tell webhooks": every(3, "comms.tasks.tell_webhooks"),
    "forget what webhooks were told": every(3600, "comms.tasks.forget_told"),
    "beat": every(10, "comms.tasks.heartbeat"),
    "let spreadsheets in": every(5, "contacts.tasks.run_imports"),
}


@signals.worker_process_init.connect
def hold_back_the_request_to_stop(**kwargs: Any) -> None:
    """Let a SIGTERM wait until a task begins.

    The pool sets a handler of its own right after this, which would kill the child in the middle of a
    message; so ours can only be set later, and until then the signal must neither kill nor be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signals.task_prerun.connect(finish_the_message_in_hand)


def finish_the_message_in_hand(**kwargs: Any) -> None:
    """Let a child that is told to stop finish what it is handing over, and take no more."""
    from comms.sending import stopping

    signal.signal(signal.SIGTERM, lambda *_: stopping.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


@signals.worker_shutting_down.connect
def tell_the_children(**kwargs: Any) -> None:
    """Pass the request on: only the main process hears a SIGTERM that is sent to the worker alone."""
    for child in active_children():
        if child.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGTERM)


@signals.worker_init.connect
def look_at_the_guard(**kwargs: Any) -> None:
    """Do not send while the record could be changed."""
    from comms.checks import refuse_to_start

    refuse_to_start()
