"""What stands in a pack for each row: its leaf, what the leaf commits to, its proof, and the exact bytes it is about."""

import datetime
import json
import re
from typing import Any

from comms.channels import registry
from comms.ledger.canonical import canonical
from comms.models import Content, Receipt
from comms.pack.archive import Archive, Growing
from comms.pack.heads import Prover, Signed
from comms.pack.rows import Message, Sealed

ENDING = re.compile(r"\.[a-z0-9]{1,5}")


class Contents:
    """The lists of a pack as they grow, line beside line, and the files that go in beside them."""

    def __init__(self, archive: Archive, signed: dict[int, Signed]) -> None:
        self.archive, self.signed = archive, signed
        self.leaves, self.opened, self.index = Growing(), Growing(), Growing()
        self.logs: set[int] = set()
        self.unsealed = 0
        self.messages = 0
        self.provers: dict[int, Prover] = {}

    def forget_tiles(self) -> None:
        """Let go of the hashes that were read so far, so that memory does not grow with the pack."""
        self.provers = {}

    def add_message(self, message: Message) -> str:
        """Add a message with all that belongs to it; give the name of the file with its exact bytes."""
        self.messages += 1
        facts = self._bytes(message) | {"number": message.number, "brought": message.brought}
        self.add(message.entry, facts)
        for one in message.events:
            self.add(one, self._receipt(one.row.receipt) if one.row.receipt_id else {})
        for one in message.tickets:
            self.add(one, {})
        for proof in message.exhibits:
            name = f"exhibits/{message.name}-{proof.pk}{ending(proof.name)}"
            self.archive.add(name, proof.content.read())
        return str(facts.get("message", ""))

    def add(self, one: Sealed, facts: dict[str, Any]) -> None:
        """Add a row: a line in each list, and its proof."""
        line = {"id": str(one.row.public_id), "kind": one.kind, **facts, **self._place(one)}
        opened = {
            name: {"salt": salt, "value": json.loads(canonical(value))}
            for name, (salt, value) in one.opened().items()
        }
        self.leaves.add(bytes(one.leaf.data))
        before = "," if self.opened.lines else "{"
        self.opened.add(f"{before}{json.dumps(str(one.row.public_id))}:{_json(opened)}".encode())
        self.index.add(_json(line).encode())

    def _place(self, one: Sealed) -> dict[str, Any]:
        signed = self.signed.get(one.log or 0)
        if signed is None or not signed.covers(one):
            self.unsealed += 1
            return {"sealed": False}
        self.logs.add(signed.log.pk)
        prover = self.provers.setdefault(signed.log.pk, Prover(signed))
        name = f"proofs/{signed.log.number}-{one.place:09}.tlog-proof"
        assert one.place is not None
        self.archive.add(name, prover.proof(one.place))
        place = {"sealed": True, "log": signed.log.origin, "place": one.place, "proof": name}
        if found := signed.first_outside(one):
            at = found.at.astimezone(datetime.UTC).isoformat(timespec="seconds")
            kept = f"checkpoints/{signed.name(found.checkpoint)}.txt"
            place["outside"] = {"head": kept, "at": at, "kind": str(found.kind), "target": found.target}
        return place

    def _bytes(self, message: Message) -> dict[str, Any]:
        """Put the exact bytes of a message beside its row, and the files that went with it."""
        entry = message.entry.row
        for file in entry.attachments:
            name = f"attachments/{file['sha256']}{ending(str(file.get('name', '')))}"
            if name not in self.archive.files and (
                kept := Content.objects.filter(sha256=file["sha256"]).first()
            ):
                self.archive.add(name, kept.read())
        if not entry.layout:
            return {}
        name = f"messages/{message.name}.{registry.get(entry.channel).form.extension}"
        self.archive.add(name, entry.exact_bytes())
        return {"message": name} | (self._withheld(message) if entry.withheld else {})

    def _withheld(self, message: Message) -> dict[str, Any]:
        """Add what the kept bytes can be checked by where a secret was withheld from them: the part of its own, as kept."""
        entry = message.entry.row
        name = f"messages/{message.name}.own-part"
        self.archive.add(name, bytes(entry.personal))
        shared = [part for part in entry.layout if isinstance(part, str)]
        sizes = dict(Content.objects.filter(sha256__in=shared).values_list("sha256", "size"))
        return {"own_part": name, "shared": sizes}

    def _receipt(self, receipt: Receipt) -> dict[str, Any]:
        """Put what a provider told beside the event: its exact body, and its headers with their signature."""
        name = f"receipts/{receipt.public_id}"
        headers = [[str(key), str(value)] for key, value in sorted(receipt.headers.items())]
        self.archive.add(f"{name}.body", bytes(receipt.body))
        self.archive.add(f"{name}.headers.json", _json(headers) + "\n")
        return {"receipt": name}

    def close(self) -> None:
        """Write the lists."""
        self.opened.add(b"}" if self.opened.lines else b"{}")
        self.archive.add_grown("entries.jsonl", self.leaves)
        self.archive.add_grown("disclosed.json", self.opened)
        self.archive.add_grown("index.jsonl", self.index)


def ending(name: str) -> str:
    """Give the ending of a file's name, where it is one that nothing can be done with."""
    found = re.search(r"\.[^.]*$", name.lower())
    return found[0] if found and ENDING.fullmatch(found[0]) else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
