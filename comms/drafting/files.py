"""Which files may go with a communication: told by what is in them, not by what they are called."""

import io
import re
import zipfile

from comms.drafting import whole

# Suffix -> media type and how its content begins; what is not here is refused.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "webp": ("image/webp", (b"RIFF",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    "odt": ("application/vnd.oasis.opendocument.text", (b"PK\x03\x04",)),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
}
WITHIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "odt": "content.xml"}
PICTURES = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF"}  # as Pillow names them
ALLOWED = "PDF, PNG, JPEG, WebP, GIF, Word, Excel, OpenDocument, plain text and CSV"


def media_type(name: str, data: bytes) -> str:
    """Give the media type of a file. Raises ValueError with a sentence when it may not be sent."""
    if re.search(r"[\x00-\x1f\x7f]", name):
        raise ValueError("The name of the file has a line break in it. Rename the file.")
    suffix = name.rpartition(".")[2].lower()
    if suffix not in KINDS:
        raise ValueError(f"“{name}” is of a type that is not sent. These are: {ALLOWED}.")
    if not data:
        raise ValueError(f"“{name}” is empty.")
    kind, beginnings = KINDS[suffix]
    fits = data.startswith(beginnings) if beginnings else _is_text(data)
    if fits and suffix == "webp":
        fits = data[8:12] == b"WEBP"
    if fits and suffix in WITHIN:
        fits = _holds(data, WITHIN[suffix])
    if not fits:
        raise ValueError(
            f"“{name}” is not what its name says. Save it anew as {suffix.upper()} and attach that."
        )
    if suffix in PICTURES:
        whole.check_picture(name, data, PICTURES[suffix])
    elif suffix == "pdf":
        whole.check_pdf(name, data)
    return kind


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in data


def _holds(data: bytes, member: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return member in archive.namelist()
    except zipfile.BadZipFile:
        return False
