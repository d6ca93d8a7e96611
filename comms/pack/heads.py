"""Signed heads of a pack, and the proofs that lead from its rows to them.

A proof is a C2SP tlog-proof (https://c2sp.org/tlog-proof): the place of the row, the hashes from its leaf up to the root
(RFC 6962, section 2.1.1), and the signed head itself, so that each can be checked alone, with other people's tools too.
"""

import base64
from dataclasses import dataclass

from comms.ledger import checkpoint, merkle, publishing
from comms.ledger.checking_tree import Trust
from comms.ledger.tiles import Tree
from comms.models import Checkpoint, Log, LogKey
from comms.pack.rows import Sealed

FIRST = "c2sp.org/tlog-proof@v1"


@dataclass
class Signed:
    """A log, the newest head of it that the pack rests on, and those by which later keys came to be trusted."""

    log: Log
    head: Checkpoint | None
    vouching: list[Checkpoint]
    keys: list[str]

    @property
    def size(self) -> int:
        return self.head.size if self.head else 0

    def covers(self, one: Sealed) -> bool:
        return one.log == self.log.pk and one.place is not None and one.place < self.size


def of_organisation() -> dict[int, Signed]:
    """Give the logs of the organisation in scope by their keys, each with its newest head."""
    return {log.pk: _signed(log) for log in Log.objects.order_by("number")}


def _signed(log: Log) -> Signed:
    keys = list(LogKey.objects.filter(log=log).order_by("pk").values_list("vkey", flat=True))
    return Signed(log, publishing.newest(log), _vouching(log) if len(keys) > 1 else [], keys)


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
