"""What the world may see of a log: its newest signed head, and hashes (C2SP tlog-tiles). No words, no names.

So that anybody's monitor can follow it: https://c2sp.org/tlog-tiles. Entries are not given out. Only what a signed head
covers is served; everything else is not there (404).
"""

import re
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, register_converter
from django.views.decorators.http import require_safe
from django_scopes import scope, scopes_disabled

from comms.ledger import publishing
from comms.ledger.tiles import HEIGHT, WIDTH, Tree
from comms.models import Checkpoint, Log
from comms.pack.making import VERIFIER

INDEX = re.compile(r"((?:x\d{3}/){0,5}\d{3})(?:\.p/([1-9]\d{0,2}))?")
NEVER_CHANGES = "public, max-age=31536000, immutable"
SOON_OLD = "public, max-age=3"


@require_safe
def head(request: HttpRequest, log: str) -> HttpResponse:
    """Give the newest signed head of a log."""
    _, newest = _signed(log)
    response = HttpResponse(newest.note, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = SOON_OLD
    return response


@require_safe
def tile(request: HttpRequest, log: str, level: int, index: str) -> HttpResponse:
    """Give the hashes of a tile: 256 of 32 bytes, or as many of a partial one as are asked for."""
    named = INDEX.fullmatch(index)
    if not named or level > 63:
        raise Http404("There is no such tile.")
    number = int(re.sub(r"[x/]", "", named[1]))
    if _path(number) != named[1]:
        raise Http404("A tile has one name.")
    found, newest = _signed(log)
    width = int(named[2] or WIDTH)
    signed = (newest.size >> HEIGHT * level) - WIDTH * number
    if width > signed or (named[2] and width >= WIDTH):
        raise Http404("No signed head reaches so far.")
    with scope(organisation=found.organisation):
        hashes = Tree(found).tile(level, number)[:width]
    response = HttpResponse(b"".join(hashes), content_type="application/octet-stream")
    response["Cache-Control"] = NEVER_CHANGES
    return response


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Give the program that checks an evidence pack, to who does not want to take it from the pack."""
    response = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_pack.py"'
    return response


def _path(number: int) -> str:
    """Write the index of a tile as tlog-tiles does: 1234067 is x001/x234/067."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))


def _signed(name: str) -> tuple[Log, Checkpoint]:
    """Give a log by the last part of its name, and its newest head."""
    with scopes_disabled():
        found = Log.objects.select_related("organisation").filter(public_id=uuid.UUID(hex=name)).first()
    if found is None:
        raise Http404("There is no such log.")
    with scope(organisation=found.organisation):
        newest = publishing.newest(found)
    if newest is None:
        raise Http404("Nothing of this log is signed yet.")
    return found, newest


class LogName:
    """The last part of a log's name in addresses: 32 hexadecimal digits in lower case."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LogName, "log_name")
urlpatterns = [
    path("verify_pack.py", verifier, name="verifier"),
    path("<log_name:log>/checkpoint", head, name="checkpoint"),
    path("<log_name:log>/tile/<int:level>/<path:index>", tile, name="tile"),
]
