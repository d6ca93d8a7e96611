"""Whether pictures and PDFs are whole: their first bytes say what they claim to be, not that they can be opened."""

import io
import logging
import struct
import zlib

from PIL import Image
from pypdf import PdfReader

POINTS = 50_000_000  # of a picture: the most that a letter prints, and what a telephone takes
END = 2048  # bytes within which a whole PDF says that it ends (ISO 32000-1, 7.5.5)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)

# What pypdf remarks on is out of the file, and nothing of a file belongs into our logs.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def check_picture(name: str, data: bytes, kind: str) -> None:
    """See that a picture of a Pillow format can be shown. Raises ValueError with the sentence that says why not.

    Its size in points is looked at before it is unpacked. A PNG is read by its checksums; a JPEG at an eighth of its
    size, which reads all of it in a 64th of the memory.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height <= POINTS:
                _read(picture)
                return
    except BOMB:
        pass
    except BROKEN:
        raise ValueError(
            f"“{name}” is not a whole picture. Save it again, and choose the new file."
        ) from None
    raise ValueError(f"“{name}” has more than {POINTS // 1_000_000} million pixels. Make it smaller.")


def _read(picture: Image.Image) -> None:
    if picture.format == "PNG":
        picture.verify()
        return
    picture.draft("RGB", (picture.width // 8, picture.height // 8))  # only a JPEG heeds it
    picture.load()


def check_pdf(name: str, data: bytes) -> None:
    """See that a PDF has pages, or a password. Raises ValueError with the sentence that says why not.

    One with a password is let in, since whoever has the password reads it; a letter, which prints it, refuses it.
    """
    try:
        if b"%%EOF" in data[-END:]:
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted or reader.pages[0]:
                return
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, S110 - a damaged file can fail in any way
        pass
    raise ValueError(
        f"“{name}” is damaged and cannot be read. Save it again as a PDF, and choose the new file."
    )
