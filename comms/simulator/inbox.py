"""A page that shows what the simulator was given. Plain, and everything in it escaped."""

import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from comms.simulator.kept import Envelope, Kept

MOST = 200
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}}</style>
<h1>{title}</h1>{body}</html>"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kept = cast("Inbox", self.server).kept
        id, _, raw = self.path.strip("/").partition("/")
        try:
            if not id:
                self._answer(listing(kept))
            elif raw == "raw":
                self._answer(kept.data(id).decode("utf-8", "replace"), kind="text/plain")
            else:
                self._answer(message(kept.envelope(id), kept.data(id)))
        except FileNotFoundError:
            self._answer(page("There is no such message", ""), 404)

    def _answer(self, text: str, status: int = 200, kind: str = "text/html") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the product."""


class Inbox(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, kept: Kept, host: str, port: int) -> None:
        self.kept = kept
        super().__init__((host, port), Page)

    def start(self) -> int:
        """Serve in a thread of its own; give the port."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self.server_address[1]


def page(title: str, body: str) -> str:
    return PAGE.format(title=escape(title), body=body)


def listing(kept: Kept) -> str:
    """Write the latest messages, newest first."""
    rows = "".join(_row(envelope, parse(kept.data(envelope.id))) for envelope in kept.newest(MOST))
    head = "<tr><th>Received</th><th>To</th><th>Subject</th></tr>"
    return page("What has left", f"<table>{head}{rows}</table>" if rows else "<p>Nothing yet.</p>")


def _row(envelope: Envelope, mail: EmailMessage) -> str:
    subject = escape(str(mail["Subject"] or "(no subject)"))
    return (
        f"<tr><td>{escape(envelope.received_at[:19].replace('T', ' '))} UTC</td>"
        f"<td>{escape(', '.join(envelope.rcpt_to))}</td>"
        f'<td><a href="/{envelope.id}">{subject}</a></td></tr>'
    )


def message(envelope: Envelope, data: bytes) -> str:
    """Write one message: its envelope, its header fields and its text."""
    mail = parse(data)
    text = mail.get_body(("plain", "html"))
    files = "".join(
        f"<li>{escape(part.get_filename() or 'unnamed')}</li>" for part in mail.iter_attachments()
    )
    body = (
        f'<p><a href="/">All</a> · <a href="/{envelope.id}/raw">As it was sent</a></p>'
        f"<p>From {escape(envelope.mail_from)} to {escape(', '.join(envelope.rcpt_to))}</p>"
        f"<pre>{escape(chr(10).join(f'{name}: {value}' for name, value in mail.items()))}</pre>"
        f"<pre>{escape(text.get_content()) if text else ''}</pre>" + (f"<ul>{files}</ul>" if files else "")
    )
    return page(str(mail["Subject"] or "(no subject)"), body)


def parse(data: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(data, policy=policy.default))
