"""Postfix, as Debian packages it, in instances of the test's own: their own configuration, queue and port.

Nothing of the machine's Postfix is read or touched. Postfix has to be started by root, and hands out its work to
users of its own, so its folders are not below pytest's, which only their owner may enter.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = "/usr/sbin/postfix"
NOBODY = 65534  # whose the mailboxes are
SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    name: str
    port: int
    folder: Path

    @property
    def mailboxes(self) -> Path:
        return self.folder / "mail"

    def log(self) -> str:
        return (self.folder / "postfix.log").read_text(errors="replace")


def required(program: str = PROGRAM, package: str = "postfix") -> None:
    """Skip where there is no such server to be had; where nothing may be skipped, fail."""
    if os.path.exists(program) and os.geteuid() == 0:
        return
    why = f"This needs {program} (apt install {package}) and root, who alone may start it."
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(why)
    pytest.skip(why)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder below the system's temporary one that a server's users may walk through."""
    made = Path(tempfile.mkdtemp(prefix="mail-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(within: Path, name: str, port: int, settings: dict[str, str]) -> Iterator[Postfix]:
    """Run an instance called by a host's name until the end of the block."""
    server = Postfix(name, port, within / name)
    _prepare(server, settings)
    command = [PROGRAM, "-c", str(server.folder / "etc")]
    process = subprocess.Popen(
        [*command, "start-fg"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait_for(server, process)
        yield server
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True, timeout=30)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _prepare(server: Postfix, settings: dict[str, str]) -> None:
    for part in ("etc", "queue", "data", "mail"):
        (server.folder / part).mkdir(parents=True)
    server.folder.chmod(0o711)
    shutil.chown(server.folder / "data", "postfix")
    os.chown(server.mailboxes, NOBODY, NOBODY)
    lines = {
        "compatibility_level": "3.6",
        "queue_directory": server.folder / "queue",
        "data_directory": server.folder / "data",
        "maillog_file": server.folder / "postfix.log",
        "maillog_file_prefixes": server.folder,
        "myhostname": server.name,
        "mydestination": "",
        "alias_maps": "",
        "alias_database": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "smtp_dns_support_level": "disabled",
        "smtpd_recipient_restrictions": "permit_mynetworks, reject",
        "recipient_delimiter": "+",
        "virtual_mailbox_base": server.mailboxes,
        "virtual_uid_maps": f"static:{NOBODY}",
        "virtual_gid_maps": f"static:{NOBODY}",
    } | settings
    (server.folder / "etc/main.cf").write_text("".join(f"{key} = {one}\n" for key, one in lines.items()))
    (server.folder / "etc/master.cf").write_text(SERVICES.format(port=server.port))


def _wait_for(server: Postfix, process: subprocess.Popen) -> None:
    """Wait until it greets."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"Postfix did not start: {said}")
        try:
            with socket.create_connection(("127.0.0.1", server.port), 5) as line:
                if line.recv(100).startswith(b"220"):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Postfix does not greet.\n{server.log()}")


def make_maildir(path: Path) -> None:
    """Make a Maildir that mail servers may put mail into."""
    for part in ("", "tmp", "new", "cur"):
        (path / part).mkdir()
        os.chown(path / part, NOBODY, NOBODY)
