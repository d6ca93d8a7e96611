"""The SMTP side of the simulator."""

import asyncio
import collections
import logging
import random
import signal
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

from comms.simulator.kept import Kept

DOMAIN = "simulator.example"
LARGEST = 40 * 1024 * 1024  # bytes
GREY_TIMES = 2
SLOW_SECONDS = 3.0
LAST_WORDS_SECONDS = 4.0  # honcho kills after five

AT_RCPT = {"bounce": "550 5.1.1 No such user here", "full": "452 4.2.2 Mailbox full"}
GREY = "451 4.7.1 Greylisted, try again later"
SPAM = "554 5.7.1 Refused as spam"


def beginning_of(address: str) -> str:
    """Give the part of an address that may choose an answer; empty where nothing is simulated."""
    local, _, domain = address.lower().rpartition("@")
    return local.partition("+")[0] if domain == DOMAIN else ""


class Answers:
    """Decides what each message meets, and keeps those that are taken."""

    def __init__(self, kept: Kept, drop_replies: float = 0, seed: int | None = None) -> None:
        self.kept = kept
        self.drop_replies = drop_replies
        self.random = random.Random(seed)  # noqa: S311 (faults that can be repeated, not secrets)
        self.seen: collections.Counter[str] = collections.Counter()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        beginning = beginning_of(address)
        for start, answer in AT_RCPT.items():
            if beginning.startswith(start):
                return answer
        if beginning.startswith("grey"):
            self.seen[address.lower()] += 1
            if self.seen[address.lower()] <= GREY_TIMES:
                return GREY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        beginnings = [beginning_of(address) for address in envelope.rcpt_tos]
        if any(beginning.startswith("spam") for beginning in beginnings):
            return SPAM
        # Kept before the answer: a message that was accepted is there, whatever happens next.
        id = self.kept.keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        if any(beginning.startswith("slow") for beginning in beginnings):
            await asyncio.sleep(SLOW_SECONDS)
        dropped = any(beginning.startswith("drop") for beginning in beginnings)
        if (dropped or self.random.random() < self.drop_replies) and server.transport is not None:
            server.transport.close()  # what is written after this goes nowhere
        return f"250 2.0.0 Ok queued as {id}"


class Line(SMTP):
    """One connection, counted while it is open."""

    open: set["Line"] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open.discard(self)
        super().connection_lost(error)


async def serve(answers: Answers, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM; then take no more lines and let the open ones come to an end.

    A worker that is told to stop at the same moment still hands over the message in its hands.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's, with a line for each command
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(
        lambda: Line(answers, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname=DOMAIN, loop=loop),
        host,
        port,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ready(server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()
    ends = loop.time() + LAST_WORDS_SECONDS
    while Line.open and loop.time() < ends:
        await asyncio.sleep(0.05)
