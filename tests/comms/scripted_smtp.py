"""A mail server that misbehaves as it is told: an answer for each step, or the line broken there."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

CLOSE, RESET, HANG = "close", "reset", "hang"
ANSWERS = {
    "CONNECT": "220 test ESMTP",
    "EHLO": "250-test\r\n250-SIZE 1000000\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go ahead",
    "END": "250 2.0.0 Ok: queued as 4F1C2A",
    "RSET": "250 Ok",
    "QUIT": "221 Bye",
}


@dataclass
class Scripted:
    """`script` holds for a step what to do: an answer, or CLOSE, RESET, HANG; a list gives one a time."""

    script: dict[str, str | list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, step: str) -> str:
        told = self.script.get(step, ANSWERS.get(step, "500 What?"))
        if isinstance(told, list):
            return told.pop(0) if told else ANSWERS[step]
        return told

    def play(self, line: socket.socket) -> None:
        reader = line.makefile("rb")
        if not self.speak(line, "CONNECT"):
            return
        while words := reader.readline():
            step = words.split(b" ")[0].strip().upper().decode()
            self.said.append(words.decode().rstrip("\r\n"))
            if not self.speak(line, step) or step == "QUIT":
                return
            if step == "DATA" and self.said_ok:
                if self.script.get("BODY") == RESET:
                    reset(line)
                    return
                lines = []
                while (got := reader.readline()) not in (b".\r\n", b""):
                    lines.append(got)
                if not got:
                    return
                self.mails.append(b"".join(lines))
                if not self.speak(line, "END"):
                    return

    def speak(self, line: socket.socket, step: str) -> bool:
        answer = self.answer(step)
        self.said_ok = answer.startswith("354")
        if answer == HANG:
            self.over.wait(10)
            return False
        if answer == RESET:
            reset(line)
            return False
        if answer == CLOSE:
            return False
        closing = answer.endswith(CLOSE)
        line.sendall(answer.removesuffix(CLOSE).strip().encode() + b"\r\n")
        return not closing


def reset(line: socket.socket) -> None:
    """Break the line at once: the other side sees ECONNRESET."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def serving(**script: str | list[str]) -> Iterator[Scripted]:
    server = Scripted(dict(script))
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                server.connections += 1
                threading.Thread(target=serve, args=(line,), daemon=True).start()

    def serve(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            server.play(line)
        line.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        listener.close()
