"""What was posted to the bearer of a link: their own posts and nobody else's, newest first."""

import uuid
from typing import Any, NamedTuple

import nh3
from django.db.models import F, Q, QuerySet
from django.utils.html import linebreaks

from comms.log import keyset
from comms.models import Delivery, LogEntry, PortalLink, TicketMessage
from contacts.models import Contact

CHANNEL = "portal"
SIZE = 20
ORDER = keyset.Order("at", F("at"), descending=True, dated=True)
# The words of a post take their look from the page, so that they can be read on a phone and in the dark.
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "hr", "strong", "em", "u", "s", "a", "br"} | {
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "ol": {"start"}}


class Board(NamedTuple):
    posts: list[Delivery]
    older: str = ""  # the cursor to what was posted before


def posts_of(link: PortalLink) -> QuerySet[Delivery]:
    """Narrow to what was posted to the bearer of a link and stands: addressed to them, for its flat or for none.

    A link without a flat shows all that was addressed to the person. Somebody who was entered twice and merged
    is one person, whichever of the two the link was made for.
    """
    person = link.contact.merged_into or link.contact
    mine: QuerySet[Delivery] = Delivery.objects.filter(
        Q(contact=person) | Q(contact__in=Contact.objects.filter(merged_into=person)),
        organisation=link.organisation,
        channel=CHANNEL,
        manual=False,
        sent_at__isnull=False,
    )
    return mine.filter(Q(unit=link.unit) | Q(unit__isnull=True)) if link.unit_id else mine


def board(link: PortalLink, cursor: str) -> Board:
    """Give a page of posts, from a place on; the first page where there is no such place."""
    rows = posts_of(link).select_related("entry").defer("entry__personal", "entry__words", "entry__layout")
    if place := keyset.decode(ORDER, cursor):
        rows = rows.filter(keyset.beyond(ORDER, place, forward=True))
    found = list(keyset.arrange(rows, ORDER)[: SIZE + 1])
    more, shown = len(found) > SIZE, found[:SIZE]
    return Board(shown, keyset.encode(ORDER, shown[-1].at, shown[-1].pk) if more else "")


def post(link: PortalLink, public_id: uuid.UUID) -> LogEntry | None:
    """Give one post of the bearer; None where there is none, or where it is somebody else's."""
    rows = posts_of(link).select_related("entry__ticket", "entry__block", "entry__unit")
    row = rows.filter(entry__public_id=public_id).first()
    entry: Any = row.entry if row else None
    return entry


def words_of(entry: LogEntry) -> str:
    """Give the words of a post as HTML in which nothing can run, fetch or dress up.

    They were cleaned when they were written. They are cleaned again, since they are shown beside a form.
    """
    if not entry.layout:
        return str(linebreaks(entry.words, autoescape=True))
    return nh3.clean(
        entry.exact_bytes().decode("utf-8", "replace"),
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def replies_to(link: PortalLink, entry: LogEntry) -> QuerySet[TicketMessage]:
    """Narrow to what the bearer answered to a post; what others wrote on its ticket is not theirs to see."""
    person = link.contact.merged_into or link.contact
    replies: QuerySet[TicketMessage] = TicketMessage.objects.filter(entry=entry).filter(
        Q(contact=person) | Q(contact__in=Contact.objects.filter(merged_into=person))
    )
    return replies
