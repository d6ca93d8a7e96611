"""A real SMTP server for tests: it keeps what it was given and answers by the address."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Kept:
    mail_from: str
    rcpt_to: str
    data: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.data)


@dataclass
class Sink:
    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)  # beginning of the address -> the answer to RCPT
    silent: set[str] = field(default_factory=set)  # beginnings of addresses after whose DATA the line breaks
    latency: float = 0  # seconds before each answer to DATA
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options
    ) -> str:
        for start, answer in self.refusals.items():
            if address.startswith(start):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        with self.lock:
            self.kept.append(Kept(envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
            number = len(self.kept)
        await asyncio.sleep(self.latency)
        if any(envelope.rcpt_tos[0].startswith(start) for start in self.silent):
            server.transport.abort()
            return "421 4.3.0 gone"  # said to a line that is not there any more
        return f"250 2.0.0 Ok: queued as {number:06X}"

    def to(self, address: str) -> list[Kept]:
        return [kept for kept in self.kept if kept.rcpt_to == address]


@contextmanager
def running() -> Iterator[Sink]:
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, decode_data=False)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
