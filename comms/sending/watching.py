"""Make a mail tell when it is opened and which of its links are followed, where that is on for its communication.

Statutory messages are never watched (Communication.is_watched), whatever a form said.
"""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from comms.channels import track_address
from comms.drafting import html
from comms.models import LogEntry

SENTENCE = "This email tells us when it is opened, and which of its links are followed."
LONGEST = 2000  # characters of a URL; longer ones are left as they are
Keep = Callable[[str], UUID]  # where a link leads → the id of its target


def watch(page: str, text: str, entry: LogEntry, keep: Keep, spare: str) -> tuple[str, str]:
    """Give both bodies of a mail with its web links leading by way of us, and with the picture at the end.

    `spare` is the beginning of what stays as it is, as the links to residents' own pages do: they are secrets.
    """
    ways: dict[str, str] = {}

    def by_way_of_us(url: str) -> str:
        if url.startswith((spare, f"{settings.BASE_URL}/p/")) or len(url) > LONGEST:
            return url
        ways.setdefault(url, track_address.link(entry.public_id, keep(url)))
        return ways[url]

    page = html.with_links(page, by_way_of_us)
    page = html.with_picture(page, track_address.picture(entry.public_id))
    return page, html.with_text_links(text, ways)
