"""Make an evidence pack: a zip that can be checked without us.

1. Wait until a signed head covers every row (covering). 2. See the database as it is at one moment. 3. Write the messages
one after the other: their exact bytes, what providers told, their proofs; and the lists of their rows as they grow.
4. Add the keys and heads, what explains it, and the verifier. 5. End with the manifest.
"""

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from comms.ledger.verifying import one_moment
from comms.models import LogEntry
from comms.pack import heads, rows
from comms.pack.archive import Archive
from comms.pack.contents import Contents
from comms.pack.heads import Prover, Signed
from comms.pack.rows import Sealed
from comms.pack.scope import Scope
from comms.pack.statement.document import Statement
from comms.pack.statement.making import certificate, statement
from comms.pack.statement.shown import First, Outside
from portfolio.models import Organisation

VERIFIER = Path(__file__).with_name("verify_pack.py")
Tell = Callable[[int, int], None]


@dataclass
class Made:
    """What a pack that was made holds."""

    messages: int
    rows: int
    unsealed: int
    files: int


def make(
    file: IO[bytes],
    organisation: Organisation,
    scope: Scope,
    now: datetime.datetime,
    progress: Tell = lambda done, total: None,
) -> Made:
    """Write the pack of a scope. Needs the organisation's scope; memory stays flat however many messages there are."""
    archive = Archive(file)
    try:
        with one_moment(), timezone.override(organisation.zone):
            signed = heads.of_organisation()
            contents = Contents(archive, signed)
            total = len(scope.keys)
            printed = Statement(
                organisation,
                first_outside(signed),
                now,
                each=total <= settings.PACK_PRINTED,
                heard=lambda: progress(contents.messages, total),
            )
            _messages(scope, contents, printed, progress)
            _logs(contents)
            said = _facts(organisation, scope, contents, now)
            contents.close()
            used = [signed[key] for key in sorted(contents.logs)]
            _heads(archive, used)
            _words(
                archive,
                scope,
                printed,
                used,
                said | {"organisation": organisation, "now": now, "asked": scope},
            )
        archive.close(said)
    finally:
        archive.zip.close()
    progress(total, total)
    return Made(contents.messages, said["rows"], contents.unsealed, len(archive.files) + 1)


def _messages(scope: Scope, contents: Contents, printed: Statement, progress: Tell) -> None:
    for message in rows.messages(scope):
        if message.number % rows.BATCH == 1:
            contents.forget_tiles()
        progress(message.number - 1, len(scope.keys))
        printed.add(message, contents.add_message(message))


def _words(
    archive: Archive, scope: Scope, printed: Statement, used: list[Signed], context: dict[str, Any]
) -> None:
    """Add what explains it, what is printed of it, and what checks it."""
    verifier = VERIFIER.read_bytes()
    digest = hashlib.sha256(verifier).hexdigest()
    archive.add("verify_pack.py", verifier)
    archive.add("statement.pdf", statement(printed, scope, used, digest))
    archive.add("certificate-of-service.pdf", certificate(printed, scope, used))
    archive.add(
        "README.txt", render_to_string("outbound/pack_readme.txt", {**context, "verifier_sha256": digest})
    )


def _logs(contents: Contents) -> None:
    """Add the rows that say that the logs were opened and by which keys they are signed."""
    for one in rows.of_logs(set(contents.logs)):
        if any(signed.covers(one) for signed in contents.signed.values()):  # the newest key may still wait
            contents.add(one, {})


def _heads(archive: Archive, used: list[Signed]) -> None:
    """Add the signed heads with the proofs that the newest continues them, their time-stamps, and the keys, oldest first."""
    for signed in used:
        copies = sorted(signed.shown.values(), key=lambda copy: copy.checkpoint.size)
        older = {one.size: one for one in [*signed.vouching, *(copy.checkpoint for copy in copies)]}
        for head in {**older, signed.size: signed.head}.values():
            assert head
            archive.add(f"checkpoints/{signed.name(head)}.txt", head.note)
            if head.size < signed.size:
                proof = Prover(signed).consistency(head)
                archive.add(f"checkpoints/{signed.name(head)}-to-{signed.size:09}.consistency", proof)
        for copy in copies:
            if copy.kind == copy.Kind.TIMESTAMP:
                archive.add(f"timestamps/{signed.name(copy.checkpoint)}.tsr", bytes(copy.evidence))
    if settings.TIMESTAMP_CA and any(name.startswith("timestamps/") for name in archive.files):
        archive.add("timestamps/authority.pem", Path(settings.TIMESTAMP_CA).read_bytes())
    keys = [key for signed in used for key in signed.keys]
    archive.add("public-keys.txt", "".join(f"{key}\n" for key in keys))


def first_outside(signed: dict[int, Signed]) -> Outside:
    """Say for the statement when a head that covers a row was first outside, and where."""

    def find(one: Sealed) -> First | None:
        log = signed.get(one.log or 0)
        found = log.first_outside(one) if log else None
        if found is None:
            return None
        how = "time-stamp by" if found.kind == found.Kind.TIMESTAMP else "mailed to"
        return First(found.at, f"{how} {found.target}")

    return find


def _facts(
    organisation: Organisation, scope: Scope, contents: Contents, now: datetime.datetime
) -> dict[str, Any]:
    return {
        "made_at": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "of": organisation.name,
        "scope": scope.words,
        "messages": contents.messages,
        "brought": len(scope.brought),
        "rows": contents.index.lines,
        "unsealed": contents.unsealed,
        "log_messages": LogEntry.objects.count(),
    }
