"""Dovecot, as Debian packages it, in an instance of the test's own: IMAP over TLS, with a certificate of its own CA."""

import datetime
import ipaddress
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.faults import postfix

PROGRAM = "/usr/sbin/dovecot"
SETTINGS = """\
protocols = imap
base_dir = {folder}/base
state_dir = {folder}/base
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 0
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    folder: Path
    port: int

    @property
    def authority(self) -> Path:
        """Give the file of the CA that whoever is to trust it must know."""
        return self.folder / "authority.pem"

    def url(self, folder: str = "INBOX", password: str = "secret") -> str:
        return f"imaps://bounces%40larch.example:{password}@127.0.0.1:{self.port}/{folder}"

    def put(self, name: str, mail: bytes, folder: str = "", flags: str = "") -> None:
        """Put a mail into a folder as a mail server would: new, or looked at already where it has flags."""
        maildir = self.folder / "mail" / folder
        if not maildir.exists():
            postfix.make_maildir(maildir)
        path = maildir / "cur" / f"{name}:2,{flags}" if flags else maildir / "new" / name
        path.write_bytes(mail)
        os.chown(path, postfix.NOBODY, postfix.NOBODY)

    def flags(self, folder: str = "") -> dict[str, str]:
        """Give by its name how each mail is marked: S seen, F flagged, T deleted; of a new one nothing is known."""
        maildir = self.folder / "mail" / folder
        files = [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]
        return {file.name.partition(":2,")[0]: file.name.partition(":2,")[2] for file in files}


@contextmanager
def running() -> Iterator[Dovecot]:
    postfix.required(PROGRAM, "dovecot-imapd")
    with postfix.folder() as place:
        server = Dovecot(place, postfix.free_port())
        postfix.make_maildir(place / "mail")
        _certify(server)
        settings = SETTINGS.format(folder=place, port=server.port, nobody=postfix.NOBODY)
        (place / "dovecot.conf").write_text(settings)
        process = subprocess.Popen([PROGRAM, "-F", "-c", str(place / "dovecot.conf")], start_new_session=True)
        try:
            _wait_for(server)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(server: Dovecot) -> None:
    """Wait until it greets."""
    context = ssl.create_default_context(cafile=server.authority)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            with (
                socket.create_connection(("127.0.0.1", server.port), 5) as line,
                context.wrap_socket(line, server_hostname="127.0.0.1") as safe,
            ):
                if safe.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Dovecot does not greet.\n{(server.folder / 'dovecot.log').read_text()}")


def _certify(server: Dovecot) -> None:
    """Make a CA, and a certificate of it for 127.0.0.1."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _signed("Test CA", authority, "Test CA", authority, x509.BasicConstraints(True, 0))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = _signed("127.0.0.1", own, "Test CA", authority, here)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    server.authority.write_bytes(root.public_bytes(pem))
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (server.folder / "server.pem").write_bytes(leaf.public_bytes(pem) + key)


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    subject, signer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer))
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(signer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=True)
    day = datetime.timedelta(days=1)
    return builder.not_valid_before(now - day).not_valid_after(now + day).sign(by, hashes.SHA256())
