"""What was posted to us, as plain values: the same for checking it now and for reading it later."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict

from comms.receipts.hooks import form

CUT = "cut-off"
"""The header of a receipt that says how large something was of which only the beginning was kept."""
QUERY = ":query"  # beside the headers, by a name that no header has
# What must not be kept, as it would open something.
NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


class Refused(Exception):
    """Raised for what is not authentic; its text says what was missing, without quoting it."""


class NotNow(Exception):
    """Raised where something outside keeps us from checking; the provider is asked to come again."""


class Again(WSGIRequest):
    """A post once more, for django-anymail: its size was judged when it came, so what is in it may be as large."""

    _body: bytes
    _post: QueryDict

    def parse_file_upload(self, META: Any, post_data: Any) -> tuple[QueryDict, form.Files]:
        return form.read(self._body, (self.content_params or {}).get("boundary", ""))


@dataclass(frozen=True, slots=True)
class Came:
    """One POST: its headers, its body byte for byte, and the whole address that it was sent to."""

    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    fields: QueryDict | None = None
    """The fields of its form where they are to be read otherwise than they came."""
    cut: int = 0
    """How many bytes it had where only its beginning is kept."""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def kept_headers(self) -> dict[str, str]:
        """Give the headers as they are kept, with the query beside them; secrets are left out."""
        kept = {name: value for name, value in self.headers.items() if name.lower() not in NOT_KEPT}
        return kept | {QUERY: self.url.partition("?")[2]} | ({CUT: str(self.cut)} if self.cut else {})

    def request(self) -> Again:
        """Make the request again, for django-anymail."""
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(self.body),
            "CONTENT_TYPE": self.header("Content-Type"),
            "CONTENT_LENGTH": str(len(self.body)),
        }
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        request = Again(environ)
        request._body = self.body
        if self.fields is not None:
            request._load_post_and_files()
            request._post = self.fields
        return request
