"""The residents' page: a post is there as soon as its row is, so nothing is dialled."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from comms.channels.base import Channel, Form, Line, Message, Outcome, Outgoing, Part, Snapshot, Unreachable

DOCUMENT = (
    '<!DOCTYPE html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
    "<body>\n{body}\n</body>\n</html>\n"
)


class PortalLine:
    def send(self, outgoing: Outgoing) -> Outcome:
        """Say that it is posted: the entry was written before this, and the page reads the entry."""
        return Outcome("sent", "")


class PortalChannel(Channel):
    """A post on the page of one resident; they get to it by a secret link."""

    name = "portal"
    by_person = False
    needs_opt_in = False
    form = Form("html", "text/html; charset=utf-8", "page")
    needs = "name"
    attachments_most = 20 * 1024 * 1024  # what is kept for all channels, since the page gives the kept files

    def address(self, snapshot: Snapshot) -> str:
        """Give the words that stand for the page in the log: its real address is a secret."""
        if not snapshot.devices.get(self.name):
            raise Unreachable("They have no link to a page of their own. Make one on their contact page.")
        return "Residents' page"

    def compose(self, message: Message) -> list[Part]:
        """Make the document that the page shows: what was written, merged, without the head and foot of a mail."""
        document = DOCUMENT.format(title=escape(message.subject), body=message.body or message.html)
        return [Part(document.encode())]

    @contextmanager
    def line(self) -> Iterator[Line]:
        yield PortalLine()
