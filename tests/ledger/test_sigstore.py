"""Our signed heads and proofs are taken by sigstore's own client, and nothing that was changed in them."""

import base64
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring
from sigstore._utils import KeyID
from sigstore.errors import VerificationError
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails

from comms.ledger import checkpoint, merkle
from comms.ledger.checkpoint import Head
from tests.ledger.test_merkle import DATA, LARGEST, perfect

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "larch.example/log/7f3a9c"


def ring(private):
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Keyring([PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)])


def taken(text, private=KEY):
    """Have their client read and verify a head; gives what it makes of it."""
    found = SignedCheckpoint.from_text(text)
    found.signed_note.verify(ring(private), KeyID(checkpoint.public_of(KEY, NAME).id))
    return found.checkpoint


def test_heads_of_every_size_to_1025_are_taken():
    for size in range(LARGEST + 1):
        head = Head(NAME, size, merkle.root(size, perfect))
        found = taken(checkpoint.sign(head, KEY))
        assert (found.origin, found.log_size, found.log_hash) == (NAME, size, head.root.hex())
    print(f"sigstore: {LARGEST + 1} heads taken")


def test_a_head_that_was_changed_or_signed_by_another_is_refused():
    text = checkpoint.sign(Head(NAME, 7, merkle.root(7, perfect)), KEY)

    with pytest.raises(VerificationError):
        taken(text.replace("\n7\n", "\n8\n"))
    with pytest.raises(VerificationError):
        taken(text, Ed25519PrivateKey.generate())


def inclusion(place, size, path):
    """Write a proof as their client wants it."""
    proof = SimpleNamespace(
        log_index=place, tree_size=size, hashes=path, root_hash=merkle.root(size, perfect)
    )
    return SimpleNamespace(
        _inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=DATA[place], log_index=place)
    )


def test_proofs_of_every_size_to_1025_are_taken():
    count = 0
    for size in range(1, LARGEST + 1):
        for place in {0, size // 2, size - 1}:
            verify_merkle_inclusion(inclusion(place, size, merkle.inclusion(place, size, perfect)))
            count += 1
    print(f"sigstore: {count} proofs of {LARGEST} sizes taken")


def test_a_proof_that_was_changed_is_refused():
    path = merkle.inclusion(3, 11, perfect)

    for wrong in ([*path[:-1], bytes(32)], path[:-1], [*path, bytes(32)]):
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(inclusion(3, 11, wrong))
