"""An authority of time-stamps (RFC 3161) for the tests: OpenSSL's own, behind HTTP on this machine."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
"""


class Authority:
    """A certificate authority and its time-stamping service, in a folder."""

    def __init__(self, folder: Path, name: str = "Test time") -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "config").write_text(CONFIG.format(folder=folder, name=name))
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "rsa:2048", "-nodes", "-config", "config", "-days", "30"]
        self.run("req", "-x509", *key, "-extensions", "ca", "-keyout", "ca.key", "-out", "ca.pem")
        self.run("req", *key[:-2], "-subj", "/CN=Stamp", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"]
        extra = ["-extfile", "config", "-extensions", "stamping"]
        self.run("x509", "-req", "-in", "tsa.csr", *signed, *extra, "-out", "tsa.pem")

    @property
    def certificates(self) -> str:
        return str(self.folder / "ca.pem")

    def run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def reply(self, query: bytes) -> bytes:
        """Answer a query as an authority does."""
        (self.folder / "query").write_bytes(query)
        self.run(
            "ts", "-reply", "-config", "config", "-section", "one", "-queryfile", "query", "-out", "answer"
        )
        return (self.folder / "answer").read_bytes()

    def stamped(self, data: bytes) -> bytes:
        """Stamp data as if it had been asked to."""
        (self.folder / "data").write_bytes(data)
        self.run("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "asked")
        return self.reply((self.folder / "asked").read_bytes())

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Answer over HTTP; gives the address. `asked` counts, `spoil` changes what is answered."""
        authority = self
        self.asked = 0
        self.spoil = lambda answer: answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked += 1
                assert self.headers["Content-Type"] == "application/timestamp-query"
                answer = authority.spoil(authority.reply(query))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsr"
        finally:
            server.shutdown()
            server.server_close()
