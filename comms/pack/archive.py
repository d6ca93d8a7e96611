"""A zip that is written from its beginning to its end, with the SHA-256 of each file in it."""

import hashlib
import json
import tempfile
import zipfile
from typing import IO, Any

MANIFEST = "manifest.json"
FORM = "blockpost-evidence-pack/1"
IN_MEMORY = 4 * 1024 * 1024  # bytes of a list that is still growing, before it goes to disk
PIECE = 1024 * 1024
SQUEEZED_ALREADY = (".pdf", ".jpg", ".jpeg", ".png", ".zip", ".gz", ".docx", ".xlsx", ".mp4")


class Growing:
    """A text file of the pack that grows while others are written; it goes in at the end."""

    def __init__(self) -> None:
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it is written
        self.lines = 0

    def add(self, line: bytes) -> None:
        self.file.write(line + b"\n")
        self.lines += 1


class Archive:
    """The pack as it is written; nothing of it is held but names and hashes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes | str) -> None:
        """Write a file, unless it is there: the same name is the same bytes."""
        if name in self.files:
            return
        data = data.encode() if isinstance(data, str) else data
        stored = name.lower().endswith(SQUEEZED_ALREADY)
        self.zip.writestr(name, data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        self.files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    def add_grown(self, name: str, grown: Growing) -> None:
        """Write what has grown, piece by piece."""
        digest, size = hashlib.sha256(), 0
        grown.file.seek(0)
        with self.zip.open(name, "w", force_zip64=True) as out:
            while piece := grown.file.read(PIECE):
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        grown.file.close()
        self.files[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def close(self, facts: dict[str, Any]) -> None:
        """End with the manifest: what the pack says of itself, and the hash of every other file."""
        said = {"form": FORM, **facts, "files": self.files}
        self.zip.writestr(MANIFEST, json.dumps(said, ensure_ascii=False, indent=1))
        self.zip.close()
