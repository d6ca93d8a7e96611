"""The filters that are set, in words: what the chips of the page and the list of exports say."""

import datetime
from typing import NamedTuple

from comms.log.filters import CHANNELS, LINKED, WINDOWS, LogFilter
from comms.log.listing import Listing


class Chip(NamedTuple):
    name: str
    label: str
    value: str
    remove_url: str = ""


def window_words(filter: LogFilter) -> str:
    """Say which dates are shown."""
    if filter.window != "dates":
        return dict(WINDOWS)[filter.window]
    since, until = filter.values.get("since"), filter.values.get("until")
    if since and until:
        return f"{day(since)} to {day(until)}" if since != until else day(since)
    return f"From {day(since)}" if since else f"Until {day(until)}"


def day(date: datetime.date | None) -> str:
    return "" if date is None else f"{date.day} {date:%b %Y}"


def words(filter: LogFilter) -> dict[str, str]:
    """Say for each filter but the dates what it is set to."""
    said = {}
    for name, value in filter.values.items():
        if name in ("sent", "since", "until"):
            continue
        if name in LINKED:
            names = dict(filter.names.choices(name))
            said[name] = ", ".join(names[public_id] for public_id in value)
        elif name == "channel":
            said[name] = ", ".join(dict(CHANNELS).get(word, word) for word in value)
        elif choices := filter.filters[name].extra.get("choices"):
            chosen = value if isinstance(value, list) else [value]
            said[name] = ", ".join(str(dict(choices)[word]) for word in chosen)
        else:
            said[name] = str(value)
    return said


def chips(listing: Listing) -> list[Chip]:
    """Make a chip for each filter that is set, but the dates and the words, which have a place of their own."""
    return [
        Chip(name, str(listing.filter.filters[name].label), value, listing.address(**{name: None}))
        for name, value in words(listing.filter).items()
        if name not in listing.fixed and name != "q"
    ]
