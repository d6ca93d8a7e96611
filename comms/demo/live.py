"""What goes out as soon as the product runs, by every channel, to addresses that answer in every way.

So the log comes alive: within two minutes there is each of the things that can become of a message.
"""

import datetime

from django.conf import settings
from django.utils import timezone

from comms.demo import browsers, history, wording
from comms.demo.history import Past
from comms.demo.wording import Mailing
from comms.models import Communication, Recipient

SECOND = datetime.timedelta(seconds=1)


def write(past: Past) -> None:
    """Schedule one communication for each channel; nothing where there is no simulator to answer."""
    if not settings.SIMULATOR_SMTP:
        return
    alarm = Mailing(0, "circular", "Fire alarm test on {DAY}", wording.ALARM, track=True)
    _soon(past, Mailing(0, "circular", "Fire alarm test on {DAY}", wording.ALARM, "portal"), place=2)
    _soon(past, Mailing(0, "circular", "A parcel is in the lobby", wording.PARCEL, "push"))
    _soon(past, Mailing(0, "circular", "Your parking permit", wording.PERMIT, "whatsapp"))
    _soon(past, Mailing(0, "circular", "Fire alarm test", wording.ALARM_TEXT, "sms"))
    # Last, and so on top of the log: it is what most becomes of.
    _soon(past, alarm, after=15 * SECOND, rule="else", also=["hybrid"])


def _soon(
    past: Past, mailing: Mailing, after: datetime.timedelta = 0 * SECOND, place: int = 0, **rule: object
) -> None:
    block, at = past.estate.blocks[place], timezone.now() + after  # two years of past took a while to write
    communication = history.draft(past, mailing, block, past.now)
    recipients = history.leaseholders(past, communication, past.now)
    if mailing.channel == "push":
        recipients = browsers.holders(recipients)
    # Those of whom there is most to tell live in the first flats; whoever is sent to last stands on top of the log.
    Recipient.objects.bulk_create(reversed(recipients))
    communication.swap(Communication.EDITABLE, **rule)
    communication.schedule(at=at, by=past.estate.people["manager"])
