"""Files that somebody may choose as a logo, good and bad."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin


def png(width: int = 40, height: int = 20, mode: str = "RGBA", **options) -> bytes:
    written = io.BytesIO()
    Image.new(mode, (width, height), 200 if len(mode) == 1 else "teal").save(written, "PNG", **options)
    return written.getvalue()


def talkative_png() -> bytes:
    """A picture with words in it and more behind its end."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "SECRET-WORDS")
    return png(pnginfo=words, icc_profile=b"SECRET-PROFILE") + b"SECRET-TAIL"


def turned_jpeg() -> bytes:
    """A picture that was taken on its side, with the place in it."""
    picture, exif, written = Image.new("RGB", (40, 20), "teal"), Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010E] = 6, "SECRET-PLACE"
    picture.save(written, "JPEG", exif=exif)
    return written.getvalue()


def moving_png() -> bytes:
    frames, written = [Image.new("RGB", (8, 8), colour) for colour in ("teal", "red")], io.BytesIO()
    frames[0].save(written, "PNG", save_all=True, append_images=frames[1:])
    return written.getvalue()


def other(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, kind)
    return written.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def claiming(width: int, height: int) -> bytes:
    """A small file that says it is a picture of that size: unpacked, it would fill the memory."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    points = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


def wordy() -> bytes:
    """A picture whose words are small in the file and large when unpacked."""
    words = b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9)
    whole = png()
    return whole[:33] + chunk(b"zTXt", words) + whole[33:]
