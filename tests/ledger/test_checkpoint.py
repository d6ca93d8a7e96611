"""Signed heads are C2SP's: the published samples are read, ours are of their form, and nothing else is taken."""

import base64
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comms.ledger import checkpoint
from comms.ledger.checkpoint import Head, Key, Unreadable

# https://c2sp.org/tlog-checkpoint; and the sample of golang.org/x/mod/sumdb/note, which C2SP's format comes from.
SAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_BODY = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
NEUMANN_SIGNED = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEAD = Head("comms.example.uk/log/7f3a9c", 20852, bytes(32))


def test_the_sample_of_the_standard_is_read():
    note = checkpoint.read(SAMPLE)

    assert (note.head.origin, note.head.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(note.head.root).decode() == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert note.head.body() == note.body
    assert [(name, len(signature)) for name, _, signature in note.signatures] == [(note.head.origin, 64)]


def test_the_published_sample_of_a_signature_holds_with_its_published_key():
    key, packed = Key.read(NEUMANN), base64.b64decode(NEUMANN_SIGNED)

    assert key.vkey() == NEUMANN
    assert packed[:4] == key.id
    assert key.signed(NEUMANN_BODY, packed[4:])
    assert not key.signed(NEUMANN_BODY.replace("answer", "Answer"), packed[4:])


def test_what_is_signed_is_read_back():
    key = checkpoint.public_of(KEY, HEAD.origin)
    text = checkpoint.sign(HEAD, KEY)

    assert text.startswith(
        f"comms.example.uk/log/7f3a9c\n20852\n{'A' * 43}=\n\n— comms.example.uk/log/7f3a9c "
    )
    note = checkpoint.read(text)
    assert note.head == HEAD and note.is_signed_by(key)
    assert Key.read(key.vkey()) == key


def test_a_note_of_two_keys_holds_with_each_and_with_no_third():
    second, third = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    note = checkpoint.read(checkpoint.sign(HEAD, KEY, second))

    signed = [note.is_signed_by(checkpoint.public_of(key, HEAD.origin)) for key in (KEY, second, third)]
    assert signed == [True, True, False]
    assert not note.is_signed_by(checkpoint.public_of(KEY, "another.example/log/1"))


def test_signatures_of_others_do_not_stand_in_the_way():
    witness = "— witness.example " + base64.b64encode(b"\4abc" + bytes(72)).decode() + "\n"

    assert checkpoint.read(checkpoint.sign(HEAD, KEY) + witness).is_signed_by(
        checkpoint.public_of(KEY, HEAD.origin)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        SAMPLE.replace("\n\n", "\n"),
        SAMPLE.replace("20852163", "020852163"),
        SAMPLE.replace("20852163", "-1"),
        SAMPLE.replace("20852163", "２"),
        SAMPLE.replace("20852163\n", ""),
        SAMPLE.replace("CsUY", "CsU"),
        SAMPLE.replace("q2I=", "q2J="),
        SAMPLE.replace("— ", "- "),
        SAMPLE.replace("Az3g", "Az3"),
        SAMPLE.removesuffix("\n"),
        SAMPLE + "\n",
        SAMPLE.replace("example.com", "exam\tple.com", 1),
        "\n" + SAMPLE,
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(Unreadable):
        checkpoint.read(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("Peter", "Paul"),
        NEUMANN[:-4],
        "a b+1+AQ==",
    ],
)
def test_what_is_no_key_is_refused(vkey):
    with pytest.raises(Unreadable):
        Key.read(vkey)


def test_no_mutated_note_holds():
    rng = random.Random(3)
    key, text = checkpoint.public_of(KEY, HEAD.origin), checkpoint.sign(HEAD, KEY)
    held = refused = 0
    for _ in range(10_000):
        place = rng.randrange(len(text))
        wrong = text[:place] + chr(rng.randrange(10, 127)) + text[place + 1 :]
        try:
            holds = checkpoint.read(wrong).is_signed_by(key)
        except Unreadable:
            holds = False
        held += holds
        refused += not holds
        assert not holds or wrong == text
    print(f"notes: {refused} mutated refused, {held} that were the note itself accepted")
