"""A message taken apart from its exact bytes, as the recipient's mail program would."""

import base64
import email
import email.policy
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property

import nh3

REMOTE = re.compile(
    r"""(?:src|background)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?\s*(?:https?:)?//""", re.I
)
STYLED = {
    "style",
    "align",
    "valign",
    "width",
    "height",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "dir",
}
ATTRIBUTES = {**{tag: STYLED | set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}, "*": STYLED}
TAGS = nh3.ALLOWED_TAGS | {"center", "font"}


def clean_page(html: str) -> str:
    """Give HTML of ours or of a mail as it may be shown in a frame: nothing in it runs."""
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "title"},
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
    )


@dataclass
class File:
    """An attachment, or a part that has a name."""

    number: int
    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)


class Message:
    """The parts of an email. Reading never fails: what cannot be read is empty."""

    def __init__(self, data: bytes) -> None:
        parsed = email.message_from_bytes(data, policy=email.policy.default)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("The default policy gives an EmailMessage.")
        self.data, self.parsed = data, parsed

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """All headers, as they were sent: unfolded, nothing decoded."""
        raw = email.message_from_bytes(self.data, policy=email.policy.compat32)
        return [(name, re.sub(r"\r?\n(?=[ \t])", "", str(value))) for name, value in raw.items()]

    @property
    def sender(self) -> str:
        return str(self.parsed.get("From", ""))

    @cached_property
    def text(self) -> str:
        return self._body("plain")

    @cached_property
    def source(self) -> str:
        """The HTML as it was sent."""
        return self._body("html")

    @property
    def html(self) -> str:
        """The HTML, cleaned once more, with the pictures that came along in it."""
        pictures = {
            str(part.get("Content-ID", "")).strip("<> "): part
            for part in self.parsed.walk()
            if part.get_content_maintype() == "image"
        }

        def inline(match: re.Match[str]) -> str:
            part = pictures.get(match[1])
            if part is None:
                return match[0]
            encoded = base64.b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            return f"data:{part.get_content_type()};base64,{encoded}"

        return clean_page(re.sub(r"cid:([^\"'\s>)]+)", inline, self.source))

    @property
    def remote(self) -> bool:
        """Whether it would have fetched anything from elsewhere."""
        return bool(REMOTE.search(self.source))

    @cached_property
    def attachments(self) -> list[File]:
        return [
            File(
                number,
                re.sub(r"[\x00-\x1f/\\]", "_", part.get_filename() or f"attachment-{number}"),
                part.get_content_type(),
                part.as_bytes() if part.is_multipart() else part.get_payload(decode=True) or b"",  # type: ignore[arg-type]
            )
            for number, part in enumerate(self.parsed.iter_attachments(), 1)
        ]

    def _body(self, kind: str) -> str:
        try:
            part = self.parsed.get_body(preferencelist=(kind,))
            return str(part.get_content()) if part is not None else ""
        except (KeyError, LookupError, ValueError):
            return ""
