"""What a person delivers: printed, posted by hand, read out. Any word that is no channel of ours is one of these."""

from collections.abc import Iterator
from contextlib import contextmanager

from comms.channels.base import Channel, Form, Line, Message, Part, Snapshot


class ByHandChannel(Channel):
    """The message is put on record ready to print; nothing is dialled, and a person says what became of it."""

    by_person = True
    needs_opt_in = False
    form = Form("html", "text/html; charset=utf-8", "page")
    needs = "address"
    attachments_most = 20 * 1024 * 1024  # whoever goes there prints them, as large as they are kept

    def __init__(self, name: str) -> None:
        self.name = name

    def address(self, snapshot: Snapshot) -> str:
        """Give where they are to be found; somebody who goes there may find them without it."""
        return ", ".join(line.strip() for line in snapshot.address.splitlines() if line.strip())

    def compose(self, message: Message) -> list[Part]:
        """Make the page that is printed, as HTML."""
        return [Part(message.html.encode())]

    @contextmanager
    def line(self) -> Iterator[Line]:
        raise NotImplementedError("A person hands it over.")
        yield
