"""What the fault tests have in common: a large communication, waiting, and the sum at the end."""

import collections
import time
from collections.abc import Callable, Iterable
from email import message_from_bytes
from pathlib import Path

import pytest
from django.utils import timezone

from comms.models import Communication, LogEntry, Recipient
from comms.record import rebuild
from tests import sink as smtp


def scheduled(cast, addresses: Iterable[str], **facts) -> Communication:
    """A communication to people with these addresses, due now."""
    given = {"subject": "Water off on Monday", "body": "<p>Dear {{first_name}},</p><p>the water is off.</p>"}
    communication = Communication.objects.create(
        organisation=cast.organisation, block=cast.block, created_by=cast.alice, **(given | facts)
    )
    Recipient.objects.bulk_create(
        Recipient(
            organisation=cast.organisation,
            communication=communication,
            name=f"Person {number}",
            email=address,
            merge_values={"first_name": f"Person {number}"},
        )
        for number, address in enumerate(addresses)
    )
    communication.schedule(at=timezone.now(), by=cast.alice)
    return communication


def is_through(communication: Communication) -> bool:
    communication.refresh_from_db()
    return (
        communication.status == "sent"
        and not communication.recipients.exclude(state__in=["done", "unconfirmed"]).exists()
    )


def wait_for(condition: Callable[[], object], seconds: float, folder: Path) -> None:
    """Wait until something holds; fail with the ends of the workers' logs when it does not come about."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            logs = "\n".join(path.read_text()[-3000:] for path in folder.glob("*.log"))
            pytest.fail(f"It did not come about in {seconds} seconds.\n{logs}")
        time.sleep(0.5)


class Sum:
    """What became of a communication, by what the log says and by what the mail server has."""

    def __init__(self, communication: Communication, sink: smtp.Sink) -> None:
        self.states = {
            str(key): status
            for key, status in LogEntry.objects.filter(communication=communication).values_list(
                "public_id", "delivery__status"
            )
        }
        seen = collections.Counter(
            message_from_bytes(kept.data)["X-Blockpost-Entry"] for kept in list(sink.kept)
        )
        self.arrived = {entry: times for entry, times in seen.items() if entry in self.states}
        self.by_status = collections.Counter(self.states.values())
        self.doubled = [entry for entry, times in self.arrived.items() if times > 1]
        self.lost = [e for e, status in self.states.items() if status == "sent" and e not in self.arrived]
        unconfirmed = [e for e, status in self.states.items() if status == "unconfirmed"]
        self.arrived_unconfirmed = [e for e in unconfirmed if e in self.arrived]

    def __str__(self) -> str:
        return (
            f"{dict(self.by_status)}, doubled {len(self.doubled)}, said to be sent and not there {len(self.lost)}, "
            f"unconfirmed that had arrived {len(self.arrived_unconfirmed)}"
        )

    def holds(self, people: int, unconfirmed: int) -> None:
        """Assert that nobody was lost, doubled or forgotten, and that no more are in doubt than may be."""
        assert len(self.states) == people
        assert not self.doubled
        assert not self.lost
        assert set(self.by_status) <= {"sent", "unconfirmed"}, self.by_status
        assert self.by_status["unconfirmed"] <= unconfirmed
        assert not list(rebuild.differences())
