"""A crash at each named point of sending, by four kinds of fault: nobody is lost, nobody is doubled.

A child process sends; at its point it is killed, or its session with the database is ended, or the line to the mail
server is reset, or the database's disk is full. Then another takes over, as the next worker would.
"""

import collections
import datetime
import errno
import importlib
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from comms.models import Communication, Outlet, Recipient
from comms.sending import due, handover, reconcile
from tests import sink as smtp
from tests.conftest import url_of
from tests.faults.load import Sum, is_through, scheduled

PEOPLE = 3
# Each function is a point before it and a point after it, at its second call where it is called for each recipient.
POINTS = [
    ("comms.sending.due", "start_due", 1),
    ("comms.sending.due", "_begin", 1),
    ("comms.sending.routing", "assign", 1),
    ("comms.sending.due", "at_work", 1),
    ("comms.sending.handover", "hand_over", 1),
    ("comms.sending.handover", "claim", 1),
    ("comms.sending.claiming", "_record", 1),
    ("comms.sending.compose", "entry_for", 2),
    ("comms.record.entries", "write", 1),
    ("comms.record.entries", "_index", 1),
    ("comms.sending.outlets", "probing", 1),
    ("comms.sending.outlets", "turn", 2),
    ("comms.sending.handover", "hand_over_one", 2),
    ("comms.sending.compose", "outgoing", 2),
    ("comms.sending.handover", "_begin", 2),
    ("comms.record.events", "append", 3),  # `attempted` of the second
    ("comms.record.events", "append", 4),  # its outcome
    ("comms.record.events", "apply", 2),
    ("comms.record.consequences", "of", 3),
    ("comms.record.consequences", "of", 4),
    ("comms.sending.handover", "note", 2),
    ("comms.sending.handover", "_let_go", 1),
    ("comms.sending.due", "finish_through", 1),
    ("comms.sending.due", "_settle", 1),
]
# Each step of the protocol with the second recipient, on the kept line.
STEPS = [
    ("smtplib.SMTP", "connect", 1),
    ("smtplib.SMTP", "ehlo", 1),
    ("smtplib.SMTP", "mail", 2),
    ("smtplib.SMTP", "rcpt", 2),
    ("smtplib.SMTP", "docmd", 2),
    ("comms.channels.smtp.SmtpLine", "_end", 2),
    ("smtplib.SMTP", "quit", 1),
]


def owner_of(path: str) -> Any:
    """Give the module or class of that name."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(importlib.import_module(module), name)


def struck(
    path: str, name: str, call: int, when: str, fault: Callable[[Any], None], only: bytes = b""
) -> None:
    """Have a fault happen before or after one call of a function, in this process."""
    where, seen = owner_of(path), collections.Counter[str]()
    original = getattr(where, name)

    def instead(*args: Any, **kwargs: Any) -> Any:
        counted = not only or only in args
        seen["calls"] += counted
        now = counted and seen["calls"] == call
        if now and when == "before":
            fault(args)
        result = original(*args, **kwargs)
        if now and when == "after":
            fault(args)
        return result

    # Others may have taken it by its name: from comms.sending.claiming import claim.
    for module in [m for n, m in sys.modules.items() if n.startswith("comms.") and m]:
        if getattr(module, name, None) is original:
            setattr(module, name, instead)
    setattr(where, name, instead)


def kill(args: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def end_session(args: Any) -> None:
    info = connection.connection and connection.connection.info
    if info and info.status == psycopg.pq.ConnStatus.OK:
        with psycopg.connect(url_of(info.dbname, "DATABASE_URL"), autocommit=True) as another:
            another.execute("SELECT pg_terminate_backend(%s)", [info.backend_pid])


def fill_disk(args: Any) -> None:
    raise OperationalError(errno.ENOSPC, "could not extend file: No space left on device")


def reset_line(args: Any) -> None:
    server = getattr(args[0], "_server", args[0])
    line: socket.socket | None = getattr(server, "sock", None)
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()


CELLS = [
    (path, name, call, when, fault, b"")
    for path, name, call in POINTS
    for when in ("before", "after")
    for fault in (kill, end_session, fill_disk)
] + [
    (path, name, call, when, fault, only)
    for path, name, call, only in [*((*step, b"") for step in STEPS), ("smtplib.SMTP", "send", 2, b".\r\n")]
    for when in ("before", "after")
    for fault in (kill, end_session, reset_line)
]


def child(cell: tuple) -> int:
    """Send in a process of its own, with the fault; give how it ended."""
    connections.close_all()  # a session is not shared by two processes
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1]
    try:
        path, name, call, when, fault, only = cell
        struck(path, name, call, when, fault, only)
        due.start_due(timezone.now())
        handover.run(5)
        due.finish_through(timezone.now())
    except BaseException:  # noqa: BLE001 (whatever comes of the fault, this process ends here)
        os._exit(1)
    os._exit(0)


def taken_over(communication: Communication) -> None:
    """Let the time pass that others would wait, and send what is left."""
    for _ in range(8):
        past = timezone.now() - datetime.timedelta(seconds=1)
        Recipient.objects.filter(leased_until__isnull=False).update(leased_until=past)
        Recipient.objects.filter(state="deferred").update(next_attempt_at=past)
        Outlet.objects.all().delete()
        reconcile.give_up_lapsed(timezone.now())
        due.start_due(timezone.now())
        handover.run(5)
        due.finish_through(timezone.now())
        if is_through(communication):
            return
    raise AssertionError(f"It stays {communication.status}.")


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_fault_at_any_point_loses_and_doubles_nobody(committed, inside, settings):
    settings.EMAIL_HOST, settings.SENDING_LEASE_SECONDS = "127.0.0.1", 20
    ends, sums = collections.Counter[str](), collections.Counter[str]()
    with smtp.running() as sink:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = sink.port, 2
        for number, cell in enumerate(CELLS):
            people = [f"person{number}-{one}@simulator.example" for one in range(PEOPLE)]
            one = scheduled(inside, people, subject=f"Water off {number}")
            status = child(cell)
            ends["killed" if os.WIFSIGNALED(status) else "went on"] += 1
            assert (cell[4] is kill) == os.WIFSIGNALED(status), f"The point was not reached: {cell[:4]}"
            try:
                taken_over(one)
                found = Sum(one, sink)
                found.holds(PEOPLE, unconfirmed=1)
            except AssertionError as fault:
                raise AssertionError(f"{cell[4].__name__} {cell[3]} {cell[0]}.{cell[1]}: {fault}") from fault
            sums.update(found.by_status)
    print(
        f"\n{len(CELLS)} cells at {len(POINTS + STEPS) + 1} points: {dict(ends)}; {dict(sums)}; 0 lost, 0 doubled"
    )
    assert len(CELLS) >= 100
