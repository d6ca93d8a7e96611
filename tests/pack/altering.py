"""Kinds of altered packs: each with whether its manifest was made to fit, and the file and the words that must be told."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

Files = dict[str, bytes]


class Alteration(NamedTuple):
    act: Callable[[Files], None]
    fitted: bool  # whether the manifest was made to fit what was altered, as who means to deceive would do
    file: str
    words: str


ALTERATIONS: dict[str, Alteration] = {}


def alters(file: str, words: str, fitted: bool = True, name: str = ""):
    def keep(act):
        ALTERATIONS[name or act.__name__] = Alteration(act, fitted, file, words)
        return act

    return keep


def altered(files: Files, one: Alteration) -> Files:
    """Alter a copy of a pack."""
    files = dict(files)
    one.act(files)
    if one.fitted:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
            if name != "manifest.json"
        }
        files["manifest.json"] = json.dumps(manifest).encode()
    return files


# What stands where, found by what it is rather than by its name.


def first(files: Files, start: str, end: str = "") -> str:
    return min(name for name in files if name.startswith(start) and name.endswith(end))


def newest(files: Files) -> str:
    """The head that the proofs lead to."""
    return max(name for name in files if name.startswith("checkpoints/") and name.endswith(".txt"))


def older(files: Files) -> str:
    """The head that was stamped."""
    return first(files, "checkpoints/", ".txt")


def rows(files: Files) -> list[dict]:
    return [json.loads(line) for line in files["entries.jsonl"].splitlines()]


def index(files: Files) -> list[dict]:
    return [json.loads(line) for line in files["index.jsonl"].splitlines()]


def put_index(files: Files, lines: list[dict]) -> None:
    files["index.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def put_rows(files: Files, lines: list[bytes]) -> None:
    files["entries.jsonl"] = b"".join(line + b"\n" for line in lines)


def opened(files: Files, act: Callable[[dict], None]) -> None:
    said = json.loads(files["disclosed.json"])
    act(said)
    files["disclosed.json"] = json.dumps(said).encode()


def where(files: Files, t: str) -> int:
    return next(at for at, row in enumerate(rows(files)) if row["t"] == f"comms-log/{t}")


def line_with(files: Files, name: str) -> int:
    return next(at for at, line in enumerate(index(files)) if line.get(name))


def flip(data: bytes, at: int = -2) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


# Files that were changed, and nothing else: the manifest does not fit.

PLAIN = {
    "README.txt": "README.txt",
    "the list of rows": "entries.jsonl",
    "the list of places": "index.jsonl",
    "the verifier": "verify_pack.py",
    "a mail": "messages/00001.eml",
    "a file that was attached": "attachments/",
    "a receipt": "receipts/",
    "a photograph": "exhibits/",
    "a proof": "proofs/",
    "a head": "checkpoints/",
    "the keys": "public-keys.txt",
}
for _name, _start in PLAIN.items():

    def _bit(files: Files, start: str = _start) -> None:
        name = first(files, start)
        files[name] = flip(files[name], len(files[name]) // 2)

    def _short(files: Files, start: str = _start) -> None:
        name = first(files, start)
        files[name] = files[name][:-1]

    def _gone(files: Files, start: str = _start) -> None:
        del files[first(files, start)]

    ALTERATIONS[f"one bit of {_name}"] = Alteration(_bit, False, _start, "altered after the pack was made")
    ALTERATIONS[f"the end of {_name}"] = Alteration(_short, False, _start, "altered after the pack was made")
    ALTERATIONS[f"without {_name}"] = Alteration(_gone, False, _start, "It is missing.")


@alters("notes.txt", "it was added later", fitted=False)
def a_file_added(files):
    files["notes.txt"] = b"He said that he had got it."


@alters("manifest.json", "not JSON", fitted=False)
def a_manifest_that_is_broken_off(files):
    files["manifest.json"] = files["manifest.json"][:-9]


@alters("manifest.json", "not JSON", fitted=False)
def a_manifest_that_says_it_twice(files):
    files["manifest.json"] = files["manifest.json"].replace(b"{", b'{"form": "other",', 1)


@alters("manifest.json", "not the manifest of a pack")
def a_manifest_of_another_form(files):
    files["manifest.json"] = files["manifest.json"].replace(b"blockpost-evidence-pack/1", b"other/1")


@alters("manifest.json", "does not list the files", fitted=False)
def a_manifest_without_files(files):
    files["manifest.json"] = json.dumps({**json.loads(files["manifest.json"]), "files": []}).encode()


@alters("manifest.json", "It counts other rows")
def a_manifest_that_counts_otherwise(files):
    files["manifest.json"] = json.dumps({**json.loads(files["manifest.json"]), "messages": 3}).encode()


# From here on the manifest fits, as it would if somebody meant to deceive.


@alters("messages/00001.eml", "not the message that was recorded")
def the_words_of_a_mail(files):
    files["messages/00001.eml"] = files["messages/00001.eml"].replace(b"500", b"900", 1)


@alters("messages/00001.eml", "not the message that was recorded")
def a_mail_that_goes_on(files):
    files["messages/00001.eml"] += b"PS"


@alters("messages/00001.eml", "It is missing.")
def a_mail_taken_out(files):
    del files["messages/00001.eml"]


@alters("index.jsonl", "does not name the message")
def a_mail_taken_out_with_its_name(files):
    lines = index(files)
    del files[lines[0].pop("message")]
    put_index(files, lines)


@alters("messages/", "not the message that was recorded")
def the_own_words_of_a_mail_with_a_withheld_link(files):
    name = index(files)[line_with(files, "own_part")]["message"]
    files[name] = files[name].replace(b"Hello", b"Hallo")


@alters("messages/", "not the message that was recorded")
def the_shared_words_of_a_mail_with_a_withheld_link(files):
    name = index(files)[line_with(files, "own_part")]["message"]
    files[name] = files[name].replace(b"shared", b"sharper"[:6])


@alters("messages/", "something was added")
def a_mail_with_a_withheld_link_that_goes_on(files):
    files[index(files)[line_with(files, "own_part")]["message"]] += b"PS"


@alters("messages/", "not the part that was recorded")
def the_part_by_which_a_withheld_mail_is_checked(files):
    name = first(files, "messages/", ".own-part")
    files[name] = flip(files[name])


@alters("index.jsonl", "does not name the part")
def a_withheld_mail_without_the_part_to_check_it_by(files):
    lines = index(files)
    del files[lines[line_with(files, "own_part")].pop("own_part")]
    put_index(files, lines)


@alters("index.jsonl", "not of its form")
def sizes_that_are_none(files):
    lines = index(files)
    lines[line_with(files, "own_part")]["shared"] = 7
    put_index(files, lines)


@alters("attachments/", "not the attachment that was recorded")
def another_attachment_under_the_same_name(files):
    files[first(files, "attachments/")] = b"%PDF-1.7 other accounts"


@alters("attachments/", "is missing")
def an_attachment_taken_out(files):
    del files[first(files, "attachments/")]


@alters("receipts/", "not what the provider told us")
def a_receipt_that_says_delivered(files):
    files[first(files, "receipts/", ".body")] = b'{"RecordType": "Delivery"}'


@alters("receipts/", "not the headers that came with it")
def the_signature_of_a_receipt(files):
    name = first(files, "receipts/", ".headers.json")
    files[name] = files[name].replace(b"abc", b"abd")


@alters("receipts/", "not JSON")
def headers_that_say_it_twice(files):
    files[first(files, "receipts/", ".headers.json")] = b'{"a": 1, "a": 2}'


@alters("index.jsonl", "does not name the receipt")
def a_receipt_taken_out_with_its_name(files):
    lines = index(files)
    start = lines[line_with(files, "receipt")].pop("receipt")
    for name in [name for name in files if name.startswith(start)]:
        del files[name]
    put_index(files, lines)


@alters("receipts/other.body", "No row of the pack speaks of it")
def a_receipt_of_nothing(files):
    files["receipts/other.body"] = b"{}"


@alters("messages/99999.eml", "No row of the pack speaks of it")
def a_mail_of_nothing(files):
    files["messages/99999.eml"] = b"Subject: Never sent"


@alters("proofs/", "does not prove that line 1")
def a_time_of_recording(files):
    lines = files["entries.jsonl"].splitlines()
    row = json.loads(lines[0])
    row["recorded_at"] = "2020-01-01T09:00:00.000000Z"
    lines[0] = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
    put_rows(files, lines)


@alters("proofs/", "does not prove")
def a_bounce_that_says_delivered(files):
    files["entries.jsonl"] = files["entries.jsonl"].replace(b'"event":"bounced"', b'"event":"delivered"')


@alters("proofs/", "does not prove")
def a_space_in_a_row(files):
    files["entries.jsonl"] = files["entries.jsonl"].replace(b'{"', b'{ "', 1)


@alters("index.jsonl", "entries.jsonl has")
def a_row_taken_out(files):
    put_rows(files, files["entries.jsonl"].splitlines()[:-1])


@alters("manifest.json", "It counts other rows")
def a_row_taken_out_with_all_that_names_it(files):
    at = next(n for n, row in enumerate(rows(files)) if row.get("event") == "bounced")
    lines, leaves = index(files), files["entries.jsonl"].splitlines()
    gone = lines.pop(at)
    del leaves[at]
    put_index(files, lines)
    put_rows(files, leaves)
    opened(files, lambda said: said.pop(gone["id"]))
    for name in [n for n in files if n == gone["proof"] or n.startswith(gone["receipt"])]:
        del files[name]


@alters("entries.jsonl", "is not in the pack")
def a_message_taken_out_with_all_that_names_it(files):
    lines, leaves = index(files), files["entries.jsonl"].splitlines()
    gone = lines.pop(0)
    del leaves[0]
    put_index(files, lines)
    put_rows(files, leaves)
    opened(files, lambda said: said.pop(gone["id"]))
    del files[gone["proof"]], files[gone["message"]]


@alters("entries.jsonl", "repeats a row")
def a_row_that_stands_twice(files):
    lines, leaves = index(files), files["entries.jsonl"].splitlines()
    put_index(files, [*lines, lines[1]])
    put_rows(files, [*leaves, leaves[1]])


@alters("index.jsonl", "speaks of another row")
def two_rows_swapped(files):
    leaves = files["entries.jsonl"].splitlines()
    put_rows(files, [leaves[1], leaves[0], *leaves[2:]])


@alters("entries.jsonl", "not a row of a record")
def a_row_that_is_none(files):
    leaves = files["entries.jsonl"].splitlines()
    put_rows(files, [b"{}", *leaves[1:]])


@alters("entries.jsonl", "not a row of a record")
def a_row_that_says_a_thing_twice(files):
    leaves = files["entries.jsonl"].splitlines()
    put_rows(files, [leaves[0].replace(b"{", b'{"channel":"post",', 1), *leaves[1:]])


@alters("entries.jsonl", "Its last line is broken off")
def a_row_that_is_broken_off(files):
    files["entries.jsonl"] = files["entries.jsonl"][:-5]


@alters("entries.jsonl", "was not under a signed head")
def a_row_said_not_to_be_sealed(files):
    lines = index(files)
    lines[0] = {**lines[0], "sealed": False, "proof": ""}
    put_index(files, lines)


@alters("index.jsonl", "names another place in the log")
def another_place_in_the_index(files):
    lines = index(files)
    lines[0]["place"] += 1
    put_index(files, lines)


@alters("index.jsonl", "names another place in the log")
def another_log_in_the_index(files):
    lines = index(files)
    lines[0]["log"] = "elsewhere.example/log/1"
    put_index(files, lines)


@alters("index.jsonl", "not of its form")
def a_line_of_the_index_that_is_a_list(files):
    files["index.jsonl"] = b"[]\n" + files["index.jsonl"].partition(b"\n")[2]


@alters("disclosed.json", "is not what the row commits to")
def a_name(files):
    files["disclosed.json"] = files["disclosed.json"].replace(b"Ann Ellery", b"Eve Ellery", 1)


@alters("disclosed.json", "is not what the row commits to")
def the_reply_of_a_server(files):
    files["disclosed.json"] = files["disclosed.json"].replace(b"550 no", b"250 ok")


@alters("disclosed.json", "is not what the row commits to")
def what_was_done_to_a_ticket(files):
    files["disclosed.json"] = files["disclosed.json"].replace(b"Posted on Friday", b"Posted on Monday")


@alters("disclosed.json", "is not what the row commits to")
def a_salt(files):
    def act(said):
        one = said[index(files)[0]["id"]]["to"]
        one["salt"] = "0" + one["salt"][1:] if one["salt"][0] != "0" else "1" + one["salt"][1:]

    opened(files, act)


@alters("disclosed.json", "is not disclosed with its salt")
def a_salt_taken_out(files):
    opened(files, lambda said: said[index(files)[0]["id"]]["to"].pop("salt"))


@alters("disclosed.json", "does not disclose what line 1")
def a_value_taken_out(files):
    opened(files, lambda said: said[index(files)[0]["id"]].pop("about"))


@alters("disclosed.json", "does not disclose what line 1")
def all_values_of_a_row_taken_out(files):
    opened(files, lambda said: said.pop(index(files)[0]["id"]))


@alters("disclosed.json", "does not disclose what line 1")
def a_value_that_the_row_does_not_have(files):
    opened(files, lambda said: said[index(files)[0]["id"]].update(opinion={"salt": "", "value": "He knew"}))


@alters("disclosed.json", "that is not in the pack")
def values_of_a_row_that_is_not_there(files):
    opened(files, lambda said: said.update({"7": {}}))


@alters("disclosed.json", "does not disclose anything by")
def disclosed_as_a_list(files):
    files["disclosed.json"] = b"[]"


@alters("disclosed.json", "not JSON")
def a_name_disclosed_twice(files):
    files["disclosed.json"] = files["disclosed.json"].replace(b"{", b'{"7":{},"7":{},', 1)


@alters("proofs/", "does not prove")
def a_hash_of_a_proof(files):
    name = first(files, "proofs/", "3.tlog-proof")
    lines = files[name].decode().split("\n")
    lines[2] = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    files[name] = "\n".join(lines).encode()


@alters("proofs/", "does not prove")
def a_proof_with_a_step_less(files):
    name = first(files, "proofs/", "3.tlog-proof")
    lines = files[name].decode().split("\n")
    files[name] = "\n".join([*lines[:2], *lines[3:]]).encode()


@alters("proofs/", "does not prove")
def a_proof_with_a_step_more(files):
    name = first(files, "proofs/", "3.tlog-proof")
    lines = files[name].decode().split("\n")
    end = lines.index("")
    files[name] = "\n".join([*lines[:end], lines[2], *lines[end:]]).encode()


@alters("proofs/", "does not prove")
def a_place_beyond_the_log(files):
    lines, name = index(files), index(files)[0]["proof"]
    files[name] = files[name].replace(b"index %d" % lines[0]["place"], b"index 4000")
    lines[0]["place"] = 4000
    put_index(files, lines)


@alters("proofs/", "not a proof")
def a_proof_of_another_form(files):
    name = first(files, "proofs/")
    files[name] = files[name].replace(b"@v1", b"@v2")


@alters("proofs/", "not a proof")
def a_proof_that_is_no_base64(files):
    name = first(files, "proofs/", "3.tlog-proof")
    lines = files[name].decode().split("\n")
    lines[2] = "é" + lines[2][1:]
    files[name] = "\n".join(lines).encode()


@alters("proofs/", "It is missing.")
def a_proof_taken_out(files):
    del files[first(files, "proofs/")]


@alters("proofs/", "leads to a head that is not in this pack")
def a_proof_under_a_head_of_its_own(files):
    name = first(files, "proofs/")
    start, _, _ = files[name].decode().partition("\n\n")
    files[name] = (
        f"{start}\n\nlarch.example/log/1\n9\n{'A' * 43}=\n\n— larch.example/log/1 AAAAAAA=\n".encode()
    )


def forge(files: Files, change: Callable[[list[str]], None]) -> None:
    """Change the head everywhere where it stands."""
    name = newest(files)
    before = files[name]
    lines = before.decode().split("\n")
    change(lines)
    after = "\n".join(lines).encode()
    for one in files:
        files[one] = (
            files[one].replace(before, after) if one.startswith(("checkpoints/", "proofs/")) else files[one]
        )


@alters("checkpoints/", "not signed with the log's key")
def the_size_of_a_head(files):
    forge(files, lambda lines: lines.__setitem__(1, str(int(lines[1]) + 1)))


@alters("checkpoints/", "not signed with the log's key")
def the_root_of_a_head(files):
    forge(files, lambda lines: lines.__setitem__(2, "A" * 43 + "="))


@alters("checkpoints/", "not signed with the log's key")
def the_signature_of_a_head(files):
    def change(lines):
        start, _, packed = lines[4].rpartition(" ")
        lines[4] = f"{start} {base64.b64encode(flip(base64.b64decode(packed))).decode()}"

    forge(files, change)


@alters("checkpoints/", "not signed with the log's key")
def a_signature_that_is_too_large(files):
    """S + L instead of S satisfies the equation too (RFC 8032, section 5.1.7: S must be below L)."""

    def change(lines):
        start, _, packed = lines[4].rpartition(" ")
        data = base64.b64decode(packed)
        large = int.from_bytes(data[36:], "little") + 2**252 + 27742317777372353535851937790883648493
        lines[4] = f"{start} {base64.b64encode(data[:36] + large.to_bytes(32, 'little')).decode()}"

    forge(files, change)


@alters("checkpoints/", "not a signed head")
def a_head_without_its_signature(files):
    forge(files, lambda lines: lines.pop(4))


@alters("checkpoints/", "not a signed head")
def a_head_whose_size_is_written_otherwise(files):
    forge(files, lambda lines: lines.__setitem__(1, "0" + lines[1]))


@alters("proofs/", "leads to a head that is not in this pack")
def heads_taken_out(files):
    del files[newest(files)]


@alters("checkpoints/", "not signed with the log's key")
def another_key(files):
    name, _, _ = files["public-keys.txt"].decode().strip().split("+", 2)
    packed = b"\1" + bytes(range(32))
    number = hashlib.sha256(name.encode() + b"\n" + packed).hexdigest()[:8]
    files["public-keys.txt"] = f"{name}+{number}+{base64.b64encode(packed).decode()}\n".encode()


@alters("public-keys.txt", "not the public key of a log")
def a_key_with_another_number(files):
    name, number, packed = files["public-keys.txt"].decode().split("+", 2)
    files["public-keys.txt"] = f"{name}+{'0' * 8}+{packed}".encode()


@alters("public-keys.txt", "It is missing.")
def keys_taken_out(files):
    del files["public-keys.txt"]


# Heads outside.


@alters("checkpoints/", "does not prove that the newest head continues")
def a_hash_of_the_proof_between_heads(files):
    name = first(files, "checkpoints/", ".consistency")
    lines = files[name].decode().split("\n")
    lines[2] = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    files[name] = "\n".join(lines).encode()


@alters("checkpoints/", "does not prove that the newest head continues")
def a_proof_between_heads_of_other_sizes(files):
    name = first(files, "checkpoints/", ".consistency")
    files[name] = files[name].replace(b"old ", b"old 1")


@alters("checkpoints/", "does not prove that the newest head continues")
def a_proof_between_heads_that_is_none(files):
    files[first(files, "checkpoints/", ".consistency")] = b"no"


@alters("checkpoints/", "It is no proof about two heads")
def a_proof_between_heads_that_are_not_there(files):
    name = first(files, "checkpoints/", ".consistency")
    files[name.replace("1-0", "1-9")] = files[name]


@alters("checkpoints/", "Nothing in the pack proves that the newest head continues")
def the_proof_between_heads_taken_out(files):
    del files[first(files, "checkpoints/", ".consistency")]


@alters("checkpoints/", "not signed with the log's key")
def the_size_of_the_head_that_was_stamped(files):
    name = older(files)
    lines = files[name].decode().split("\n")
    lines[1] = str(int(lines[1]) + 1)
    files[name] = "\n".join(lines).encode()


@alters("timestamps/", "It is no time-stamp of checkpoints/")
def a_time_stamp_of_another_head(files):
    name = first(files, "timestamps/", ".tsr")
    stamped = hashlib.sha256(files[older(files)]).digest()
    files[name] = files[name].replace(stamped, bytes(32))


@alters("checkpoints/", "It is missing.")
def a_time_stamp_of_a_head_that_is_not_there(files):
    files["timestamps/1-000000001.tsr"] = files[first(files, "timestamps/", ".tsr")]


@alters("timestamps/", "altered after the pack was made", fitted=False)
def a_bit_of_a_time_stamp(files):
    name = first(files, "timestamps/", ".tsr")
    files[name] = flip(files[name])


@alters("index.jsonl", "does not cover the row")
def a_head_outside_from_before_the_row(files):
    lines = index(files)
    early = next(line["outside"] for line in lines if line["outside"]["kind"] == "timestamp")
    late = next(line for line in lines if line["outside"]["kind"] == "mail")
    late["outside"] = early
    put_index(files, lines)


@alters("index.jsonl", "does not cover the row")
def a_head_outside_that_is_not_in_the_pack(files):
    lines = index(files)
    lines[0]["outside"]["head"] = "checkpoints/1-000000001.txt"
    put_index(files, lines)
