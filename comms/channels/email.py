"""Email: a recipient's address, a mail's bytes, and the line to the mail server or the provider."""

from collections.abc import Iterator
from contextlib import contextmanager

from comms.channels import mime
from comms.channels.base import Channel, Firm, Form, Line, Message, Part, Snapshot, Unreachable
from comms.channels.provider import ProviderSettings
from comms.channels.smtp import SmtpSettings
from contacts import email as addresses
from contacts.mistake import Mistake


class EmailChannel(Channel):
    name = "email"
    by_person = False
    needs_opt_in = False
    form = Form("eml", "message/rfc822", "mail")
    needs = "email"
    leads_home = "if_chosen"
    # Large mail services take 25 MB of a whole mail, in which files are a third and a bit larger (RFC 2045, 6.8).
    attachments_most = 18 * 1024 * 1024

    def __init__(self, settings: SmtpSettings | ProviderSettings, of: Firm | None = None) -> None:
        self.settings = settings
        self.of = of  # whose account it is, where it is not the installation's

    @property
    def outlet(self) -> str:
        return f"{self.name}:{self.of.public_id.hex}" if self.of else self.name

    @property
    def answers(self) -> str:
        return self.settings.provider

    @property
    def dials(self) -> str:
        return self.settings.dials

    def address(self, snapshot: Snapshot) -> str:
        """Give the recipient's email address. Raises Unreachable."""
        if not snapshot.email:
            raise Unreachable("No email address on record.")
        try:
            return addresses.parse(snapshot.email)
        except Mistake as mistake:
            raise Unreachable(f"The email address cannot be used. {mistake}") from None

    def compose(self, message: Message) -> list[Part]:
        """Make the exact bytes of the mail; attachments are shared parts. Raises ValueError."""
        return mime.parts(message)

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Hold one connection, which is opened when there is something to send."""
        line = self.settings.line()
        try:
            yield line
        finally:
            line.close()
