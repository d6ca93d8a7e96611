"""Put files behind a letter, each on A4 of its own."""

import io
import logging

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PageObject, PasswordType, PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from comms.channels.letter.press.refused import Refused
from comms.channels.letter.press.setting import A4

END = 2048  # bytes within which a whole PDF says that it ends (ISO 32000-1, 7.5.5)
POINTS = 50_000_000  # pixels of a picture
PRINTED = (2480, 3508)  # A4 at 300 to the inch
MARGIN = 42.5  # points around a picture: 15 mm
NEARLY = 1.5  # points that a page may be off A4
PORTRAIT_AGAIN = 90  # degrees


def add(writer: PdfWriter, name: str, data: bytes) -> None:
    """Add the pages that a file comes to: by what is in it, whatever it is called. Raises Refused."""
    if b"%PDF-" in data[:1024]:
        _add_pdf(writer, name, data)
    elif data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        writer.add_page(PdfReader(_drawn(_picture(name, data))).pages[0])
    else:
        raise Refused(f"“{name}” cannot go with a letter. Save it as a PDF, and attach that.")


def _add_pdf(writer: PdfWriter, name: str, data: bytes) -> None:
    damaged = Refused(
        f"“{name}” is damaged and cannot be printed. Save it again as a PDF, and attach the new file."
    )
    if b"%%EOF" not in data[-END:]:
        raise damaged
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise Refused(f"“{name}” has a password. Save it without one, and attach the new file.")
        if not reader.pages:
            raise damaged
        for page in reader.pages:
            _on_a4(writer.add_page(page))
    except (Refused, MemoryError):
        raise
    except Exception as fault:  # a damaged file can fail in any way
        raise damaged from fault


def _on_a4(page: PageObject) -> None:
    """Bring a page to A4, upright, in the middle; what was cropped off stays off, and filled-in forms stay filled in.

    Only the boxes and the scale are changed, and the content is put behind a mask: merged into a new page, it would
    lose its annotations.
    """
    contents = page.get_contents()
    if contents is not None:
        contents.get_data()  # raises if it cannot be unpacked
    box = page.cropbox
    if page.rotation % 180:
        shown = (float(box.height), float(box.width))
    else:
        shown = (float(box.width), float(box.height))
    if not (shown[0] > 0 and shown[1] > 0):
        raise ValueError("A page without a size.")
    if shown[0] > shown[1]:
        page.rotate(PORTRAIT_AGAIN)
        shown = (shown[1], shown[0])
    if max(abs(shown[0] - A4[0]), abs(shown[1] - A4[1])) > NEARLY or box != page.mediabox:
        _mask(page)
        page.scale_by(min(A4[0] / shown[0], A4[1] / shown[1]))
    _boxed(page)


def _mask(page: PageObject) -> None:
    contents = page.get_contents()
    if contents is None:
        return
    box = page.cropbox
    mask = f"q {box.left} {box.bottom} {box.width} {box.height} re W n\n".encode()
    contents.set_data(mask + contents.get_data() + b"\nQ")
    page.replace_contents(contents)


def _boxed(page: PageObject) -> None:
    """Set every box to A4 around the middle of what is shown."""
    across, down = reversed(A4) if page.rotation % 180 else A4
    box = page.cropbox
    left = float(box.left) + (float(box.width) - across) / 2
    bottom = float(box.bottom) + (float(box.height) - down) / 2
    for name in ("mediabox", "cropbox", "trimbox", "bleedbox", "artbox"):
        setattr(page, name, RectangleObject((left, bottom, left + across, bottom + down)))


def _picture(name: str, data: bytes) -> Image.Image:
    """Read a picture, upright, on white. Raises Refused."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > POINTS:
                raise Refused(f"“{name}” has more than 50 million pixels. Make it smaller.")
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail(PRINTED)
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
            return flat
    except (Refused, MemoryError):
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as fault:
        raise Refused(f"“{name}” is not a whole picture. Save it again, and attach the new file.") from fault


def _drawn(picture: Image.Image) -> io.BytesIO:
    """Draw a picture in the middle of a page, as large as fits."""
    packed, written = io.BytesIO(), io.BytesIO()
    picture.save(packed, "JPEG", quality=88)
    packed.seek(0)
    canvas = Canvas(written, pagesize=A4)
    room = (A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN)
    scale = min(room[0] / picture.width, room[1] / picture.height)
    across, down = picture.width * scale, picture.height * scale
    canvas.drawImage(ImageReader(packed), (A4[0] - across) / 2, (A4[1] - down) / 2, across, down)
    canvas.save()
    return written
