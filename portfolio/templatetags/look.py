"""How things are shown: icons, statuses, channels and times. The words are the house's; see the style sheets for tones."""

import datetime
from typing import NamedTuple

from django import template
from django.forms import BaseForm, BaseFormSet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class Shown(NamedTuple):
    word: str
    icon: str
    help: str = ""


STATUSES: dict[str, Shown] = {
    "queued": Shown("Queued", "clock", "Written down here, not handed over yet."),
    "deferred": Shown("Deferred", "arrow-repeat", "Put off by the other side. We try again by ourselves."),
    "sent": Shown("Sent", "arrow-up-right", "Handed over. Nothing has been heard since."),
    "delivered": Shown("Delivered", "check-circle", "The recipient's mail server or phone network took it."),
    "opened": Shown("Opened", "envelope-open", "Someone or something loaded it. A machine can do that too."),
    "clicked": Shown("Clicked", "hand-index", "A link in it was followed."),
    "bounced": Shown(
        "Bounced",
        "arrow-90deg-left",
        "It came back. Hard: for good. Soft: for now. Spam-filtered: refused as spam.",
    ),
    "spam": Shown("Marked as spam", "flag", "It arrived, and the recipient complained."),
    "failed": Shown("Failed", "x-octagon", "It could not be handed over, and we have stopped trying."),
    "dropped": Shown(
        "Dropped", "slash-circle", "Not sent: an earlier hard bounce or complaint blocks this address."
    ),
    "unconfirmed": Shown(
        "Unconfirmed",
        "question-circle",
        "The line broke while we handed it over. It may have arrived. Not sent again unless you say so.",
    ),
    # Of a handover, in a timeline.
    "attempted": Shown("Handing over", "arrow-right", "Written down just before the line was opened."),
    "pending": Shown("Queued", "clock", "Set back to queued by a person."),
    "unsubscribed": Shown("Unsubscribed", "x-circle", "The recipient asked for no more of these."),
    "recorded": Shown("Recorded", "pencil", "Written into the log."),
    # Of a communication.
    "draft": Shown("Draft", "pencil", "Not sent yet. It can be edited and deleted."),
    "scheduled": Shown(
        "Scheduled", "calendar-event", "It goes out at its time. Until then it can be edited."
    ),
    "sending": Shown("Sending", "send", "It is being handed over. It can no longer be changed."),
    # Of a day by which it must arrive.
    "met": Shown("Met", "check", "It arrived by that day."),
    "open": Shown("Open", "clock", "That day has not come, and it can still be met."),
    "at_risk": Shown("At risk", "exclamation-triangle", "It cannot be met unless someone acts."),
    "missed": Shown("Missed", "x-lg", "That day is past, and it had not arrived."),
    # Of a check before sending.
    "unreachable": Shown("Cannot be reached", "person-x"),
    "empty_field": Shown("A field is empty", "braces"),
    "unmakable": Shown("Cannot be made", "x-octagon"),
    "will_drop": Shown("Will be dropped", "slash-circle"),
}

# What the help page says besides; the sentences above stand beside each status as it is shown.
MORE: dict[str, str] = {
    "deferred": "A mailbox that is full, a server that is busy, a phone that is off. We try for 72 hours, then it has failed.",
    "sent": "It is on its way, or it arrived and the other side does not tell. Silence is no proof either way.",
    "delivered": "That is their word, not ours, and it says nothing about whether anybody read it.",
    "opened": (
        "It can be false. Mail programs and scanners load pictures before anybody looks, and many people read with "
        "pictures off. Opens by programs that we know are marked as a machine’s. It never claims that somebody read it."
    ),
    "clicked": "Scanners follow links too, to look for traps. Clicks by programs that we know are marked as a machine’s.",
    "bounced": (
        "A hard bounce says that the address is no good: there is no such mailbox or number. Nothing more is sent to it "
        "until somebody lifts that. A soft bounce says that the address is good and the message could not be taken just "
        "now, for example because the mailbox is full: it is tried again by itself. Refused as spam, it is the words or "
        "our server that were not liked, not the address."
    ),
    "spam": "Nothing more is sent to this address by this channel until somebody lifts that.",
    "failed": "The reason is beside it. Put it right, and send it again or by another channel.",
    "dropped": "Look at the address with the recipient. Whoever may write can lift the block, with a reason.",
    "unconfirmed": "Ask the recipient, or look at what the other side says. What is heard later settles it by itself.",
}

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

CHANNELS: dict[str, Shown] = {
    "email": Shown("Email", "envelope"),
    "post": Shown("Letter", "file-earmark-text"),
    "hybrid": Shown("Letter by print service", "file-earmark-text"),
    "sms": Shown("SMS", "phone"),
    "whatsapp": Shown("WhatsApp", "whatsapp"),
    "push": Shown("Push", "bell"),
    "app": Shown("App", "bell"),
    "portal": Shown("Portal post", "window"),
    "phone": Shown("Phone call", "telephone"),
    "in_person": Shown("In person", "person"),
    "hand": Shown("By hand", "person"),
}


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Draw an icon of templates/_icons.html; without a label it is decoration."""
    kind = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="#i-{}"/></svg>', kind, label, name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', kind, name)


@register.simple_tag
def status(name: str, reason: str = "") -> SafeString:
    """Show a status as icon, word and colour, in that order of trust; the reason in small print under it."""
    shown = STATUSES.get(name) or Shown(str(name).replace("_", " ").capitalize(), "question-circle")
    line = format_html(
        '<span class="status" data-status="{}" title="{}">{}{}</span>',
        name,
        shown.help,
        icon(shown.icon),
        shown.word,
    )
    return format_html("{}<small>{}</small>", line, reason) if reason else line


@register.filter
def status_help(name: str) -> str:
    """Give the sentence that explains a status."""
    return STATUSES[name].help if name in STATUSES else ""


@register.filter
def status_more(name: str) -> str:
    """Give what the help page says besides."""
    return MORE.get(name, "")


@register.filter
def status_word(name: str) -> str:
    return STATUSES[name].word if name in STATUSES else str(name)


@register.filter
def status_icon(name: str) -> str:
    return STATUSES[name].icon if name in STATUSES else "question-circle"


@register.filter
def channel_word(name: str) -> str:
    return CHANNELS[name].word if name in CHANNELS else str(name).replace("_", " ").capitalize()


@register.simple_tag
def channel(name: str) -> SafeString:
    """Show a channel as icon and word; any word that is not ours is something that a person does."""
    shown = CHANNELS.get(name) or Shown(channel_word(name), "person")
    return format_html('<span class="nowrap">{} {}</span>', icon(shown.icon, "sm"), shown.word)


@register.filter
def on(value: datetime.datetime | datetime.date | None) -> str:
    """Write a date: 20 Nov 2026, in the organisation's zone."""
    if value is None:
        return ""
    day = timezone.localtime(value) if isinstance(value, datetime.datetime) else value
    return f"{day.day} {day:%b %Y}"


@register.filter
def weekday_on(value: datetime.datetime | None) -> str:
    """Write a date with its day of the week: Fri 20 Nov 2026."""
    return f"{timezone.localtime(value):%a} {on(value)}" if value else ""


@register.filter
def at(value: datetime.datetime | None) -> str:
    """Write a time with its offset: 09:12 +00:00."""
    if value is None:
        return ""
    moment = timezone.localtime(value)
    offset = moment.strftime("%z")
    return f"{moment:%H:%M} {offset[:3]}:{offset[3:]}"


@register.filter
def moment(value: datetime.datetime | None) -> str:
    """Write a time of today as 10:02, one of another day with its day: 19 Nov, 10:02."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    same = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if same else f"{local.day} {local:%b, %H:%M}"


@register.filter
def clock(value: datetime.datetime | None) -> str:
    """Write a time to the second, for timelines whose offset is said once."""
    return f"{timezone.localtime(value):%H:%M:%S}" if value else ""


@register.filter
def utc(value: datetime.datetime | None) -> str:
    """Write a time as ISO 8601 in UTC."""
    return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""


@register.simple_tag
def when(value: datetime.datetime | None) -> SafeString | str:
    """Write date and time with the offset; UTC on hover."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{} UTC">{}, {}</time>',
        utc(value),
        f"{value.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S}",
        on(value),
        at(value),
    )


@register.filter
def filesize_si(size: int) -> str:
    """Write a size as people read it: 182 kB. Units of 1,000 bytes."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    if size < 999_500:  # what would round to 1000 kB is 1.0 MB
        return f"{size / 1000:.0f} kB"
    return f"{size / 1e6:.1f} MB" if size < 999_950_000 else f"{size / 1e9:.1f} GB"


@register.filter
def things_to_put_right(form: BaseForm | BaseFormSet) -> str:
    """Count the mistakes of a form, or of rows of them, in words, for the notice above: Two things to put right."""
    if isinstance(form, BaseFormSet):
        count = form.total_error_count()
    else:
        count = sum(len(mistakes) for mistakes in form.errors.values())
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} thing{'' if count == 1 else 's'} to put right"
