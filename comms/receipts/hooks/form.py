"""Take a multipart form apart (RFC 7578), as large as it may be posted.

Django's own reader stops at 5 MB of fields, which is right for pages: here a whole mail stands in one field. It also
leaves out files without a name, which people do attach.
"""

import email
from collections.abc import Iterator
from email.message import Message

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

MOST_PARTS = 1000
Files = MultiValueDict[str, UploadedFile]


def read(body: bytes, boundary: str) -> tuple[QueryDict, Files]:
    """Give the fields and the files of a form. Raises ValueError where it does not end, or has too many parts."""
    fields, files = QueryDict(mutable=True, encoding="utf-8"), MultiValueDict[str, UploadedFile]()
    for head, content in _parts(body, b"--" + boundary.encode()):
        name = str(head.get_param("name", "", "content-disposition"))
        if head.get_param("filename", header="content-disposition") is None:
            fields.appendlist(name, content.decode(errors="replace"))
        else:
            said = head.get_filename() or "file"
            files.appendlist(name, SimpleUploadedFile(said, content, head.get_content_type()))
    return fields, files


def _parts(body: bytes, line: bytes) -> Iterator[tuple[Message, bytes]]:
    """Cut a form at its boundaries. What stands before the first one is no part."""
    pieces = body.split(b"\r\n" + line, MOST_PARTS + 1)
    pieces = [pieces[0].removeprefix(line)] * pieces[0].startswith(line) + pieces[1:]
    for piece in pieces[:MOST_PARTS]:
        if piece.startswith(b"--"):
            return
        head, _, content = piece.partition(b"\r\n\r\n")
        yield email.message_from_string(head.decode(errors="replace").strip()), content
    raise ValueError("It does not end, or has too many parts.")
