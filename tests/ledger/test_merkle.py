"""The tree is that of RFC 6962: as the RFC defines it, and as another implementation (pymerkle) makes it."""

import hashlib
import random
from functools import cache

import pytest
from pymerkle import InmemoryTree, verify_inclusion
from pymerkle.proof import MerkleProof

from comms.ledger import merkle
from comms.ledger.canonical import leaf_hash

LARGEST = 1_025
DATA = [f"entry {n}".encode() for n in range(LARGEST)]
HASHES = [leaf_hash(data) for data in DATA]


@cache
def perfect(height: int, index: int) -> bytes:
    if height == 0:
        return HASHES[index]
    return merkle.node_hash(perfect(height - 1, 2 * index), perfect(height - 1, 2 * index + 1))


@cache
def as_defined(first: int, last: int) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if first == last:
        return hashlib.sha256(b"").digest()
    if last - first == 1:
        return hashlib.sha256(b"\0" + DATA[first]).digest()
    k = 1
    while 2 * k < last - first:
        k *= 2
    return hashlib.sha256(b"\1" + as_defined(first, first + k) + as_defined(first + k, last)).digest()


def path(m: int, first: int, last: int) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if last - first <= 1:
        return []
    k = 1
    while 2 * k < last - first:
        k *= 2
    if m < k:
        return [*path(m, first, first + k), as_defined(first + k, last)]
    return [*path(m - k, first + k, last), as_defined(first, first + k)]


def test_every_root_to_1025_is_as_the_rfc_defines_it_and_as_pymerkle_makes_it():
    other = InmemoryTree(algorithm="sha256")
    grown = merkle.Range()
    for size in range(LARGEST + 1):
        root = merkle.root(size, perfect)
        assert root == as_defined(0, size) == grown.root() == merkle.root_of(HASHES[:size]), size
        if size:
            assert root == other.get_state(size), size
        if size < LARGEST:
            grown.add(HASHES[size])
            other.append_entry(DATA[size])
    print(f"roots: {LARGEST + 1} sizes equal to RFC 6962 and to pymerkle")


def test_a_tree_grows_by_subtrees_as_by_leaves():
    for size in range(1, LARGEST, 37):
        grown = merkle.Range()
        for height, index in merkle.peaks(size):
            grown.add(perfect(height, index), height)
        assert (grown.size, grown.root()) == (size, as_defined(0, size))


def test_inclusion_proofs_are_those_of_the_rfc():
    count = 0
    for size in [*range(1, 66), 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025]:
        root = merkle.root(size, perfect)
        for place in range(size):
            proof = merkle.inclusion(place, size, perfect)
            assert proof == path(place, 0, size)
            merkle.check_inclusion(HASHES[place], place, size, proof, root)
            count += 1
    print(f"inclusion: {count} proofs equal to the RFC's and accepted")


def test_consistency_proofs_are_those_of_the_rfc():
    count = 0
    for size in [*range(1, 66), 255, 256, 257, 512, 513, 1024, 1025]:
        for old in range(1, size + 1):
            proof = merkle.consistency(old, size, perfect)
            assert proof == subproof(old, 0, size, True)
            merkle.check_consistency(old, size, as_defined(0, old), as_defined(0, size), proof)
            count += 1
    print(f"consistency: {count} proofs equal to the RFC's and accepted")


@pytest.fixture(scope="module")
def theirs():
    other = InmemoryTree(algorithm="sha256")
    for data in DATA:
        other.append_entry(data)
    return other


def test_their_proofs_are_accepted_by_ours_and_ours_by_theirs(theirs):
    """Of every size to 1,025, for three places: pymerkle counts them from 1 and begins a path with the leaf."""
    count = 0
    for size in range(1, LARGEST + 1):
        root = merkle.root(size, perfect)
        for place in {0, size // 3, size - 1}:
            proof = theirs.prove_inclusion(place + 1, size)
            mine = merkle.inclusion(place, size, perfect)
            assert proof.path == [HASHES[place], *mine]
            merkle.check_inclusion(HASHES[place], place, size, proof.path[1:], root)
            serial = {**proof.serialize(), "path": [step.hex() for step in [HASHES[place], *mine]]}
            verify_inclusion(HASHES[place], root, MerkleProof.deserialize(serial), index=place + 1, size=size)
            count += 1
    print(f"pymerkle: {count} proofs of {LARGEST} sizes accepted both ways")


def subproof(m: int, first: int, last: int, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == last - first:
        return [] if whole else [as_defined(first, last)]
    k = 1
    while 2 * k < last - first:
        k *= 2
    if m <= k:
        return [*subproof(m, first, first + k, whole), as_defined(first + k, last)]
    return [*subproof(m - k, first + k, last, False), as_defined(first, first + k)]


def mutants(rng, proof):
    """Give proofs that are not this one: a bit other, one step less, one more, two changed places."""
    if proof:
        place, bit = rng.randrange(len(proof)), rng.randrange(256)
        flipped = bytearray(proof[place])
        flipped[bit // 8] ^= 1 << bit % 8
        yield [*proof[:place], bytes(flipped), *proof[place + 1 :]]
        yield proof[:-1]
    yield [*proof, HASHES[0]]
    if len(proof) > 1:
        yield proof[::-1]


def test_no_mutated_proof_is_accepted():
    rng = random.Random(6962)
    refused = 0
    while refused < 20_000:
        size = rng.randrange(2, LARGEST + 1)
        place, old = rng.randrange(size), rng.randrange(1, size)
        root = merkle.root(size, perfect)
        proof = merkle.inclusion(place, size, perfect)
        for wrong in mutants(rng, proof):
            with pytest.raises(merkle.Unproven):
                merkle.check_inclusion(HASHES[place], place, size, wrong, root)
            refused += 1
        with pytest.raises(merkle.Unproven):
            merkle.check_inclusion(HASHES[place - 1], place, size, proof, root)
        before = merkle.root(old, perfect)
        for wrong in mutants(rng, merkle.consistency(old, size, perfect)):
            with pytest.raises(merkle.Unproven):
                merkle.check_consistency(old, size, before, root, wrong)
            refused += 1
    print(f"mutants: {refused} refused")
