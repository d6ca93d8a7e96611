"""The SMTP side of the simulator."""

import asyncio
import collections
import logging
import random
import re
import signal
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

from comms.simulated import DOMAIN, mail_to
from comms.simulator.kept import Kept
from comms.simulator.returning import Returning

# Of RFC 3461, which aiosmtpd does not know.
OF_MAIL = re.compile(r" (RET|ENVID)=\S+", re.IGNORECASE)
OF_RCPT = re.compile(r" (NOTIFY|ORCPT)=\S+", re.IGNORECASE)
ASKED = re.compile(r" NOTIFY=\S*SUCCESS", re.IGNORECASE)
TELL = "NOTIFY=SUCCESS"
LARGEST = 40 * 1024 * 1024  # bytes
LAST_WORDS_SECONDS = 4.0  # honcho kills after five


class Answers:
    """Decides what each message meets, and keeps those that are taken."""

    def __init__(
        self, kept: Kept, returning: Returning, drop_replies: float = 0, seed: int | None = None
    ) -> None:
        self.kept, self.returning = kept, returning
        self.drop_replies = drop_replies
        self.random = random.Random(seed)  # noqa: S311 (faults that can be repeated, not secrets)
        self.seen: collections.Counter[str] = collections.Counter()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        row = mail_to(address)
        if row and row.refusal and row.at == "RCPT":
            self.seen[address.lower()] += 1
            if not row.times or self.seen[address.lower()] <= row.times:
                return row.refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        rows = [row for address in envelope.rcpt_tos if (row := mail_to(address))]
        if refusal := next((row.refusal for row in rows if row.at == "DATA"), ""):
            return refusal
        # Kept before the answer: a message that was accepted is there, whatever happens next.
        id = self.kept.keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        asked = TELL in envelope.rcpt_options
        for address in envelope.rcpt_tos:
            self.returning.taken(envelope.mail_from or "", address, envelope.original_content or b"", asked)
        await asyncio.sleep(max((row.seconds for row in rows), default=0))
        dropped = any(row.breaks for row in rows)
        if (dropped or self.random.random() < self.drop_replies) and server.transport is not None:
            server.transport.close()  # what is written after this goes nowhere
        return f"250 2.0.0 Ok queued as {id}"


class Line(SMTP):
    """One connection, counted while it is open."""

    open: set["Line"] = set()

    async def smtp_MAIL(self, arg: str | None) -> None:
        await super().smtp_MAIL(OF_MAIL.sub("", arg) if arg else arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if arg and self.envelope is not None and ASKED.search(arg):
            self.envelope.rcpt_options.append(TELL)
        await super().smtp_RCPT(OF_RCPT.sub("", arg) if arg else arg)

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
