"""Merkle trees of RFC 6962 (RFC 9162, section 2.1), over hashes that are kept somewhere else. Pure.

A perfect subtree is named by its height and its index: of height h and index i it covers the leaves from i·2^h to
(i + 1)·2^h. Whoever has the hashes of those (`Perfect`) can have every root and proof of every size.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Perfect = Callable[[int, int], bytes]
EMPTY = hashlib.sha256(b"").digest()


class Unproven(ValueError):
    """Raised when a proof does not prove what it should."""


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass
class Range:
    """The perfect subtrees that the first so many leaves fall into, largest first; grows to the right."""

    size: int = 0
    nodes: list[bytes] = field(default_factory=list)

    def add(self, node: bytes, height: int = 0) -> None:
        """Append a perfect subtree; what is there must end where one of its height can begin."""
        at = self.size >> height
        while at & 1:
            node = node_hash(self.nodes.pop(), node)
            at >>= 1
        self.nodes.append(node)
        self.size += 1 << height

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes."""
    grown = Range()
    for one in hashes:
        grown.add(one)
    return grown.root()


def peaks(size: int) -> list[tuple[int, int]]:
    """List the perfect subtrees, as (height, index), that a tree of a size consists of, from the left."""
    found, first = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            found.append((height, first >> height))
            first += 1 << height
    return found


def root(size: int, perfect: Perfect) -> bytes:
    """Give the root of the tree of a size."""
    return subtree(0, size, perfect)


def subtree(first: int, last: int, perfect: Perfect) -> bytes:
    """Give MTH(D[first:last]), where first is a multiple of the power of two that is not smaller than the width."""
    grown = Range()
    for height, index in peaks(last - first):
        grown.add(perfect(height, (first >> height) + index), height)
    return grown.root()


def _split(width: int) -> int:
    """Give the largest power of two that is smaller than a width of at least two."""
    return 1 << (width - 1).bit_length() - 1


def inclusion(place: int, size: int, perfect: Perfect) -> list[bytes]:
    """Give the proof that the leaf at a place (from 0) is in the tree of a size, from the leaf upwards."""
    first, last, path = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if place < middle:
            path.append(subtree(middle, last, perfect))
            last = middle
        else:
            path.append(subtree(first, middle, perfect))
            first = middle
    return path[::-1]


def consistency(old: int, size: int, perfect: Perfect) -> list[bytes]:
    """Give the proof that the tree of a size begins with the tree of an older one (1 <= old <= size)."""
    first, last, path = 0, size, []
    whole = True  # the old tree is, so far, the whole of what is looked at
    while old < last:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(subtree(middle, last, perfect))
            last = middle
        else:
            path.append(subtree(first, middle, perfect))
            first, whole = middle, False
    if not whole:
        path.append(subtree(first, last, perfect))
    return path[::-1]


def root_from_inclusion(leaf: bytes, place: int, size: int, proof: list[bytes]) -> bytes:
    """Give the root that a proof leads to (RFC 9162, section 2.1.3.2). Raises Unproven."""
    if not 0 <= place < size:
        raise Unproven("The place is outside the tree.")
    at, end, node = place, size - 1, leaf
    for step in proof:
        if end == 0:
            raise Unproven("The proof is too long.")
        if at & 1 or at == end:
            node = node_hash(step, node)
            while not at & 1 and at:
                at, end = at >> 1, end >> 1
        else:
            node = node_hash(node, step)
        at, end = at >> 1, end >> 1
    if end:
        raise Unproven("The proof is too short.")
    return node


def check_inclusion(leaf: bytes, place: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Raise Unproven unless the leaf is at its place in the tree with the root."""
    if root_from_inclusion(leaf, place, size, proof) != root:
        raise Unproven("The proof leads to another root.")


def check_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> None:
    """Raise Unproven unless the tree begins with the older one (RFC 9162, section 2.1.4.2)."""
    if not 0 < old <= size:
        raise Unproven("The older tree is not the smaller one.")
    if old == size:
        if proof or old_root != root:
            raise Unproven("Trees of one size have two roots.")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        raise Unproven("The proof is too short.")
    at, end = old - 1, size - 1
    while at & 1:
        at, end = at >> 1, end >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if end == 0:
            raise Unproven("The proof is too long.")
        if at & 1 or at == end:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, end = at >> 1, end >> 1
        else:
            after = node_hash(after, step)
        at, end = at >> 1, end >> 1
    if end or before != old_root or after != root:
        raise Unproven("The proof leads to other roots.")
