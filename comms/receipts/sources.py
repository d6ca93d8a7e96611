"""Who reads receipts of which source. A parser takes a Receipt and gives Heard, Ignored or Odd; it asks no database."""

from comms.receipts import mail, mailgun_events
from comms.receipts.heard import Source
from comms.receipts.hooks import inbound, tracking, twilio
from comms.receipts.hooks.providers import PROVIDERS
from comms.receipts.hooks.taking import INBOUND

ASKED = " asked"  # what a provider was asked for, beside what it posts by itself

SOURCES: dict[str, Source] = {
    **{name: Source(tracking.parser(name), name, watches=True) for name in PROVIDERS},
    **{name + INBOUND: Source(inbound.parser(name), "mail") for name in PROVIDERS},
    "mail": Source(mail.read, "mail"),
    "twilio": Source(twilio.read, "twilio"),
    f"mailgun{ASKED}": Source(mailgun_events.read, "mailgun", watches=True),
}
