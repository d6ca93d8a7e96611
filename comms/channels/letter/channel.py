"""Post: a recipient's postal address, a letter's bytes, and the line to a hybrid mail provider where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager

from comms.channels.base import Channel, Form, Line, Message, Part, Snapshot, Unreachable
from comms.channels.letter import window
from comms.channels.letter.hybrid import HybridLine, HybridSettings
from comms.channels.letter.making import render
from comms.channels.letter.values import Letter, Letterhead


class LetterChannel(Channel):
    """Letters wait for a person, who prints and posts them and says so ("mark as posted")."""

    name = "post"
    needs_opt_in = False
    form = Form("pdf", "application/pdf", "pdf")
    needs = "address"

    by_person = True
    attachments_most = 20 * 1024 * 1024  # what the press takes with one letter, a print file holds a thousand

    def __init__(self, letterhead: Letterhead | None = None) -> None:
        """Take the letterhead under which letters are composed; addresses are checked without one."""
        self.letterhead = letterhead

    def address(self, snapshot: Snapshot) -> str:
        """Give the recipient's postal address on one line. Raises Unreachable."""
        if reason := window.obstacle(snapshot.address, snapshot.name):
            raise Unreachable(reason)
        return ", ".join(window.lines(snapshot.address))

    def compose(self, message: Message) -> list[Part]:
        """Make the PDF from the clean words of a message, without a mail's head and foot. Raises ValueError.

        The date is that of the message in its own zone: give it in the organisation's.
        """
        if reason := window.obstacle(message.to.address, message.to.name):
            raise Unreachable(reason)
        if self.letterhead is None:
            raise ValueError("There is no letterhead to write under. Fill it in in the settings.")
        letter = Letter(
            letterhead=self.letterhead,
            recipient=message.to.name,
            address=window.lines(message.to.address),
            date=message.date.date(),
            subject=message.subject,
            body=message.body,
            reference=message.reference,
            attachments=message.attachments,
            large_print=message.large_print,
        )
        return [Part(render(letter))]

    @contextmanager
    def line(self) -> Iterator[Line]:
        raise NotImplementedError("A person hands it over.")
        yield


class HybridLetterChannel(LetterChannel):
    """The same letters, handed over to a provider that prints and posts them."""

    name = "hybrid"
    by_person = False
    attachments_most = 10 * 1024 * 1024  # a provider takes one PDF over the wire

    def __init__(self, letterhead: Letterhead | None, provider: HybridSettings) -> None:
        super().__init__(letterhead)
        self.provider = provider

    @property
    def dials(self) -> str:
        return self.provider.url

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Hold a line to the provider."""
        line = HybridLine(self.provider)
        try:
            yield line
        finally:
            line.close()
