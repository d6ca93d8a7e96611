"""Posts of providers under load, forged and replayed: what was answered with 2xx is on disk, and nothing else is."""

import collections
import json
import os
import queue
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from comms.channels import hook_address
from comms.models import DeliveryEvent, LogEntry, Receipt, ReceiptParsing, Ticket
from comms.receipts import parsing
from comms.receipts.hooks import sns
from config import embedded
from tests.comms import hooks
from tests.comms.hooks import PROVIDERS, Post
from tests.comms.logbook import write
from tests.conftest import ROOT, url_of

EVENTS = int(os.environ.get("FAULT_EVENTS", "3000"))
RATE = int(os.environ.get("FAULT_EVENTS_PER_SECOND", "500"))
STEADY = int(os.environ.get("FAULT_STEADY", "1000"))
CRASHES = int(os.environ.get("FAULT_CRASHES", "1"))
FORGED = int(os.environ.get("FAULT_FORGED", "1000"))
REPLAYS = int(os.environ.get("FAULT_REPLAYS", "1000"))
SHUFFLES = int(os.environ.get("FAULT_SHUFFLES", "100"))
REPEATED = 0.05  # of the events
THREADS = 16
MESSAGES = 20


@dataclass
class Heard:
    """What the posting side saw."""

    promised: set[str] = field(default_factory=set)
    answers: collections.Counter = field(default_factory=collections.Counter)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, status: int, seconds: float) -> bool:
        """Count an answer, 0 where there was none; true if it promises that the post is on disk."""
        promised = 200 <= status < 300
        with self.lock:
            self.answers[status] += 1
            self.seconds.append(seconds)
            if promised:
                self.promised.add(name)
        return promised


class Line:
    """One kept-open line to the server, bare: `http.client` would take more of the two cores than what is tried."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.socket = port, None
        said = {"Host": "127.0.0.1", "Content-Type": hooks.JSON, **hooks.basic(hooks.WORDS)}
        self.head = f"POST {path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in said.items()
        )

    def post(self, body: bytes) -> tuple[int, float]:
        """Give the status of the answer, 0 where there was none, and the seconds that it took."""
        at = time.monotonic()
        try:
            self.socket = self.socket or socket.create_connection(("127.0.0.1", self.port), 30)
            self.socket.sendall(f"{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):  # our answers to posts have no body
                more = self.socket.recv(4096)
                if not more:
                    raise ConnectionResetError
                answer += more
            if b"Connection: close" in answer:
                self.close()
            return int(answer[9:12]), time.monotonic() - at
        except OSError:
            self.close()
            return 0, time.monotonic() - at

    def close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None


def serve(database: str, port: int, folder: Path) -> subprocess.Popen:
    """Start the web server as production does, on the test's own database."""
    environment = {
        **os.environ,
        "DATABASE_URL": url_of(database, "DATABASE_URL"),
        "ANYMAIL_WEBHOOK_SECRET": hooks.WORDS,
        "LOG_LEVEL": "ERROR",
    }
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--worker-class", "gthread", "--threads", "8"]
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi",
            "--no-control-socket",
            "--log-level",
            "error",
            *options,
        ],
        cwd=ROOT,
        env=environment,
        stdout=open(folder / "web.log", "a"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def deliver(
    port: int,
    path: str,
    bodies: "queue.Queue[tuple[int, tuple[str, bytes]]]",
    heard: Heard,
    begin: float,
    rate: int,
) -> None:
    """Post as a provider does: at a rate, and again until it is answered with 2xx."""
    line = Line(port, path)
    while True:
        try:
            number, (name, body) = bodies.get_nowait()
        except queue.Empty:
            return line.close()
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        while not heard.note(name, *line.post(body)):
            time.sleep(0.2)


def wait_for_port(port: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("The web server did not start.")


def crash() -> None:
    embedded.control(Path(os.environ["EMBEDDED_PGDATA"]).parent, "restart", "-m", "immediate")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@dataclass
class Load:
    """How many events come at which rate, while the database crashes so many times."""

    events: int
    rate: int
    crashes: int = 0

    @property
    def repeats(self) -> int:
        return int(self.events * REPEATED)


def put_through(load: Load, database: str, cast, folder: Path) -> None:
    """Post events to a web server as production starts it; each that was answered is on disk once, and is read."""
    rng = random.Random(20261121)
    entries = [write(cast.organisation, at=timezone.now()) for _ in range(MESSAGES)]
    events = []
    for number in range(load.events):
        post = Post(entry=str(entries[number % MESSAGES].public_id), secret=hooks.WORDS, number=number)
        body = json.loads(hooks.postmark(post)[1])
        events.append((f"e{number}", json.dumps({**body, "Tag": f"e{number}"}).encode()))
    repeated = rng.sample(events, load.repeats)
    bodies: queue.Queue = queue.Queue()
    for numbered in enumerate(rng.sample(events + repeated, load.events + len(repeated))):
        bodies.put(numbered)
    path = hook_address.address_of(cast.organisation.public_id, "postmark").partition("/hooks/")
    port, heard = free_port(), Heard()
    server = serve(database, port, folder)
    try:
        wait_for_port(port)
        begin = time.monotonic()
        arguments = (port, "/hooks/" + path[2], bodies, heard, begin, load.rate)
        posting = [threading.Thread(target=deliver, args=arguments) for _ in range(THREADS)]
        for thread in posting:
            thread.start()
        for number in range(load.crashes):
            due = begin + (number + 1) * load.events / load.rate / (load.crashes + 1)
            time.sleep(max(0.0, due - time.monotonic()))
            crash()
        for thread in posting:
            thread.join()
        took = time.monotonic() - begin
    finally:
        server.terminate()
        server.wait(20)
    connection.close()
    tags = [json.loads(bytes(body))["Tag"] for body in Receipt.objects.values_list("body", flat=True)]
    report(load, heard, tags, took)

    assert heard.promised == {name for name, _ in events}
    assert sorted(tags) == sorted(heard.promised)  # each once: none lost, none twice, none invented
    assert parsing.run(600) == load.events
    assert not ReceiptParsing.objects.exclude(state="done").exists()


def report(load: Load, heard: Heard, tags: list[str], took: float) -> None:
    seconds = sorted(heard.seconds)
    lost, doubled = heard.promised - set(tags), len(tags) - len(set(tags))
    print(
        f"\n{load.events} events and {load.repeats} repeats, {load.crashes} crashes of the database: {took:.1f} s, "
        f"{(load.events + load.repeats) / took:.0f} a second, answers {dict(heard.answers)}, "
        f"p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {seconds[int(len(seconds) * 0.95)] * 1000:.0f} ms, "
        f"p99 {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, promised and lost {len(lost)}, stored twice {doubled}"
    )


def test_every_post_that_was_answered_is_on_disk(committed, inside, tmp_path):
    if "EMBEDDED_PGDATA" not in os.environ:
        pytest.skip("The database can only be crashed where it is the embedded one.")
    put_through(Load(EVENTS, RATE, CRASHES), committed, inside, tmp_path)


def test_a_steady_stream_is_taken_as_it_comes(committed, inside, tmp_path):
    put_through(Load(STEADY, 200), committed, inside, tmp_path)


@pytest.fixture
def account(settings, monkeypatch):
    settings.BASE_URL = "https://blockpost.example"
    settings.PROVIDER_VALUES = {p.setting: p.secret for p in PROVIDERS.values()}
    settings.TWILIO_AUTH_TOKEN = PROVIDERS["twilio"].secret
    pem = hooks.certificate()
    monkeypatch.setattr(sns, "fetched", lambda url: pem)
    cache.clear()


def send(url: str, headers: dict[str, str], body: bytes) -> int:
    headers = dict(headers)
    path = url.removeprefix("https://blockpost.example")
    kind = headers.pop("Content-Type")
    return Client().generic("POST", path, body, content_type=kind, headers=headers).status_code


def altered(value: str) -> str:
    """Change one character in the middle: at the ends of base64 not every bit counts."""
    middle = len(value) // 2
    return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]


def wrong_key(made, post, provider):
    if post.kind in ("postal", "sendgrid"):
        return None  # whose private key is one: see the altered ones
    return provider.make(Post(**{**post.__dict__, "secret": provider.other}))


def altered_body(made, post, provider):
    headers, body = made
    if provider.setting == "WEBHOOK_SECRET":
        return {**headers, "Authorization": ""}, body  # nothing else proves it
    return headers, body.replace(b"priya", b"price") if b"priya" in body else body + b" "


def altered_header(made, post, provider):
    headers, body = made
    names = [name for name in headers if name != "Content-Type"]
    return ({**headers, names[0]: altered(headers[names[0]])}, body) if names else None


def old_time(made, post, provider):
    if provider.make not in (hooks.resend, hooks.mailgun):
        return None
    return provider.make(Post(**{**post.__dict__, "signed_at": time.time() - 90_000}))


FORGERIES = (wrong_key, altered_body, altered_header, old_time)


def test_forged_posts_are_refused_and_leave_nothing(inside, account):
    rng = random.Random(20261121)
    theirs, counted = inside.other, collections.Counter()
    captured = {}
    for name in PROVIDERS:  # of Mailgun's a true one is known to whoever forges
        url = hook_address.address_of(inside.organisation.public_id, name)
        captured[name] = Post(entry="", secret=PROVIDERS[name].secret, url=url, number=1)
    assert send(captured["mailgun"].url, *hooks.mailgun(captured["mailgun"])) == 200
    while sum(counted.values()) < FORGED:
        name = rng.choice(sorted(PROVIDERS))
        provider, post = PROVIDERS[name], Post(**captured[name].__dict__)
        if name != "mailgun":
            post.number = rng.randrange(10**9)
        forge = rng.choice([*FORGERIES, None])
        if forge is None:  # a true one of theirs, at our address
            url = hook_address.address_of(theirs.public_id, name).replace(
                name, "brevo" if name != "brevo" else "postal"
            )
            forged = provider.make(post)
        else:
            url = post.url
            forged = forge(provider.make(post), post, provider)
        if forged is None or (name in ("postal", "sendgrid") and forge is wrong_key):
            continue
        assert send(url, *forged) in (403, 404), (name, forge)
        counted[forge.__name__ if forge else "another's address"] += 1

    with scopes_disabled():
        rows = Receipt.objects.count()
    print(f"\n{sum(counted.values())} forged posts, {dict(counted)}: all refused, {rows - 1} rows")
    assert rows == 1


def history(entry: LogEntry, rng: random.Random) -> list[tuple[dict[str, str], bytes]]:
    """What a provider might tell of one message, in an order that it might have."""
    kinds = ["Delivery", "Open", "Open", "Click", "Bounce", "SpamComplaint"]
    said = []
    for number, kind in enumerate(rng.sample(kinds, rng.randrange(2, len(kinds)))):
        _, body = hooks.postmark(Post(entry=str(entry.public_id), secret=hooks.WORDS, number=number))
        at = timezone.now().replace(microsecond=number).isoformat()
        event = {**json.loads(body), "RecordType": kind, "ReceivedAt": at, "Tag": str(number)}
        if kind in ("Bounce", "SpamComplaint"):
            event |= {"ID": f"{entry.pk}-{number}", "BouncedAt": at, "Email": entry.to_address}
            event["Type"] = (
                "SpamComplaint" if kind == "SpamComplaint" else rng.choice(["HardBounce", "SoftBounce"])
            )
        said.append((hooks.basic(hooks.WORDS), json.dumps(event).encode()))
    return said


def test_replays_and_shuffles_come_to_the_same(inside, account):
    rng = random.Random(20261121)
    url = hook_address.address_of(inside.organisation.public_id, "postmark")
    statuses, posted = [], []
    for _ in range(SHUFFLES):
        pair = [write(inside.organisation, at=timezone.now(), type="section_20") for _ in range(2)]
        said = history(pair[0], rng)
        as_they_came = said
        shuffled = [
            (headers, body.replace(str(pair[0].public_id).encode(), str(pair[1].public_id).encode()).replace(
                f'"{pair[0].pk}-'.encode(), f'"{pair[1].pk}-'.encode()))
            for headers, body in rng.sample(said * 2, len(said) * 2)
        ]  # fmt: skip
        for one in [*as_they_came, *shuffled]:
            assert send(url, *one) == 200
            posted.append(one)
            if rng.random() < 0.3:
                parsing.run(5)
        parsing.run(5)
        for entry in pair:
            entry.delivery.refresh_from_db()
        statuses.append([(entry.delivery.status, entry.delivery.bounce) for entry in pair])
    before = DeliveryEvent.objects.count(), Receipt.objects.count(), Ticket.objects.count()
    for one in rng.choices(posted, k=REPLAYS):
        assert send(url, *one) == 200
    parsing.run(60)

    different = [pair for pair in statuses if pair[0] != pair[1]]
    print(
        f"\n{SHUFFLES} histories shuffled with repeats: {len(different)} came to another status; "
        f"{REPLAYS} replays: {DeliveryEvent.objects.count() - before[0]} events and "
        f"{Ticket.objects.count() - before[2]} tickets more; {dict(collections.Counter(p[0][0] for p in statuses))}"
    )
    assert not different
    assert (DeliveryEvent.objects.count(), Receipt.objects.count(), Ticket.objects.count()) == before
    assert not ReceiptParsing.objects.exclude(state="done").exists()
