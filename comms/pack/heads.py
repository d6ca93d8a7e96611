"""Signed heads of a pack, and the proofs that lead from its rows to them.

A proof is a C2SP tlog-proof (https://c2sp.org/tlog-proof): the place of the row, the hashes from its leaf up to the root
(RFC 6962, section 2.1.1), and the signed head itself, so that each can be checked alone, with other people's tools too.
"""

import base64
from dataclasses import dataclass, field

from comms.ledger import checkpoint, merkle, publishing
from comms.ledger.checking_tree import Trust
from comms.ledger.tiles import Tree
from comms.models import Checkpoint, Log, LogKey, OutsideCopy
from comms.pack.rows import Sealed
from comms.witness import first

FIRST = "c2sp.org/tlog-proof@v1"


@dataclass
class Signed:
    """A log, the newest head of it that the pack rests on, and those by which later keys came to be trusted."""

    log: Log
    head: Checkpoint | None
    vouching: list[Checkpoint]
    keys: list[str]
    outside: first.Copies
    shown: dict[int, OutsideCopy] = field(default_factory=dict)  # the copies that rows of the pack speak of

    @property
    def size(self) -> int:
        return self.head.size if self.head else 0

    def covers(self, one: Sealed) -> bool:
        return one.log == self.log.pk and one.place is not None and one.place < self.size

    def first_outside(self, one: Sealed) -> OutsideCopy | None:
        """Give the first copy outside that covers a row."""
        if one.place is None or not self.covers(one):
            return None
        found = self.outside.covering(one.place)
        if found:
            self.shown[found.pk] = found
        return found

    def name(self, head: Checkpoint) -> str:
        """What a head is called in the pack."""
        return f"{self.log.number}-{head.size:09}"


def of_organisation() -> dict[int, Signed]:
    """Give the logs of the organisation in scope by their keys, each with its newest head."""
    return {log.pk: _signed(log) for log in Log.objects.order_by("number")}


def _signed(log: Log) -> Signed:
    keys = list(LogKey.objects.filter(log=log).order_by("pk").values_list("vkey", flat=True))
    head = publishing.newest(log)
    return Signed(
        log, head, _vouching(log) if len(keys) > 1 else [], keys, first.of_log(log, head.size if head else 0)
    )


def _vouching(log: Log) -> list[Checkpoint]:
    """Find the heads in which a new key signed beside a trusted one."""
    trust, found = Trust(log), []
    for head in Checkpoint.objects.filter(log=log).order_by("number").iterator(500):
        known = len(trust.keys)
        if trust.signed(checkpoint.read(head.note)) and len(trust.keys) > known:
            found.append(head)
        if not trust.later:
            break
    return found


class Prover:
    """Makes the proofs of a stretch of rows; reads each tile of their log once."""

    def __init__(self, signed: Signed) -> None:
        self.signed, self.tree = signed, Tree(signed.log)

    def proof(self, place: int) -> str:
        """Give the tlog-proof of the leaf at a place under the newest head."""
        assert self.signed.head
        path = merkle.inclusion(place, self.signed.size, self.tree.perfect)
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in path)
        return f"{FIRST}\nindex {place}\n{hashes}\n{self.signed.head.note}"

    def consistency(self, old: Checkpoint) -> str:
        """Give the proof that the newest head continues an older one: sizes, then the hashes (RFC 6962, section 2.1.2)."""
        path = merkle.consistency(old.size, self.signed.size, self.tree.perfect)
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in path)
        return f"old {old.size}\nnew {self.signed.size}\n{hashes}"
