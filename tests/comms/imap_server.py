"""A mailbox on this machine that speaks as much IMAP (RFC 3501) as a reader of mail needs."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Letter:
    data: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Box:
    url: str
    letters: list[Letter]
    folders: list[str] = field(default_factory=list)  # that were opened
    breaks_at: str = ""  # the command at which it hangs up


@contextmanager
def mailbox(*mails: bytes, password: str = "secret") -> Iterator[Box]:
    """Serve the mails on a free port until the end of the block."""
    box = Box("", [Letter(mail) for mail in mails])

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"* OK ready")
            for line in self.rfile:
                tag, _, rest = line.decode().strip().partition(" ")
                if box.breaks_at and box.breaks_at in rest.upper():
                    return
                if not self.answer(rest):
                    self.say(f"{tag} NO refused".encode())
                    continue
                self.say(f"{tag} OK done".encode())
                if rest.upper() == "LOGOUT":
                    return

        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

        def answer(self, rest: str) -> bool:
            word, _, said = rest.partition(" ")
            if word.upper() == "UID":
                word, _, said = said.partition(" ")
            return bool(getattr(self, word.lower())(said))

        def capability(self, said: str) -> bool:
            self.say(b"* CAPABILITY IMAP4rev1")
            return True

        def login(self, said: str) -> bool:
            return said.endswith(f'"{password}"')

        def select(self, said: str) -> bool:
            box.folders.append(said.strip('"'))
            self.say(f"* {len(box.letters)} EXISTS".encode())
            return True

        def search(self, said: str) -> bool:
            found = [str(uid) for uid, one in enumerate(box.letters, 1) if "\\Seen" not in one.flags]
            self.say(f"* SEARCH {' '.join(found)}".strip().encode())
            return True

        def fetch(self, said: str) -> bool:
            uid, _, what = said.partition(" ")
            data = box.letters[int(uid) - 1].data
            if "SIZE" in what:
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(data)})".encode())
                return True
            part = re.search(r"<0\.(\d+)>", what)
            data = data[: int(part[1])] if part else data
            self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(data)}}}".encode())
            self.wfile.write(data)
            self.say(b")")
            return True

        def store(self, said: str) -> bool:
            uid, _, flags = said.partition(" ")
            box.letters[int(uid) - 1].flags |= set(re.findall(r"\\\w+", flags))
            return True

        def logout(self, said: str) -> bool:
            self.say(b"* BYE")
            return True

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        box.url = f"imap://blockpost%40demo.example:secret@127.0.0.1:{server.server_address[1]}/Bounces"
        yield box
        server.shutdown()
