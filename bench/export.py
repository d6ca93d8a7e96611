# ruff: noqa: T201, S603, S607, S108
"""Take a large log through HTTP like a person would, and measure: `python bench/export.py csv` or `xlsx`.

On a database that bench/load.py has filled, as the application's role. A real server (gunicorn), a real client, the
memory of every process of the server read twice a second. CSV is streamed; XLSX is asked for, made by a worker in a
process of its own, and downloaded.
"""

import hashlib
import http.client
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import django

ROOT = Path(__file__).resolve().parent.parent
PORT = 8199
SLUG = "bench-1"
XLSX_LIMIT = 1200  # seconds
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
MAKE = "import django; django.setup(); from comms.tasks import MAKERS, making; making.work(MAKERS, 1)"


def memory(pid: int) -> int:
    """Give the resident memory of a process and its children, in kB."""
    kin = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)], capture_output=True, text=True
    )
    return sum(map(int, kin.stdout.split()))


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Read the memory of a process twice a second."""
    seen, ended = [memory(pid)], threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            seen.append(memory(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def signed_in() -> str:
    """Make an auditor and give the cookies of a browser in which they have signed in."""
    from django.conf import settings
    from django.test import Client

    from portfolio.models import Membership, Organisation, User

    user, _ = User.objects.get_or_create(email="auditor@bench.example", defaults={"name": "Bench Auditor"})
    organisation = Organisation.objects.get(slug=SLUG)
    Membership.objects.get_or_create(organisation=organisation, user=user, defaults={"role": "auditor"})
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={'a' * 32}"


def ask(method: str, path: str, cookie: str, **form: str | list[str]) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({**form, "csrfmiddlewaretoken": "a" * 32}, doseq=True) if form else None
    line.request(method, path, body, headers)
    return line.getresponse()


def received(response: http.client.HTTPResponse, to: Path) -> tuple[int, str]:
    """Keep what comes; give its length and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    with open(to, "wb") as file:
        while piece := response.read(1 << 16):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return size, digest.hexdigest()


def rows_of(file: Path, kind: str) -> int:
    """Count the rows of a file as they are, without what wrote it."""
    if kind == "csv":
        import csv

        with open(file, newline="", encoding="utf-8") as text:
            return sum(1 for _ in csv.reader(text)) - 1
    with zipfile.ZipFile(file) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        return sum(_rows(book, name) for name in sorted(sheets)[1:])


def _rows(book: zipfile.ZipFile, name: str) -> int:
    count, rest = -1, b""  # without the heads
    with book.open(name) as sheet:
        while piece := sheet.read(1 << 20):
            piece = rest + piece
            count += piece.count(b"<row ")
            rest = piece[-4:] if not piece.endswith(b"<row ") else b""
    return count


def figures(seen: list[int]) -> str:
    third = max(1, len(seen) // 3)
    return (
        f"memory: {seen[0] // 1024} MB before, {max(seen) // 1024} MB at most, "
        f"{max(seen[:third]) // 1024} / {max(seen[third : 2 * third] or seen) // 1024} / {max(seen[2 * third :] or seen) // 1024} MB "
        f"at most in each third ({len(seen)} readings)"
    )


def take_csv(cookie: str, server: int, to: Path) -> tuple[int, str]:
    ask("GET", f"/o/{SLUG}/log/", cookie).read()  # what the first page loads is not the export's
    with watched(server) as seen:
        began = time.monotonic()
        response = ask("POST", f"/o/{SLUG}/log/export.csv", cookie, sent="all")
        first = time.monotonic() - began
        size, sha256 = received(response, to)
        seconds = time.monotonic() - began
    print(
        f"status {response.status}, first byte after {first:.1f} s, whole after {seconds:.1f} s, {size:,} bytes"
    )
    print(figures(seen))
    return size, sha256


def take_xlsx(cookie: str, server: int, to: Path) -> tuple[int, str]:
    from comms.models import Export
    from comms.reports.columns import COLUMNS

    answer = ask("POST", f"/o/{SLUG}/log/export/", cookie, sent="all", format="xlsx", columns=list(COLUMNS))
    print(f"asked: {answer.status}")
    began = time.monotonic()
    worker = subprocess.Popen([sys.executable, "-c", MAKE], cwd=ROOT)
    with watched(worker.pid) as seen:
        worker.wait(XLSX_LIMIT)
    export = Export.objects.order_by("-id")[0]
    print(
        f"{export.state} {export.problem} after {time.monotonic() - began:.1f} s, {export.rows} rows; the worker’s {figures(seen)}"
    )
    with watched(server) as seen:
        found = received(ask("GET", f"/o/{SLUG}/log/exports/{export.public_id}/file", cookie), to)
    print(f"downloaded; the server’s {figures(seen)}")
    return found


def main(kind: str) -> None:
    django.setup()
    from django_scopes import scopes_disabled

    from comms.models import Delivery, ExportRecord

    to, cookie = Path(f"/var/tmp/bench-export.{kind}"), signed_in()
    command = [
        ".venv/bin/gunicorn",
        "config.wsgi",
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--workers",
        "1",
    ]
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{PORT}", "--no-control-socket", "--timeout", "0"], cwd=ROOT
    )
    try:
        time.sleep(6)
        with scopes_disabled():
            size, sha256 = (take_csv if kind == "csv" else take_xlsx)(cookie, server.pid, to)
            time.sleep(1)
            end = ExportRecord.objects.filter(phase="finished").order_by("-id")[0]
            rows, there = rows_of(to, kind), Delivery.objects.filter(organisation__slug=SLUG).count()
    finally:
        server.terminate()
        server.wait()
    print(f"rows: {rows:,} in the file, {end.rows:,} recorded, {there:,} in the log")
    print(f"bytes: {size:,} received, {end.size:,} recorded")
    print(f"SHA-256: {'equal' if sha256 == end.sha256 else 'DIFFERENT'} ({sha256})")
    to.unlink()
    if not (rows == end.rows == there and size == end.size and sha256 == end.sha256):
        raise SystemExit("The file is not what was recorded.")


if __name__ == "__main__":
    main(sys.argv[1])
