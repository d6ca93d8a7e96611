"""The logo at the head of letters: a picture that somebody chose, checked and drawn anew.

Only its points are kept. What else was in the file (place and camera, colour profiles, text, whatever hides
behind the end of the picture) stays out, since the letters that carry it go to the public.
"""

import hashlib
import io
import struct
import zlib
from typing import BinaryIO, NamedTuple

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from portfolio.models import Logo, Organisation

MOST_BYTES = 2 * 1000 * 1000
MOST_POINTS = 4000  # each way
KEPT_POINTS = 1600  # each way: 7 cm on paper at 600 to the inch
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


class Refused(ValueError):
    """Raised with the sentence that the person reads."""


class Drawn(NamedTuple):
    data: bytes
    width: int
    height: int


def draw(file: BinaryIO, size: int) -> Drawn:
    """Check a file and draw its picture anew as a PNG.

    The size on disk is looked at before the file, and the size in points before the picture is unpacked,
    so that a small file cannot become a large picture in memory.
    """
    if size > MOST_BYTES:
        raise Refused(f"The file has {size / 1e6:.1f} MB; 2 MB is the most. Save the picture smaller.")
    picture = _opened(file)
    if max(picture.size) > MOST_POINTS:
        raise Refused(
            f"The picture has {picture.width} × {picture.height} pixels; 4000 × 4000 is the most. Make it smaller."
        )
    try:
        return _redrawn(picture)
    except BROKEN:
        raise Refused("The picture is not whole. Save it again, then choose the new file.") from None


def _opened(file: BinaryIO) -> Image.Image:
    """Read the head of the file; what is in it says what it is, whatever the file is called."""
    try:
        picture = Image.open(file, formats=["PNG", "JPEG"])
    except Image.DecompressionBombError:
        raise Refused("The picture has more than 4000 × 4000 pixels. Make it smaller.") from None
    except UnidentifiedImageError:
        raise Refused("This is no picture that we can read. Choose a PNG or a JPEG.") from None
    except BROKEN:
        raise Refused("The picture is not whole. Save it again, then choose the new file.") from None
    if picture.format == "PNG" and getattr(picture, "is_animated", False):
        raise Refused("The picture moves. Choose one that stands still.")
    return picture


def _redrawn(picture: Image.Image) -> Drawn:
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    points = upright.convert(mode)
    points.thumbnail((KEPT_POINTS, KEPT_POINTS))
    bare = Image.new(mode, points.size)
    bare.paste(points)
    written = io.BytesIO()
    bare.save(written, "PNG", optimize=True)
    return Drawn(written.getvalue(), *bare.size)


def current(organisation: Organisation) -> Logo | None:
    logo: Logo | None = Logo.objects.filter(organisation=organisation, removed_at=None).first()
    return logo


@transaction.atomic
def replace(organisation: Organisation, drawn: Drawn) -> Logo:
    """Put a logo in the place of the one there is, whose row stays; the same picture again changes nothing."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one after the other
    sha256 = hashlib.sha256(drawn.data).hexdigest()
    there = current(organisation)
    if there and there.sha256 == sha256:
        return there
    remove(organisation)
    made: Logo = Logo.objects.create(organisation=organisation, sha256=sha256, **drawn._asdict())
    return made


def remove(organisation: Organisation) -> bool:
    """Take the logo off letters to come; those that were made keep theirs."""
    return bool(
        Logo.objects.filter(organisation=organisation, removed_at=None).update(removed_at=timezone.now())
    )
