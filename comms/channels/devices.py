"""Addresses that are devices: one recipient may hold several, and a message goes to each of them."""

from collections.abc import Sequence
from dataclasses import replace

from comms.channels.base import Kind, Line, Outcome, Outgoing

APART = "\n"  # neither JSON as we write it nor a registration token has a line break

BECAME: dict[Kind, str] = {
    "sent": "taken",
    "unconfirmed": "in doubt",
    "deferred": "put off",
    "bounced": "refused",
    "failed": "refused",
}


def joined(addresses: Sequence[str]) -> str:
    """Write the addresses of several devices as one address."""
    return APART.join(addresses)


def several(many: int, one: str, more: str) -> str:
    """Say how many devices it is, as the log writes such an address: its parts are secrets of machines."""
    return one if many == 1 else f"{many} {more}"


class EachDevice:
    """A line that hands a message over to each device of its recipient, over the line for one of them."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over once to each device; it is sent as soon as one of them took it."""
        addresses = outgoing.envelope_to.split(APART)
        return together([self.line.send(replace(outgoing, envelope_to=one)) for one in addresses])


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Say what became of one message from what became of it at each device.

    One device that took it is enough. Otherwise what may have arrived outranks what can be tried again, and that
    what failed for good: so nothing is sent twice to somebody who may have it.
    """
    rank = ("sent", "unconfirmed", "deferred", "bounced", "failed")
    best = min(outcomes, key=lambda outcome: rank.index(outcome.kind))
    if len(outcomes) == 1:
        return best
    return replace(
        best,
        reply="\n".join(_said(number, outcome) for number, outcome in enumerate(outcomes, 1)),
        no_line=all(outcome.no_line for outcome in outcomes),
        gone=tuple(address for outcome in outcomes for address in outcome.gone),
    )


def _said(number: int, outcome: Outcome) -> str:
    """Say what one of several devices answered, and whether it is forgotten from now on: it has no name of its own."""
    became = "forgotten" if outcome.gone else BECAME[outcome.kind]
    return f"Device {number}, {became}: {' '.join(filter(None, (outcome.reason, outcome.reply)))}".rstrip(
        ": "
    )
