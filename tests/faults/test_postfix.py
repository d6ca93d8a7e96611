"""A real Postfix takes our mail, and says later what became of it: the log tells it within a minute."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection

from comms.models import Communication, LogEntry, Recipient, Suppression, Ticket
from contacts.models import AddressFlag, Contact
from tests.comms.scripted_smtp import serving
from tests.comms.test_sending import circular
from tests.conftest import url_of
from tests.faults import postfix
from tests.faults.load import wait_for
from tests.workers import Crew

ANN, GONE = "ann@flats.example", "gone@flats.example"
FULL, STRICT = "full@flats.example", "someone@strict.example"
BECAME = {
    ANN: ("delivered", ""),
    GONE: ("bounced", "hard"),
    FULL: ("bounced", "soft"),
    STRICT: ("bounced", "spam"),
}
QUOTA = 2_000_000  # bytes
PAUSE = 15  # seconds until the next attempt, a fifth more or less
MOST = 60  # seconds from scheduling until the log has told it all
SPAM = "554 5.7.1 Message refused: content looks like spam"


@dataclass
class Town:
    """Our Postfix with our mailbox behind it, that of most residents, and the crew that sends."""

    ours: postfix.Postfix
    theirs: postfix.Postfix
    folder: Path
    took: dict[str, float] = field(default_factory=dict)  # seconds of each step

    @property
    def full(self) -> Path:
        return self.theirs.mailboxes / "full"

    def inbox(self) -> list[Path]:
        return list((self.theirs.mailboxes / "ann/new").glob("*"))

    def wait(self, communication: Communication, expected: dict[str, tuple[str, str]]) -> None:
        """Wait until each entry of a communication stands as expected, and note when it first did."""
        begun, missing = time.monotonic(), dict(expected)

        def told() -> bool:
            for address, status, bounce in LogEntry.objects.filter(communication=communication).values_list(
                "to_address", "delivery__status", "delivery__bounce"
            ):
                if missing.get(address) == (status, bounce):
                    del missing[address]
                    self.took[f"{address} {status} {bounce}".strip()] = time.monotonic() - begun
            return not missing

        try:
            wait_for(told, MOST, self.folder)
        except pytest.fail.Exception:
            print(f"missing: {missing}\n{self.ours.log()}\n{self.theirs.log()}")
            raise


@contextmanager
def town(database: str, folder: Path) -> Iterator[Town]:
    postfix.required()
    one, other = postfix.free_port(), postfix.free_port()
    # Two servers know each other by their ports, for nobody asks the DNS.
    with serving(END=SPAM) as strict, postfix.folder() as place:
        routes = f"flats.example=smtp:[127.0.0.1]:{other}, strict.example=smtp:[127.0.0.1]:{strict.port}"
        ours = postfix.running(
            place,
            "mail.larch.example",
            one,
            {
                "virtual_mailbox_domains": "larch.example",
                "virtual_mailbox_maps": "inline:{ bounces@larch.example=bounces/ }",
                "relay_domains": "flats.example strict.example",
                "transport_maps": f"inline:{{ {routes} }}",
            },
        )
        theirs = postfix.running(
            place,
            "mx.flats.example",
            other,
            {
                "virtual_mailbox_domains": "flats.example",
                "virtual_mailbox_maps": f"inline:{{ {ANN}=ann/, {FULL}=full }}",
                "message_size_limit": str(QUOTA // 2),
                "virtual_mailbox_limit": str(QUOTA),
                "transport_maps": f"inline:{{ larch.example=smtp:[127.0.0.1]:{one} }}",
            },
        )
        with ours as here, theirs as there, sending(database, folder, here):
            yield Town(here, there, folder)


@contextmanager
def sending(database: str, folder: Path, server: postfix.Postfix) -> Iterator[None]:
    """Run worker and beat, which send through a server and read the Maildir that it fills."""
    returned = server.mailboxes / "bounces"
    postfix.make_maildir(returned)
    crew = Crew(
        {
            "DATABASE_URL": url_of(database, "DATABASE_URL"),
            "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9",
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "BOUNCE_ADDRESS": "bounces@larch.example",
            "BOUNCE_MAILBOX": f"maildir://{returned}",
            "RETRY_PAUSES_SECONDS": str(PAUSE),
        },
        folder,
        size=1,
    ).start()
    try:
        yield
    finally:
        crew.stop()
        connection.close()


def test_what_postfix_sends_back_is_told_and_followed_up_within_a_minute(
    committed, inside, client_of, tmp_path
):
    people = people_with(inside, BECAME)
    with town(committed, tmp_path) as here:
        fill(here.full)
        notice = circular(inside, people, type="notice", statutory=True)

        here.wait(notice, BECAME)

        gone = entry_to(notice, GONE)
        assert gone.events.filter(kind="sent").exists()  # Postfix took it, and said so only later
        assert "User unknown in virtual mailbox table" in gone.events.get(kind="bounced").reply
        assert set(AddressFlag.objects.values_list("address", flat=True)) == {GONE, STRICT}
        assert "allow mail from larch.example" in AddressFlag.objects.get(address=STRICT).reason
        assert {one.email for one in Contact.objects.flagged()} == {GONE, STRICT}
        assert [block.address for block in Suppression.objects.standing()] == [GONE]
        assert set(Ticket.objects.values_list("entry__to_address", "reason")) == {
            (GONE, "hard_bounce"),
            (STRICT, "refused"),
        }
        assert len(here.inbox()) == 1

        the_full_mailbox_gets_it_when_there_is_room(here, notice, client_of(inside.alice))
        the_next_circular_is_dropped_and_says_why(here, inside, people)

    print("\n" + "\n".join(f"{step}: {seconds:.0f} s" for step, seconds in here.took.items()))


def the_full_mailbox_gets_it_when_there_is_room(here: Town, notice: Communication, browser) -> None:
    recipient = Recipient.objects.get(communication=notice, email=FULL)
    entry = entry_to(notice, FULL)
    assert recipient.state == "deferred" and recipient.next_attempt_at
    page = browser.get(f"/o/larch/log/{entry.public_id}/").content.decode()
    assert "Next attempt" in page and "The mailbox is full." in page
    here.full.write_bytes(b"")

    here.wait(notice, {FULL: ("delivered", "")})

    assert here.full.read_text().count("X-Blockpost-Entry") == 1


def the_next_circular_is_dropped_and_says_why(here: Town, cast, people: list[Contact]) -> None:
    again = circular(cast, people[:2])

    here.wait(again, {GONE: ("dropped", ""), ANN: ("delivered", "")})

    reason = entry_to(again, GONE).delivery.reason
    assert reason.startswith("Not sent: a hard bounce on ") and "blocks this address" in reason
    assert here.theirs.log().count(f"reject: RCPT from localhost[127.0.0.1]: 550 5.1.1 <{GONE}>") == 1
    assert len(here.inbox()) == 2


def people_with(cast, addresses) -> list[Contact]:
    """Give as many contacts as there are addresses, who live in the block."""
    cast.units *= 2
    return [
        Contact.objects.create(organisation=cast.organisation, name=address, email=address)
        for address in addresses
    ]


def fill(mailbox: Path) -> None:
    mailbox.touch()
    os.truncate(mailbox, QUOTA + 1)
    os.chown(mailbox, postfix.NOBODY, postfix.NOBODY)


def entry_to(communication: Communication, address: str) -> LogEntry:
    return LogEntry.objects.get(communication=communication, to_address=address)
