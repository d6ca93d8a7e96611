#!/usr/bin/env python3
"""Check an evidence pack. Needs Python 3.8 or newer and nothing else, and sends nothing anywhere.

    python3 -I verify_pack.py [FOLDER or ZIP] [--key FILE] [--head FILE] [--list]

1. Every file is the one that the manifest names, and there is no other. 2. Each signed head is signed (C2SP signed note,
Ed25519 of RFC 8032) with a key of the log. 3. Each row of the record is in the log under such a head (RFC 6962 inclusion,
C2SP tlog-proof). 4. What is shown of each row is what the row commits to (HMAC-SHA-256). 5. Each message, receipt and
attachment is, byte for byte, the one that its row speaks of.

Exit code 0: all holds; 1: something does not, each in a sentence that names the file; 2: it could not be checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import zipfile
import zlib
from typing import Any, Dict, List, Tuple

Point = Tuple[int, int, int, int]  # extended coordinates
Key = Tuple[str, bytes, bytes]  # name, id, public key
Head = Tuple[str, int, bytes, str, List[Tuple[str, bytes, bytes]]]  # origin, size, root, body, signatures
Said = Dict[str, Any]

FORM = "blockpost-evidence-pack/1"
MANIFEST = "manifest.json"
# What a leaf of each kind commits to, by the newest form of it that this program knows.
KINDS = {
    "entry": (2, ("about", "bytes", "sender", "to", "words")),
    "event": (1, ("receipt", "said")),
    "ticket": (1, ("done",)),
    "log": (1, ()),
    "key": (1, ()),
}
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what computers put into folders by themselves
FOLDERS = ("messages/", "attachments/", "receipts/", "proofs/", "checkpoints/", "exhibits/", "timestamps/")
SHOWN = 40  # messages that are listed unless all are asked for


class Wrong(Exception):
    """Raised for what does not hold: the file, and what is wrong with it."""


# ------------------------------------------------------------------------------ Ed25519 (RFC 8032, sections 5.1 and 6)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(one: Point, other: Point) -> Point:
    """Add two points in extended coordinates (section 5.1.4)."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """Multiply a point by a number."""
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def same(one: Point, other: Point) -> bool:
    """Say whether two points are the same one."""
    return not ((one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P)


def decoded(data: bytes) -> Point | None:
    """Read a point from 32 bytes (section 5.1.3); None where they are none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or (not x and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


Y = 4 * pow(5, P - 2, P) % P
BASE = decoded(Y.to_bytes(32, "little")) or (0, 1, 1, 0)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature of a message is of a public key (section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = decoded(public), decoded(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or point is None or number >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    return same(times(number, BASE), add(point, times(int.from_bytes(digest, "little") % L, key)))


# ---------------------------------------------------------------------------------- heads (C2SP) and the tree (RFC 6962)


def unpacked(text: str) -> bytes:
    """Read base64 of which there is only one way to write it. Raises ValueError."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64")
    return data


def key_of(line: str) -> Key:
    """Read a public key: name+id+base64 of the byte 1 and 32 bytes. Raises ValueError."""
    name, number, packed = line.split("+", 2)
    data = unpacked(packed)
    ident = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != 1 or ident.hex() != number:
        raise ValueError("key")
    return name, ident, data[1:]


def head_of(text: str) -> Head:
    """Read a signed head: (name, size, root, body, signatures). Raises ValueError."""
    body, blank, after = text.rpartition("\n\n")
    lines = body.split("\n")
    if not blank or not after.endswith("\n") or len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise ValueError("head")
    root, found = unpacked(lines[2]), []
    for line in after[:-1].split("\n"):
        mark, name, packed = line.split(" ")
        data = unpacked(packed)
        if mark != "\u2014" or len(root) != 32:
            raise ValueError("head")
        found.append((name, data[:4], data[4:]))
    return lines[0], int(lines[1]), root, body + "\n", found


def signers(head: Head, keys: list[Key]) -> list[Key]:
    """List the keys, of those given, that signed a head."""
    name, _, _, body, signatures = head
    return [
        key
        for key in keys
        if key[0] == name
        and any(
            (key[0], key[1]) == (by, ident) and signed(key[2], body.encode(), signature)
            for by, ident, signature in signatures
        )
    ]


def node(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes | None:
    """Give the root that an inclusion proof leads to (RFC 9162, section 2.1.3.2); None where it leads nowhere."""
    if not 0 <= place < size:
        return None
    at, end, found = place, size - 1, leaf
    for step in path:
        if not end:
            return None
        if at & 1 or at == end:
            found = node(step, found)
            while at and not at & 1:
                at, end = at >> 1, end >> 1
        else:
            found = node(found, step)
        at, end = at >> 1, end >> 1
    return None if end else found


def grows(old: int, new: int, before: bytes, after: bytes, path: list[bytes]) -> bool:
    """Say whether a tree begins with an older one (RFC 9162, section 2.1.4.2)."""
    if not 0 < old < new:
        return old == new and before == after and not path
    steps = ([before] if not old & (old - 1) else []) + path
    if not steps:
        return False
    at, end = old - 1, new - 1
    while at & 1:
        at, end = at >> 1, end >> 1
    first = last = steps[0]
    for step in steps[1:]:
        if not end:
            return False
        if at & 1 or at == end:
            first, last = node(step, first), node(step, last)
            while at and not at & 1:
                at, end = at >> 1, end >> 1
        else:
            last = node(last, step)
        at, end = at >> 1, end >> 1
    return not end and first == before and last == after


# ------------------------------------------------------------------------------------------------------ reading a pack


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse JSON in which a name stands twice, for then two readers could see two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def canonical(value: Any) -> bytes:
    """Write a value in the one way in which the record writes it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Pack:
    """The files of a pack, in a folder or in its zip."""

    def __init__(self, place: str) -> None:
        self.place, self.zip = place, None
        if os.path.isfile(place):
            self.zip = zipfile.ZipFile(place)
            self.names = [one.filename for one in self.zip.infolist() if not one.filename.endswith("/")]
        else:
            self.names = []
            for folder, _, files in os.walk(place):
                inside = os.path.relpath(folder, place).replace(os.sep, "/")
                self.names += [name if inside == "." else inside + "/" + name for name in files]

    def read(self, name: str) -> bytes:
        """Give the bytes of a file. Raises Wrong."""
        try:
            if name not in self.names:
                raise KeyError(name)
            if self.zip:
                return self.zip.read(name)
            path = os.path.join(self.place, *name.split("/"))
            if os.path.islink(path):
                raise Wrong(name, "It is a link to somewhere else, not a file.")
            with open(path, "rb") as file:
                return file.read()
        except (KeyError, OSError) as gone:
            raise Wrong(name, "It is missing.") from gone
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as broken:
            raise Wrong(name, "It cannot be unpacked: the zip was damaged or altered.") from broken

    def json(self, name: str) -> Any:
        """Read a file of JSON. Raises Wrong."""
        try:
            return json.loads(self.read(name).decode("utf-8"), object_pairs_hook=once)
        except ValueError as wrong:
            raise Wrong(name, "It is not JSON that can be read in one way only.") from wrong

    def lines(self, name: str) -> list[bytes]:
        """Give the lines of a file. Raises Wrong."""
        data = self.read(name)
        if data and not data.endswith(b"\n"):
            raise Wrong(name, "Its last line is broken off.")
        return data.split(b"\n")[:-1]


class Check:
    """One check of a pack: what does not hold, and what is worth saying."""

    def __init__(self, pack: Pack, given: list[Key], kept: list[tuple[str, str]]) -> None:
        self.pack, self.given, self.kept = pack, given, kept
        self.faults: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self.used: set[str] = set()  # the files that some row speaks of
        self.ids: dict[str, str] = {}  # the kind of each row by its id
        self.rows: list[tuple[str, Said, Said, Said]] = []  # kind, leaf, what is disclosed, line of the index
        self.proven: set[str] = set()  # the older heads that the newest one continues
        self.heads: dict[str, tuple[str, Head]] = {}  # those that are signed, by their text: file, head
        self.keys: list[Key] = []
        self.manifest: Said = {}
        self.opened: Said = {}

    def fault(self, name: str, words: str) -> None:
        """Note what does not hold."""
        self.faults.append((name, words))

    def run(self) -> None:
        """Check all of it."""
        for step in (self.files, self.signatures, self.outside, self.record, self.whole):
            try:
                step()
            except Wrong as wrong:
                self.fault(*wrong.args)
                if step in (self.files, self.record):
                    return

    # 1. The files.

    def files(self) -> None:
        """Compare every file with the manifest."""
        self.manifest = self.pack.json(MANIFEST)
        if not isinstance(self.manifest, dict) or self.manifest.get("form") != FORM:
            raise Wrong(MANIFEST, f"It is not the manifest of a pack that this program knows ({FORM}).")
        listed = self.manifest.get("files")
        if not isinstance(listed, dict) or not all(isinstance(one, dict) for one in listed.values()):
            raise Wrong(MANIFEST, "It does not list the files of the pack.")
        for name in sorted(set(self.pack.names) - set(listed) - {MANIFEST}):
            if name.rpartition("/")[2] in LITTER:
                self.remarks.append(f"{name} is not of the pack and was left alone.")
            else:
                self.fault(name, "The manifest does not know it: it was added later.")
        for name in sorted({name for name in self.pack.names if self.pack.names.count(name) > 1}):
            self.fault(name, "It is in the zip more than once, so two people could see two files.")
        for name, facts in listed.items():
            self.one_file(name, facts)

    def one_file(self, name: str, facts: dict[str, Any]) -> None:
        """Compare a file with what the manifest says of it."""
        try:
            data = self.pack.read(name)
        except Wrong as wrong:
            self.fault(*wrong.args)
            return
        if hashlib.sha256(data).hexdigest() != facts.get("sha256") or len(data) != facts.get("bytes"):
            self.fault(
                name, "It is not the file that the manifest names: it was altered after the pack was made."
            )

    # 2. The heads.

    def signatures(self) -> None:
        """Read the keys and the heads, and see who signed what."""
        try:
            self.keys = [key_of(line.decode()) for line in self.pack.lines("public-keys.txt")]
        except ValueError as wrong:
            raise Wrong("public-keys.txt", "It holds a line that is not the public key of a log.") from wrong
        trusted = self.trusted()
        for name in sorted(one for one in self.named("checkpoints/") if one.endswith(".txt")):
            text = self.pack.read(name).decode("utf-8", "replace")
            try:
                head = head_of(text)
            except ValueError:
                self.fault(name, "It is not a signed head of a log.")
                continue
            by = signers(head, trusted)
            if not by:
                self.fault(name, "It is not signed with the log's key, so anybody could have written it.")
                continue
            # A later key is trusted once it has signed beside one that is.
            trusted += [key for key in signers(head, self.keys) if key not in trusted]
            self.heads[text] = (name, head)
        for name in sorted(one for one in self.named("checkpoints/") if not one.endswith(".txt")):
            self.continues(name)
        for name in sorted(self.named("timestamps/")):
            if name.endswith(".tsr"):
                self.stamped(name)

    def continues(self, name: str) -> None:
        """Check the proof that one head of the pack continues another."""
        first, _, last = name.partition("-to-")
        before, log = first + ".txt", first.rpartition("/")[2].partition("-")[0]
        after = "checkpoints/%s-%s.txt" % (log, last.partition(".")[0])
        held = {file: head for file, head in self.heads.values()}
        if before not in held or after not in held:
            self.fault(name, "It is no proof about two heads of this pack that are signed.")
            return
        old, new = held[before], held[after]
        try:
            lines = self.pack.read(name).decode().split("\n")
            path = [unpacked(one) for one in lines[2:-1]]
        except ValueError:
            lines, path = [], []
        if lines[:2] != ["old %d" % old[1], "new %d" % new[1]] or not grows(
            old[1], new[1], old[2], new[2], path
        ):
            self.fault(
                name,
                "It does not prove that the newest head continues this one: the log was another one then.",
            )
            return
        self.proven.add(before)

    def stamped(self, name: str) -> None:
        """See that a time-stamp is of the head that it stands for: the head's SHA-256 is what was stamped (RFC 3161)."""
        head = "checkpoints/" + name[len("timestamps/") : -len(".tsr")] + ".txt"
        digest = hashlib.sha256(self.pack.read(head)).digest()
        # MessageImprint: SHA-256 (2.16.840.1.101.3.4.2.1), an OCTET STRING of 32 bytes (RFC 3161, section 2.4.2).
        if b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20" + digest not in self.pack.read(
            name
        ):
            self.fault(name, "It is no time-stamp of %s." % head)
            return
        self.remarks.append(
            "%s is a time-stamp of %s. Its signature needs a program of its own: "
            "openssl ts -verify -in %s -data %s -CAfile CERTIFICATES" % (name, head, name, head)
        )

    def trusted(self) -> list[Key]:
        """Begin with the keys that were given; without any, with the first of each log in the pack."""
        if self.given:
            for key in self.given:
                if any(key[0] == one[0] for one in self.keys) and key not in self.keys:
                    self.fault(
                        "public-keys.txt", f"The key of {key[0]} is not the one that you gave with --key."
                    )
            return list(self.given)
        first: dict[str, Key] = {}
        for key in self.keys:
            first.setdefault(key[0], key)
        return list(first.values())

    def named(self, folder: str) -> list[str]:
        """List the files of a folder, as the manifest has them."""
        return [name for name in self.manifest["files"] if name.startswith(folder)]

    # 3. Heads from outside.

    def outside(self) -> None:
        """Compare the heads of the pack with those that somebody has kept, by size or by a proof that one continues the other."""
        for place, text in self.kept:
            try:
                head = head_of(text)
            except ValueError:
                self.fault(place, "It is not a signed head of a log.")
                continue
            if not signers(head, self.trusted()):
                self.fault(place, "This head is not signed with the key of the log.")
                continue
            self.compare(place, head)

    def compare(self, place: str, head: Head) -> None:
        """Compare one head with those of the pack."""
        others = {one[1]: one for _, one in self.heads.values() if one[0] == head[0]}
        if head[1] in others:
            if others[head[1]][2] != head[2]:
                self.fault(place, "It says that the log was another one when it had %d rows." % head[1])
            else:
                self.remarks.append(f"{place} is the same as in this pack.")
        else:
            self.remarks.append(
                "%s is of the size %d, of which this pack has no head, so the two could not be compared here: ask the "
                "firm for a pack that holds it, or follow docs/verify.md." % (place, head[1])
            )

    # 4. The rows.

    def record(self) -> None:
        """Check row by row: its proof, what it shows, and the bytes that it speaks of."""
        leaves, index = self.pack.lines("entries.jsonl"), self.pack.lines("index.jsonl")
        self.opened = self.pack.json("disclosed.json")
        if not isinstance(self.opened, dict):
            raise Wrong("disclosed.json", "It does not disclose anything by the rows' ids.")
        if len(leaves) != len(index):
            raise Wrong(
                "index.jsonl", "It has %d lines and entries.jsonl has %d." % (len(index), len(leaves))
            )
        self.used.update(("entries.jsonl", "index.jsonl", "disclosed.json"))
        for number, (leaf, line) in enumerate(zip(leaves, index), 1):
            try:
                self.row(number, leaf, line)
            except Wrong as wrong:
                self.fault(*wrong.args)
            except (AttributeError, KeyError, TypeError, ValueError, zlib.error):
                self.fault(
                    "index.jsonl", "Line %d is not of its form, so its row could not be checked." % number
                )
        for ident in self.opened:
            if ident not in self.ids:
                self.fault("disclosed.json", f"It tells of a row, {ident}, that is not in the pack.")

    def row(self, number: int, leaf: bytes, line: bytes) -> None:
        """Check one row. Raises Wrong."""
        try:
            said = json.loads(leaf.decode("utf-8"), object_pairs_hook=once)
            facts = json.loads(line.decode("utf-8"), object_pairs_hook=once)
            kind = said["t"].partition("comms-log/")[2]
            ident = said["id"]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise Wrong("entries.jsonl", "Line %d is not a row of a record." % number) from wrong
        if facts.get("id") != ident or facts.get("kind") != kind:
            raise Wrong(
                "index.jsonl",
                "Line %d speaks of another row than line %d of entries.jsonl." % (number, number),
            )
        if ident in self.ids:
            raise Wrong("entries.jsonl", "Line %d repeats a row." % number)
        self.ids[ident] = kind
        self.proof(number, leaf, facts)
        newest, fields = KINDS.get(kind, (0, ()))
        if said.get("v") not in range(1, newest + 1):
            self.remarks.append(
                "Line %d of entries.jsonl is of a form that this program does not know; only its place in the log was checked."
                % number
            )
            return
        values = self.values(number, ident, said, fields)
        self.rows.append((kind, said, values, facts))
        if kind == "entry":
            self.message(number, said, values, facts)
        elif kind == "event":
            self.event(number, said, values, facts)

    def proof(self, number: int, leaf: bytes, facts: Said) -> None:
        """See that a row is in the log, under a head that is signed. Raises Wrong."""
        name = facts.get("proof")
        if not facts.get("sealed") or not name:
            raise Wrong(
                "entries.jsonl",
                "Line %d was not under a signed head when the pack was made, so nothing proves it. Ask for a new pack."
                % number,
            )
        self.used.add(name)
        first, _, rest = self.pack.read(name).decode("utf-8", "replace").partition("\n")
        middle, _, text = rest.partition("\n\n")
        try:
            lines = middle.split("\n")
            word, place = lines[0].split(" ")
            if first != "c2sp.org/tlog-proof@v1" or word != "index" or str(int(place)) != place:
                raise ValueError("proof")
            path = [unpacked(one) for one in lines[1:]]
        except ValueError as wrong:
            raise Wrong(name, "It is not a proof (C2SP tlog-proof).") from wrong
        if text not in self.heads:
            raise Wrong(name, "It leads to a head that is not in this pack with a signature that holds.")
        held, head = self.heads[text]
        self.used.add(held)
        if (head[0], int(place)) != (facts.get("log"), facts.get("place")):
            raise Wrong("index.jsonl", "Line %d names another place in the log than its proof." % number)
        if root_of(hashlib.sha256(b"\0" + leaf).digest(), int(place), head[1], path) != head[2]:
            raise Wrong(
                name,
                "It does not prove that line %d of entries.jsonl is in the log: the row or the proof was altered."
                % number,
            )
        self.first_outside(number, int(place), facts)

    def first_outside(self, number: int, place: int, facts: Said) -> None:
        """See that the head that is said to have been outside covers the row, and is continued. Raises Wrong."""
        said = facts.get("outside")
        if not said:
            return
        heads = {file: head for file, head in self.heads.values()}
        name = str(said.get("head"))
        newest = max(head[1] for head in heads.values() if head[0] == facts.get("log"))
        if (
            name not in heads
            or (name not in self.proven and heads[name][1] != newest)
            or heads[name][1] <= place
        ):
            raise Wrong("index.jsonl", "Line %d names a head outside that does not cover the row." % number)

    def values(self, number: int, ident: str, said: Said, fields: tuple[str, ...]) -> Said:
        """Open what a row commits to. Raises Wrong."""
        shown, found = self.opened.get(ident), {}
        if not isinstance(shown, dict) or set(shown) != set(fields):
            raise Wrong(
                "disclosed.json",
                "It does not disclose what line %d of entries.jsonl commits to (%s)." % (number, ident),
            )
        for name in fields:
            one = shown[name]
            try:
                message = name.encode() + b"\0" + canonical(one["value"])
                opened = hmac.new(bytes.fromhex(one["salt"]), message, hashlib.sha256).hexdigest()
            except (KeyError, TypeError, ValueError) as wrong:
                raise Wrong(
                    "disclosed.json",
                    "“%s” of line %d of entries.jsonl is not disclosed with its salt." % (name, number),
                ) from wrong
            if opened != said.get(name):
                raise Wrong(
                    "disclosed.json",
                    "“%s” of line %d of entries.jsonl is not what the row commits to: it was altered."
                    % (name, number),
                )
            found[name] = one["value"]
        return found

    def message(self, number: int, said: Said, values: Said, facts: Said) -> None:
        """Compare a message and the files that went with it with what its row says. Raises Wrong."""
        recorded, name = values["bytes"], facts.get("message")
        for file in recorded.get("attachments", []):
            self.attachment(number, file)
        if not recorded.get("layout"):
            return
        if not name:
            raise Wrong("index.jsonl", "Line %d does not name the message, and there is one." % number)
        self.used.add(name)
        data = self.pack.read(name)
        if said.get("withheld"):
            self.withheld(number, name, data, recorded, facts)
        elif hashlib.sha256(data).hexdigest() != recorded["sha256"] or len(data) != said.get("size"):
            raise Wrong(name, "It is not the message that was recorded: it was altered.")

    def attachment(self, number: int, file: Said) -> None:
        """Compare an attachment with its hash in the record. Raises Wrong."""
        names = self.named("attachments/{}".format(file["sha256"]))
        if not names:
            raise Wrong(
                "attachments/{}".format(file["sha256"]),
                "This attachment of line %d of entries.jsonl is missing." % number,
            )
        self.used.add(names[0])
        if hashlib.sha256(self.pack.read(names[0])).hexdigest() != file["sha256"]:
            raise Wrong(names[0], "It is not the attachment that was recorded: it was altered.")

    def withheld(self, number: int, name: str, data: bytes, recorded: Said, facts: Said) -> None:
        """Check, part by part, a message in which a secret was replaced before it was kept. Raises Wrong."""
        own, sizes, at, taken = facts.get("own_part"), facts.get("shared", {}), 0, 0
        if not own:
            raise Wrong(
                "index.jsonl",
                "Line %d does not name the part of the message by which it can be checked." % number,
            )
        self.used.add(own)
        kept = self.pack.read(own)
        if hashlib.sha256(kept).hexdigest() != recorded["personal"]:
            raise Wrong(own, "It is not the part that was recorded: it was altered.")
        mine = zlib.decompress(kept) if kept else b""
        for part in recorded["layout"]:
            size = part if isinstance(part, int) else sizes.get(part, 0)
            piece, at = data[at : at + size], at + size
            if isinstance(part, int):
                holds, taken = piece == mine[taken : taken + size], taken + size
            else:
                holds = hashlib.sha256(piece).hexdigest() == part
            if not holds:
                raise Wrong(name, "It is not the message that was recorded: it was altered.")
        if at != len(data) or taken != len(mine):
            raise Wrong(name, "It is not the message that was recorded: something was added to it.")

    def event(self, number: int, said: Said, values: Said, facts: Said) -> None:
        """Compare what a provider told with what the row says of it. Raises Wrong."""
        if self.ids.get(str(said.get("entry"))) != "entry":
            raise Wrong("entries.jsonl", "Line %d happened to a message that is not in the pack." % number)
        recorded, name = values["receipt"], facts.get("receipt")
        if not recorded:
            return
        if not name:
            raise Wrong("index.jsonl", "Line %d does not name the receipt, and there is one." % number)
        body, headers = name + ".body", name + ".headers.json"
        self.used.update((body, headers))
        if hashlib.sha256(self.pack.read(body)).hexdigest() != recorded["sha256"]:
            raise Wrong(body, "It is not what the provider told us: it was altered.")
        if self.pack.json(headers) != recorded["headers"]:
            raise Wrong(headers, "These are not the headers that came with it: they were altered.")

    # 5. All of it.

    def whole(self) -> None:
        """See that nothing lies beside the rows, and that the manifest counts as we do."""
        for name in sorted(self.manifest["files"]):
            if (
                name.startswith(FOLDERS)
                and not name.startswith(("exhibits/", "timestamps/", "checkpoints/"))
                and name not in self.used
            ):
                self.fault(name, "No row of the pack speaks of it.")
        largest: dict[str, int] = {}
        for _, head in self.heads.values():
            largest[head[0]] = max(head[1], largest.get(head[0], 0))
        for name, head in self.heads.values():
            if head[1] < largest[head[0]] and name not in self.proven:
                self.fault(name, "Nothing in the pack proves that the newest head continues this one.")
        messages = sum(kind == "entry" for kind in self.ids.values())
        if (self.manifest.get("rows"), self.manifest.get("messages")) != (len(self.ids), messages):
            self.fault(
                MANIFEST, "It counts other rows or messages than there are: some were taken out or put in."
            )


# --------------------------------------------------------------------------------------------------------------- saying


def tell(check: Check, everything: bool) -> int:
    """Say in sentences what was found; give the exit code."""
    for remark in check.remarks:
        print("Note: " + remark)
    if check.faults:
        for name, words in check.faults:
            print(f"DOES NOT HOLD  {name}: {words}")
        print(
            "\nThis pack does not hold: %d thing%s above."
            % (len(check.faults), "" if len(check.faults) == 1 else "s")
        )
        return 1
    listing(check, everything)
    facts = check.manifest
    print(
        "This pack holds. %d files, %d messages, %d rows of the record."
        % (len(facts["files"]) + 1, facts["messages"], facts["rows"])
    )
    print("Each row is in the log, as it was when this head of it was signed:")
    for name in sorted({held for held, _ in check.heads.values() if held in check.used}):
        head = next(one for held, one in check.heads.values() if held == name)
        print("  %s: %d rows, root %s" % (head[0], head[1], base64.b64encode(head[2]).decode()))
    if check.given:
        print("The head is signed with the key that you gave.")
    else:
        print(
            "It is signed with the key in public-keys.txt. Compare that with the key that you were given before there was a dispute:"
        )
        for key in check.keys:
            print("  {}+{}+{}".format(key[0], key[1].hex(), base64.b64encode(b"\1" + key[2]).decode()))
    print(
        "The PDF is not checked against the rows: the list above is made of them. README.txt says what this shows and what not."
    )
    return 0


def listing(check: Check, everything: bool) -> None:
    """List the messages as the rows have them."""
    became: dict[str, list[Said]] = {}
    for kind, said, _, _ in check.rows:
        if kind == "event":
            became.setdefault(said["entry"], []).append(said)
    entries = [row for row in check.rows if row[0] == "entry"]
    for _, said, values, facts in entries if everything else entries[:SHOWN]:
        to, words = values["to"], values["words"]
        print(
            "%05d  recorded %s  %s to %s <%s>: %s"
            % (
                facts.get("number", 0),
                said["recorded_at"][:19] + "Z",
                said["channel"],
                to.get("name", ""),
                to.get("address", ""),
                words.get("title", ""),
            )
        )
        for one in became.get(said["id"], []):
            print(
                "         {}  {} {}".format(
                    one["happened_at"][:19] + "Z", one["event"], one.get("bounce", "")
                )
            )
    if len(entries) > SHOWN and not everything:
        print("… and %d more: --list shows all." % (len(entries) - SHOWN))
    print()


def main(words: list[str] | None = None) -> int:
    """Check what the command line names; give the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence pack.")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument(
        "pack", nargs="?", default=here, help="the zip, or the folder that it was unpacked into"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="FILE", help="a public key that you were given"
    )
    parser.add_argument(
        "--head", action="append", default=[], metavar="FILE", help="a head of the log that was kept"
    )
    parser.add_argument("--list", action="store_true", help="list every message")
    asked = parser.parse_args(words)
    try:
        given = []
        for name in asked.key:
            with open(name, encoding="utf-8") as file:
                given += [key_of(line) for line in file.read().split()]
        kept = []
        for name in asked.head:
            with open(name, encoding="utf-8") as file:
                kept.append((name, file.read().replace("\r\n", "\n")))
        pack = Pack(asked.pack)
    except (OSError, ValueError, zipfile.BadZipFile) as fault:
        print(f"It could not be checked: {fault}")
        return 2
    if MANIFEST not in pack.names:
        print(f"It could not be checked: there is no pack in {asked.pack} (no {MANIFEST}).")
        return 2
    check = Check(pack, given, kept)
    check.run()
    return tell(check, asked.list)


if __name__ == "__main__":
    sys.exit(main())
