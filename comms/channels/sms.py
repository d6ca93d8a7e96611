"""SMS: a mobile number, words that fit into ten segments, and the line to Twilio."""

from contextlib import AbstractContextManager
from decimal import Decimal

from comms.channels import segments, twilio_request
from comms.channels.base import Channel, Line, Message, Part, Said, Snapshot
from comms.channels.twilio_request import TwilioSettings

MOST_SEGMENTS = 10


class SmsChannel(Channel):
    name = "sms"
    needs = "phone"
    needs_opt_in = False
    by_person = False
    form = twilio_request.FORM

    def __init__(self, settings: TwilioSettings, price: Decimal | None = None) -> None:
        """Take the price of a segment, in pence, where it is known."""
        self.settings, self.price = settings, price

    def takes(self, said: Said) -> str:
        return segments.describe(segments.count(said.words.strip()), self.price)

    def pence(self, words: str) -> Decimal | None:
        return None if self.price is None else segments.count(words.strip()).pence(self.price)

    @property
    def dials(self) -> str:
        return self.settings.api

    def address(self, snapshot: Snapshot) -> str:
        """Give the recipient's mobile number. Raises Unreachable."""
        return twilio_request.mobile(snapshot)

    def compose(self, message: Message) -> list[Part]:
        """Make the request that is sent: the words alone, without the mail's head and foot. Raises ValueError."""
        if message.attachments:
            raise ValueError(twilio_request.NO_FILES.format("SMS"))
        words = segments.unix(message.words or message.text).strip()
        counted = segments.count(words)
        if not words:
            raise ValueError("There are no words in it. Write what the text says.")
        if counted.segments > MOST_SEGMENTS:
            raise ValueError(_too_long(counted))
        return twilio_request.request(
            self.settings, message, message.to.address, self.settings.sender, Body=words
        )

    def line(self) -> AbstractContextManager[Line]:
        return twilio_request.line(self.settings)


def _too_long(counted: segments.Segments) -> str:
    over = counted.units - MOST_SEGMENTS * segments.EACH[counted.encoding]
    said = f"It takes {counted.segments} segments, and a text may have {MOST_SEGMENTS}."
    because = " or write it with plainer characters" if counted.culprits else ""
    return f"{said} Shorten it by {segments.counted_as(max(over, 1), 'character')}{because}."
