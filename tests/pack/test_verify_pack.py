"""A pack is checked with Python and nothing else; whatever is altered in it is told in a sentence that names the file."""

import ast
import hashlib
import os
import random
import subprocess
import types
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comms.ledger import checkpoint, merkle
from comms.pack import making, verify_pack
from tests.pack.altering import ALTERATIONS, Alteration, altered, newest
from tests.pack.conftest import signing_key

SOURCE = making.VERIFIER.read_text(encoding="utf-8")
BARE = "/usr/bin/python3"
needs_bare = pytest.mark.skipif(not os.path.exists(BARE), reason="Needs a Python without packages.")


def lay(files, folder):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def faults(files, program=verify_pack):
    """Give what a program finds wrong with files, without a disk between."""
    pack = program.Pack(os.devnull + "/none")
    pack.names = list(files)

    def read(name):
        if name not in files:
            raise program.Wrong(name, "It is missing.")
        return files[name]

    pack.read = read
    return checked(program, pack)


def checked(program, pack, given=(), kept=()):
    check = program.Check(pack, list(given), list(kept))
    check.run()
    return check.faults


def told(found, one):
    return any(name.startswith(one.file) and one.words in words for name, words in found)


@needs_bare
def test_a_bare_python_verifies_a_pack_in_an_empty_folder(made, tmp_path):
    folder = lay(made, tmp_path / "pack")

    ended = subprocess.run(
        [BARE, "-I", "-S", "verify_pack.py"], cwd=folder, env={}, capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "This pack holds." in ended.stdout
    assert "email to Ann Ellery <ann@home.example>: Your arrears" in ended.stdout
    assert "bounced hard" in ended.stdout
    assert sorted(one.name for one in folder.iterdir()) == sorted({name.split("/")[0] for name in made})


def test_the_zip_itself_is_verified_too(made_zip, tmp_path, capsys):
    (tmp_path / "pack.zip").write_bytes(made_zip)

    assert verify_pack.main([str(tmp_path / "pack.zip")]) == 0
    assert "This pack holds." in capsys.readouterr().out


def test_there_are_at_least_fifty_kinds_of_altered_packs():
    assert len(ALTERATIONS) >= 50
    print(f"altered packs: {len(ALTERATIONS)} kinds")


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_an_altered_pack_fails_with_a_sentence_that_names_the_file(made, kind):
    one = ALTERATIONS[kind]
    files = altered(made, one)
    assert files != made

    found = faults(files)

    assert told(found, one), found
    assert all(words.endswith(".") for _, words in found)


def test_the_command_says_so_and_ends_with_one(made, tmp_path, capsys):
    folder = lay(altered(made, ALTERATIONS["the_words_of_a_mail"]), tmp_path / "pack")

    assert verify_pack.main([str(folder)]) == 1
    said = capsys.readouterr().out
    assert "DOES NOT HOLD  messages/00001.eml: It is not the message that was recorded" in said
    assert "This pack does not hold: 1 thing above." in said


# ------------------------------------------------------------------------------- each check of the verifier is needed


def sites():
    """Give each statement of the verifier that finds a fault, by its line."""
    for node in ast.walk(ast.parse(SOURCE)):
        finds = isinstance(node, ast.Raise) and "Wrong(" in ast.unparse(node)
        notes = (
            isinstance(node, ast.Expr)
            and ast.unparse(node).startswith("self.fault(")
            and "*" not in ast.unparse(node)
        )
        if finds or notes:
            yield node.lineno


class Without(ast.NodeTransformer):
    """Takes one statement out."""

    def __init__(self, line):
        self.line = line

    def visit_Raise(self, node):
        return ast.copy_location(ast.Pass(), node) if node.lineno == self.line else node

    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node) if node.lineno == self.line else node


def without(line):
    tree = ast.fix_missing_locations(Without(line).visit(ast.parse(SOURCE)))
    program = types.ModuleType("verifier")
    exec(compile(tree, "verifier", "exec"), program.__dict__)
    return program


# What is wrong with how the pack lies there, or with what is brought to it from outside, rather than with its files.


def a_link(program, made, place):
    lay(made, place / "elsewhere")
    lay(made, place / "pack")
    (place / "pack/README.txt").unlink()
    (place / "pack/README.txt").symlink_to(place / "elsewhere/README.txt")
    return checked(program, program.Pack(str(place / "pack")))


def a_file_gone(program, made, place):
    lay(made, place)
    (place / "README.txt").unlink()
    return checked(program, program.Pack(str(place)))


def zip_of(files, place, *more):
    with zipfile.ZipFile(place, "w") as file:
        for name, data in [*files.items(), *more]:
            file.writestr(name, data)
    return place


def a_broken_zip(program, made, place):
    path = zip_of(made, place / "pack.zip")
    data = path.read_bytes()
    at = data.index(made["README.txt"][:40])
    path.write_bytes(data[:at] + b"X" + data[at + 1 :])
    return checked(program, program.Pack(str(path)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def a_file_twice_in_the_zip(program, made, place):
    path = zip_of(made, place / "pack.zip", ("README.txt", made["README.txt"]))
    return checked(program, program.Pack(str(path)))


def head_in(made):
    return made[newest(made)].decode()


def another_key_given(program, made, place):
    other = Ed25519PrivateKey.generate()
    key = checkpoint.public_of(other, head_in(made).split("\n")[0]).vkey()
    return checked(program, on_disk(program, made, place), [program.key_of(key)])


def on_disk(program, made, place):
    return program.Pack(str(lay(made, place)))


def another_root_kept(program, made, place):
    head = checkpoint.read(head_in(made)).head
    text = checkpoint.sign(checkpoint.Head(head.origin, head.size, bytes(32)), signing_key())
    return checked(program, on_disk(program, made, place), kept=[("mail.txt", text)])


def a_kept_head_of_somebody_else(program, made, place):
    head = checkpoint.read(head_in(made)).head
    text = checkpoint.sign(head, Ed25519PrivateKey.generate())
    return checked(program, on_disk(program, made, place), kept=[("mail.txt", text)])


def a_kept_head_that_is_none(program, made, place):
    return checked(program, on_disk(program, made, place), kept=[("mail.txt", "Dear Sir")])


OUTSIDE = {
    a_link: ("README.txt", "a link to somewhere else"),
    a_file_gone: ("README.txt", "It is missing"),
    a_broken_zip: ("README.txt", "cannot be unpacked"),
    a_file_twice_in_the_zip: ("README.txt", "more than once"),
    another_key_given: ("public-keys.txt", "not the one that you gave"),
    another_root_kept: ("mail.txt", "another one when it had"),
    a_kept_head_of_somebody_else: ("mail.txt", "not signed with the key of the log"),
    a_kept_head_that_is_none: ("mail.txt", "not a signed head"),
}


@pytest.mark.parametrize("act", OUTSIDE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_wrong_around_a_pack_is_told(made, tmp_path, act):
    assert told(act(verify_pack, made, tmp_path), Alteration(act, False, *OUTSIDE[act]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_check_that_is_taken_out_is_missed(made, tmp_path):
    """Remove each check in turn: then some altered pack is no longer told of as it must be."""
    packs = {kind: altered(made, one) for kind, one in ALTERATIONS.items()}
    places, unseen = (tmp_path / str(n) for n in range(10_000)), []
    for line in sites():
        program = without(line)
        outside = any(
            _missed(lambda: act(program, made, _folder(places)), Alteration(act, False, *said))  # noqa: B023
            for act, said in OUTSIDE.items()
        )
        if not outside and not any(
            _missed(lambda: faults(packs[kind], program), one)  # noqa: B023
            for kind, one in ALTERATIONS.items()
        ):
            unseen.append(SOURCE.split("\n")[line - 1])
    print(f"checks of the verifier: {len(list(sites()))} removed, each seen")
    assert not unseen


def _folder(places):
    place = next(places)
    place.mkdir()
    return place


def _missed(act, one):
    try:
        return not told(act(), one)
    except Exception:
        return True


def test_what_the_verifier_says_of_it_all(made, tmp_path, capsys):
    lay(made, tmp_path / "pack")
    (tmp_path / "pack/.DS_Store").write_bytes(b"x")
    (tmp_path / "key").write_bytes(made["public-keys.txt"])
    (tmp_path / "head").write_text(head_in(made).replace("\n", "\r\n"), newline="")

    words = [
        str(tmp_path / "pack"),
        "--key",
        str(tmp_path / "key"),
        "--head",
        str(tmp_path / "head"),
        "--list",
    ]
    assert verify_pack.main(words) == 0
    said = capsys.readouterr().out

    assert "head is the same as in this pack." in said and ".DS_Store is not of the pack" in said
    assert "The head is signed with the key that you gave." in said


def test_what_cannot_be_checked_is_neither_yes_nor_no(tmp_path, capsys):
    (tmp_path / "other.zip").write_bytes(b"PK nothing")

    assert verify_pack.main([str(tmp_path)]) == 2
    assert verify_pack.main([str(tmp_path / "other.zip")]) == 2
    assert verify_pack.main([str(tmp_path), "--key", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().out.count("It could not be checked") == 3


# --------------------------------------------------------------------- its arithmetic is that of others, and no looser


def test_its_signatures_are_those_of_another_implementation():
    rng = random.Random(8032)
    for _ in range(15):
        private = Ed25519PrivateKey.generate()
        public, message = private.public_key().public_bytes_raw(), rng.randbytes(rng.randrange(90))
        signature = private.sign(message)
        assert verify_pack.signed(public, message, signature)
        for wrong in (public, message + b".", signature), (public, message, bytes(64)):
            assert not verify_pack.signed(*wrong)
        place, bit = rng.randrange(64), 1 << rng.randrange(8)
        changed = bytes(one ^ bit if at == place else one for at, one in enumerate(signature))
        assert not verify_pack.signed(public, message, changed)
        assert not verify_pack.signed(public[:31], message, signature)
        assert not verify_pack.signed(public, message, signature[:63])


def test_points_that_are_none_are_refused():
    """Coordinates from 2^255 - 19 on, a negative zero, and what is on no curve (RFC 8032, section 5.1.3)."""
    for data in (2**255 - 18, 2**255 - 19, 1 | 1 << 255, 2):
        assert verify_pack.decoded(data.to_bytes(32, "little")) is None


def test_its_tree_is_that_of_the_record():
    leaves = [hashlib.sha256(bytes([0, n % 256, n // 256])).digest() for n in range(70)]
    for size in range(1, 70):
        tree = merkle.root_of(leaves[:size])
        kept = {}

        def perfect(height, index, kept=kept):
            width = 1 << height
            return kept.setdefault(
                (height, index), merkle.root_of(leaves[index * width : (index + 1) * width])
            )

        for place in range(size):
            path = merkle.inclusion(place, size, perfect)
            assert verify_pack.root_of(leaves[place], place, size, path) == tree
            for wrong in [*path, tree], path[:-1]:
                if wrong != path:
                    assert verify_pack.root_of(leaves[place], place, size, wrong) != tree
            assert verify_pack.root_of(leaves[place], size, size, path) is None
