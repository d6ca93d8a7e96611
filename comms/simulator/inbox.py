"""The HTTP side of the simulator: providers to post to, and a page that shows what was given to them.

Plain, and everything in it escaped.
"""

import json
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from comms.simulator import letters
from comms.simulator.answers import Answer
from comms.simulator.kept import Envelope, Kept
from comms.simulator.later import Later
from comms.simulator.letters import Letters
from comms.simulator.pushes import Pushes
from comms.simulator.texts import Texts

MOST = 200
LARGEST = 1024 * 1024  # bytes of a request
KINDS = {"mail": "Email", "sms": "SMS", "whatsapp": "WhatsApp", "push": "Push", "letter": "Letter"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}}</style>
<h1>{title}</h1>{body}</html>"""


class Page(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        inbox = cast("Inbox", self.server)
        length = self.headers.get("Content-Length", "")
        posted = self.path.startswith(letters.PATH)
        if not length.isdigit() or int(length) > (letters.LARGEST if posted else LARGEST):
            self._reply(Answer(413))
            return
        provider = (
            inbox.letters if posted else inbox.pushes if self.path.startswith("/push/") else inbox.texts
        )
        answer = provider.answer(self.path, self._headers(), self.rfile.read(int(length)))
        time.sleep(answer.after)
        if answer.status:  # or else the line breaks here
            self._reply(answer)

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def do_GET(self) -> None:
        inbox = cast("Inbox", self.server)
        if self.path.startswith(letters.PATH):
            self._reply(inbox.letters.status(self.path, self._headers()))
            return
        kept = inbox.kept
        id, _, raw = self.path.strip("/").partition("/")
        try:
            if not id:
                self._answer(listing(kept))
            elif raw == "raw":
                self._as_it_was(kept.envelope(id), kept.data(id))
            else:
                self._answer(message(kept.envelope(id), kept.data(id)))
        except FileNotFoundError:
            self._answer(page("There is no such message", ""), 404)

    def _as_it_was(self, envelope: Envelope, data: bytes) -> None:
        if envelope.kind == "letter":
            self._answer(data, kind="application/pdf")
        else:
            self._answer(data.decode("utf-8", "replace"), kind="text/plain")

    def _answer(self, shown: str | bytes, status: int = 200, kind: str = "text/html") -> None:
        data = shown.encode() if isinstance(shown, str) else shown
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if isinstance(shown, str) else kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the product."""


class Inbox(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, kept: Kept, later: Later, host: str, port: int) -> None:
        self.kept, self.texts, self.pushes = kept, Texts(kept, later), Pushes(kept)
        self.letters = Letters(kept)
        super().__init__((host, port), Page)

    def start(self) -> int:
        """Serve in a thread of its own; give the port."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self.server_address[1]


def page(title: str, body: str) -> str:
    return PAGE.format(title=escape(title), body=body)


def listing(kept: Kept) -> str:
    """Write the latest messages, newest first."""
    rows = "".join(_row(envelope, kept.data(envelope.id)) for envelope in kept.newest(MOST))
    head = "<tr><th>Received</th><th>By</th><th>To</th><th>Subject</th></tr>"
    return page("What has left", f"<table>{head}{rows}</table>" if rows else "<p>Nothing yet.</p>")


def _row(envelope: Envelope, data: bytes) -> str:
    return (
        f"<tr><td>{escape(envelope.received_at[:19].replace('T', ' '))} UTC</td>"
        f"<td>{escape(KINDS.get(envelope.kind, envelope.kind))}</td>"
        f"<td>{escape(', '.join(envelope.rcpt_to))}</td>"
        f'<td><a href="/{envelope.id}">{escape(_subject(envelope, data))}</a></td></tr>'
    )


def _subject(envelope: Envelope, data: bytes) -> str:
    if envelope.kind == "mail":
        return str(parse(data)["Subject"] or "(no subject)")
    if envelope.kind == "letter":
        return f"Letter, {len(data) / 1000:.0f} kB"
    fields = _fields(data)
    words = fields.get("title") or fields.get("Body") or fields.get("ContentVariables") or "(no words)"
    return words if len(words) <= 80 else f"{words[:79]}…"


def message(envelope: Envelope, data: bytes) -> str:
    """Write one message: its envelope and what is in it."""
    body = (
        f'<p><a href="/">All</a> · <a href="/{envelope.id}/raw">As it was sent</a></p>'
        f"<p>From {escape(envelope.mail_from or 'us')} to {escape(', '.join(envelope.rcpt_to))}</p>"
    )
    if envelope.kind == "letter":
        return page(_subject(envelope, data), body)
    shown = _mail(data) if envelope.kind == "mail" else _table(data)
    return page(_subject(envelope, data), body + shown)


def _mail(data: bytes) -> str:
    """Write the header fields of a mail, its text and the names of its files."""
    mail = parse(data)
    text = mail.get_body(("plain", "html"))
    files = "".join(
        f"<li>{escape(part.get_filename() or 'unnamed')}</li>" for part in mail.iter_attachments()
    )
    return (
        f"<pre>{escape(chr(10).join(f'{name}: {value}' for name, value in mail.items()))}</pre>"
        f"<pre>{escape(text.get_content()) if text else ''}</pre>" + (f"<ul>{files}</ul>" if files else "")
    )


def _table(data: bytes) -> str:
    """Write the fields of a text or a push message."""
    rows = (
        f"<tr><th>{escape(name)}</th><td><pre>{escape(value)}</pre></td></tr>"
        for name, value in _fields(data).items()
    )
    return f"<table>{''.join(rows)}</table>"


def _fields(data: bytes) -> dict[str, str]:
    try:
        given = json.loads(data)
    except ValueError:
        return {"words": data.decode("utf-8", "replace")}
    return (
        {str(name): str(value) for name, value in given.items()}
        if isinstance(given, dict)
        else {"words": str(given)}
    )


def parse(data: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(data, policy=policy.default))
