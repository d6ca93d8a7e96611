"""Posts on a real line to the real web server: in pieces, broken off, and several of 70 MB at the same time."""

import hashlib
import os
import socket
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F, Func

from comms.channels import hook_address
from comms.models import Receipt
from tests.comms import hooks
from tests.faults.test_webhooks import free_port, serve, wait_for_port

SIZE = int(os.environ.get("FAULT_POST_BYTES", 70 * 1024 * 1024))
AT_ONCE = 4
MOST_MEMORY = 600  # MB of a web process; measured: 362
SHA256 = Func(F("body"), function="sha256")


@pytest.fixture
def server(committed, inside, tmp_path):
    port = free_port()
    process = serve(committed, port, tmp_path)
    wait_for_port(port)
    path = hook_address.address_of(inside.organisation.public_id, "postmark").partition("/hooks/")[2]
    yield process, port, f"/hooks/{path}inbound/"
    process.terminate()
    process.wait(20)
    connection.close()


def said(port: int, path: str, how: str, *pieces: bytes, ends: bool = False) -> int:
    """Post bytes as they are, and give the status of the answer; 0 where there is none."""
    authorization = hooks.basic(hooks.WORDS)["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n{how}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 120) as line:
        line.sendall(head.encode())
        for piece in pieces:
            line.sendall(piece)
        if ends:
            line.shutdown(socket.SHUT_WR)
        return int(line.recv(4096)[9:12] or 0)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


CHUNKED = "Transfer-Encoding: chunked"


def test_a_post_in_pieces_is_kept_whole_and_one_that_breaks_off_is_not(server):
    _, port, path = server

    assert said(port, path, CHUNKED, chunk(b'{"a":'), chunk(b"1}"), chunk(b"")) == 200
    assert said(port, path, CHUNKED, chunk(b'{"b":'), b"5\r\n1", ends=True) in (0, 400)
    assert said(port, path, "Content-Length: 9", b'{"c":1}', ends=True) == 400

    assert [bytes(body) for body in Receipt.objects.values_list("body", flat=True)] == [b'{"a":1}']


def peaks(process) -> list[int]:
    """Give the most memory that each web process has had, in MB."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    lines = [line for pid in children for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return [int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")]


def test_several_large_posts_at_once_are_kept_and_take_no_more_memory_than_one(server):
    process, port, path = server
    bodies = [f'{{"RawEmail": "{number}'.encode() + b"x" * SIZE + b'"}' for number in range(AT_ONCE)]
    answers: list[int] = []

    def deliver(body: bytes) -> None:
        for _ in range(20):
            answers.append(said(port, path, f"Content-Length: {len(body)}", body))
            if answers[-1] == 200:
                return

    before = peaks(process)
    posting = [threading.Thread(target=deliver, args=[body]) for body in bodies]
    for thread in posting:
        thread.start()
    for thread in posting:
        thread.join()
    print(
        f"\n{AT_ONCE} posts of {SIZE / 1e6:.0f} MB at once: {answers}, MB of each process {before} → {peaks(process)}"
    )

    kept = {bytes(digest) for digest in Receipt.objects.values_list(SHA256, flat=True)}
    assert kept == {hashlib.sha256(body).digest() for body in bodies}
    assert set(answers) <= {200, 503}
    assert max(peaks(process)) < MOST_MEMORY
