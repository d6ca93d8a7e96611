"""Large files in a store outside the database: kept once, read back only if they are what was put there."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.utils import timezone

from comms.models import Attachment, Content
from comms.models import content as contents
from comms.models.content import Altered
from comms.sending import due, handover
from config.stores import content_store
from tests.comms.centre import with_people

LARGE = b"%PDF-1.4 " + b"x" * 100_000


@pytest.fixture
def kept_in(settings):
    """Keep large files by a URL."""

    def use(url: str) -> None:
        settings.CONTENT_STORE = url
        settings.STORAGES = {**settings.STORAGES, "content": content_store(url)}
        contents._get.cache_clear()

    yield use
    contents._get.cache_clear()


@contextmanager
def bucket() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Serve one bucket as S3 does: put, get and ask for an object by its path."""
    objects: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                data = unchunked(data)
            assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
            objects[self.path] = data
            self._answer(200)

        def do_HEAD(self) -> None:
            self._answer(200 if self.path in objects else 404, head=True)

        def do_GET(self) -> None:
            self._answer(200 if self.path in objects else 404)

        def _answer(self, status: int, head: bool = False) -> None:
            body = objects.get(self.path, b"") if self.command != "PUT" else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not head:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", objects
    finally:
        server.shutdown()


def unchunked(data: bytes) -> bytes:
    """Undo aws-chunked: each piece after its length in hex, then trailers."""
    pieces = []
    while data:
        length, _, data = data.partition(b"\r\n")
        size = int(length.split(b";")[0], 16)
        if not size:
            break
        pieces.append(data[:size])
        data = data[size + 2 :]
    return b"".join(pieces)


def test_a_large_file_goes_to_the_folder_and_a_small_one_into_the_row(inside, kept_in, tmp_path):
    kept_in(f"file://{tmp_path}")
    large, small = Content.keep(inside.organisation, LARGE), Content.keep(inside.organisation, b"small")
    Content.keep(inside.organisation, LARGE)

    files = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert [path.name for path in files] == [large.sha256] and files[0].read_bytes() == LARGE
    row = Content.objects.get(pk=large.pk)
    assert (row.stored, bytes(row.data), row.size, row.read()) == (True, b"", len(LARGE), LARGE)
    assert not small.stored and Content.objects.get(pk=small.pk).read() == b"small"


def test_what_somebody_changed_in_the_store_is_not_handed_out(inside, kept_in, tmp_path):
    kept_in(f"file://{tmp_path}")
    large = Content.keep(inside.organisation, LARGE)
    (path,) = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    path.write_bytes(LARGE + b"!")

    with pytest.raises(Altered, match="other bytes"):
        Content.objects.get(pk=large.pk).read()


def test_an_attachment_in_a_bucket_is_sent_and_handed_out(inside, kept_in, client_of, sink):
    with bucket() as (endpoint, objects):
        kept_in(f"s3://blockpost/files?endpoint={endpoint}&region=eu-west-2&key=key&secret=hidden")
        one = with_people(inside, body="<p>Hello</p>")
        Attachment.objects.create(
            organisation=inside.organisation,
            communication=one,
            content=Content.keep(inside.organisation, LARGE),
            name="rota.pdf",
            media_type="application/pdf",
        )
        file = client_of(inside.sam).get(f"/o/larch/attachments/{one.attachments.get().public_id}/")
        send(one, inside.alice)

    assert [name.split("/")[1] for name in objects] == ["blockpost"] * len(objects) and objects
    assert LARGE in objects.values()
    assert file.content == LARGE and "attachment" in file["Content-Disposition"]
    assert len(sink.kept) == 3
    (part,) = [part for part in sink.kept[0].message.walk() if part.get_filename()]
    assert part.get_payload(decode=True) == LARGE


def send(one, by) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
    due.start_due(timezone.now())
    handover.run(5)


@pytest.mark.parametrize(
    "url,sentence",
    [
        ("ftp://somewhere/x", "A store is file:///folder"),
        ("file://relative", "A store is file:///folder"),
        ("s3://bucket?colour=red", "knows no colour"),
    ],
)
def test_a_store_that_is_none_is_told_at_the_start(url, sentence):
    with pytest.raises(ValueError, match=sentence):
        content_store(url)
