"""WhatsApp, through Twilio: the words go into the places of a template that WhatsApp has approved."""

import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal

from comms.channels import segments, twilio_request
from comms.channels.base import Channel, Line, Message, Part, Said, Snapshot
from comms.channels.twilio_request import TwilioSettings

MOST = 1600  # characters of free words (https://www.twilio.com/docs/api/errors/21617)
MOST_IN_PLACES = 1024  # characters that a template has for everything
SOURCES = ("name", "sender", "subject", "words")


@dataclass(frozen=True, slots=True)
class Template:
    """An approved content template: its id (HX…), and for each of its places what fills it, one of SOURCES."""

    content: str
    places: Mapping[str, str] = field(
        default_factory=lambda: {str(place): source for place, source in enumerate(SOURCES, 1)}
    )

    def __post_init__(self) -> None:
        if unknown := set(self.places.values()) - set(SOURCES):
            raise ValueError(f"A template's place is filled with one of {SOURCES}, not {sorted(unknown)}.")

    def filled(self, said: Said) -> dict[str, str]:
        """Give what fills each place, in one line."""
        return {place: _flat(getattr(said, source)) for place, source in self.places.items()}


class WhatsAppChannel(Channel):
    name = "whatsapp"
    needs = "phone"
    needs_opt_in = True  # WhatsApp's rule: whoever is written to has agreed to it before
    by_person = False
    form = twilio_request.FORM

    def __init__(
        self, settings: TwilioSettings, template: Template | None = None, price: Decimal | None = None
    ) -> None:
        """Take the template, and the price of a message, in pence, where it is known.

        Without a template free words are sent, which WhatsApp takes only in an open conversation.
        """
        self.settings, self.template, self.price = settings, template, price

    def takes(self, said: Said) -> str:
        """Count all that fills the template's places: its name and subject take room like the words."""
        filled = self.template.filled(said).values() if self.template else [segments.unix(said.words).strip()]
        counted = f"{sum(map(len, filled))} of {MOST_IN_PLACES if self.template else MOST} characters"
        return counted if self.price is None else f"{counted}, about {segments.written(self.price)}p"

    def pence(self, words: str) -> Decimal | None:
        return self.price

    def places(self, said: Said) -> list[tuple[str, str]]:
        return list(self.template.filled(said).items()) if self.template else []

    @property
    def dials(self) -> str:
        return self.settings.api

    def address(self, snapshot: Snapshot) -> str:
        """Give the recipient's mobile number. Raises Unreachable."""
        return twilio_request.mobile(snapshot)

    def compose(self, message: Message) -> list[Part]:
        """Make the request that is sent. Raises ValueError."""
        if message.attachments:
            raise ValueError(twilio_request.NO_FILES.format("WhatsApp"))
        words = self._in_places(message, self.template) if self.template else _free(message)
        to, sender = f"whatsapp:{message.to.address}", f"whatsapp:{self.settings.sender}"
        return twilio_request.request(self.settings, message, to, sender, **words)

    def line(self) -> AbstractContextManager[Line]:
        return twilio_request.line(self.settings)

    def _in_places(self, message: Message, template: Template) -> dict[str, str]:
        words = message.words or message.text
        filled = template.filled(Said(message.to.name, message.sender.name, message.subject, words))
        if empty := next((place for place, value in filled.items() if not value), ""):
            raise ValueError(f"The template's place {{{{{empty}}}}} has nothing to fill it.")
        if (length := sum(map(len, filled.values()))) > MOST_IN_PLACES:
            over = length - MOST_IN_PLACES
            raise ValueError(f"WhatsApp has no room for {over} of these characters. Shorten it.")
        variables = json.dumps(filled, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return {"ContentSid": template.content, "ContentVariables": variables}


def _free(message: Message) -> dict[str, str]:
    words = segments.unix(message.words or message.text).strip()
    if not words:
        raise ValueError("There are no words in it. Write what the message says.")
    if len(words) > MOST:
        raise ValueError(f"WhatsApp takes {MOST} characters. Shorten it by {len(words) - MOST}.")
    return {"Body": words}


def _flat(text: str) -> str:
    """Write a text in one line: WhatsApp takes no line break, tab or row of spaces in a template's place."""
    return re.sub(r"\s+", " ", text).strip()
