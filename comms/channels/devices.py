"""Addresses that are devices: one recipient may hold several, and a message goes to each of them."""

from collections.abc import Sequence
from dataclasses import replace

from comms.channels.base import Line, Outcome, Outgoing

APART = "\n"  # neither JSON as we write it nor a registration token has a line break


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
    return replace(
        best,
        reply="\n".join(outcome.reply for outcome in outcomes if outcome.reply),
        no_line=all(outcome.no_line for outcome in outcomes),
        gone=tuple(address for outcome in outcomes for address in outcome.gone),
    )
