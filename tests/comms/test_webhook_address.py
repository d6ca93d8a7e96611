"""Where a webhook may lead, and that it leads nowhere else."""

import socket

import pytest

from comms.webhooks import wire
from comms.webhooks.address import Refused, Target, is_public, look_up
from tests.comms import listener


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.1", "192.0.2.5", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:4136:e378::1", "not an address",
    ],
)  # fmt: skip
def test_what_is_private_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "81.2.69.142", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_what_is_on_the_internet_is(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/x", "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://2130706433/",
        "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://[fe80::1]/",
        "https://localhost./", "https://LOCALHOST/", "https://[::]/",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_private_address_is_refused(url):
    with pytest.raises(Refused, match=r"private network|could not be found"):
        look_up(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/", "https"), ("ftp://example.com/", "https"), ("file:///etc/passwd", "https"),
        ("//example.com", "https"), ("example.com", "https"), ("", "https"), ("https://", "whole address"),
        ("https://user:secret@1.1.1.1/", "user name"), ("https://1.1.1.1:99999/", "whole address"),
        ("https://1.1.1.1/a b", "whole address"), ("https://1.1.1.1/\r\nX: y", "whole address"),
        ("https://[::1", "whole address"), ("https://1.1.1.1/" + "x" * 2000, "whole address"),
        ("https://no-such-host.invalid/", "could not be found"), ("https://" + "a" * 300 + ".example/", "whole address|found"),
    ],
)  # fmt: skip
def test_what_is_no_address_says_what_to_do(url, says):
    with pytest.raises(Refused, match=says):
        look_up(url)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(Refused, match="private network"):
        look_up("https://mixed.example/", ask=lambda host, port: ["1.1.1.1", "10.0.0.1"])


def test_it_connects_to_what_was_checked_and_never_asks_for_the_name_again(monkeypatch):
    """A name that leads elsewhere a moment later (DNS rebinding) leads nowhere."""
    asked = []
    real = socket.getaddrinfo

    def noticed(host, *args, **kwargs):
        asked.append(host)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", noticed)
    with listener.running() as there:
        target = Target(False, "rebinding.example", there.port, "/hook?a=1", ["127.0.0.1"])
        answer = wire.post(target, b"{}", {"webhook-id": "1"})

    assert answer.status == 200 and "rebinding.example" not in asked
    path, headers, body = there.told[0]
    assert (path, body, headers["host"]) == ("/hook?a=1", b"{}", f"rebinding.example:{there.port}")


def test_a_redirect_is_not_followed():
    with listener.running() as there, listener.running() as elsewhere:
        there.answers, there.location = [302], elsewhere.url
        answer = wire.post(Target(False, "127.0.0.1", there.port, "/", ["127.0.0.1"]), b"{}", {})

    assert (answer.status, answer.taken, elsewhere.told) == (302, False, [])


def test_who_answers_a_byte_at_a_time_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(wire, "WHOLE", 0.5)
    with listener.running() as there:
        there.drip = 0.1
        answer = wire.post(Target(False, "127.0.0.1", there.port, "/", ["127.0.0.1"]), b"{}", {})

    assert len(answer.words) < 50


def test_nobody_there_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    answer = wire.post(Target(False, "127.0.0.1", port, "/", ["127.0.0.1"]), b"{}", {})

    assert answer.status is None and answer.words.startswith("No connection")


def test_a_server_that_cannot_prove_its_name_is_told_nothing():
    with listener.running() as there:
        answer = wire.post(Target(True, "example.com", there.port, "/", ["127.0.0.1"]), b"{}", {})

    assert answer.status is None and there.told == []
