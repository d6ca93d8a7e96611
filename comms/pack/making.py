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
from typing import IO

from django.template.loader import render_to_string

from comms.ledger.verifying import one_moment
from comms.models import LogEntry
from comms.pack import heads, rows
from comms.pack.archive import Archive
from comms.pack.contents import Contents
from comms.pack.heads import Signed
from comms.pack.scope import Scope
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
    archive, total = Archive(file), len(scope.keys)
    with one_moment():
        signed = heads.of_organisation()
        contents = Contents(archive, signed)
        for message in rows.messages(scope):
            if message.number % rows.BATCH == 1:
                contents.forget_tiles()
                progress(message.number - 1, total)
            contents.add_message(message)
        _logs(contents)
        count = contents.index.lines
        contents.close()
        used = [signed[key] for key in sorted(contents.logs)]
        _heads(archive, used)
        said = _facts(organisation, scope, contents, count, now)
        verifier = VERIFIER.read_bytes()
        archive.add("verify_pack.py", verifier)
        context = {**said, "organisation": organisation, "logs": used, "now": now, "scope": scope}
        context["verifier_sha256"] = hashlib.sha256(verifier).hexdigest()
        archive.add("README.txt", render_to_string("outbound/pack_readme.txt", context))
    archive.close(said)
    progress(total, total)
    return Made(contents.messages, count, contents.unsealed, len(archive.files) + 1)


def _logs(contents: Contents) -> None:
    """Add the rows that say that the logs were opened and by which keys they are signed."""
    for one in rows.of_logs(set(contents.logs)):
        if any(signed.covers(one) for signed in contents.signed.values()):  # the newest key may still wait
            contents.add(one, {})


def _heads(archive: Archive, used: list[Signed]) -> None:
    """Add the signed heads, and the public keys of their logs, oldest first."""
    for signed in used:
        for head in {one.pk: one for one in [*signed.vouching, signed.head] if one}.values():
            archive.add(f"checkpoints/{signed.log.number}-{head.size:09}.txt", head.note)
    keys = [key for signed in used for key in signed.keys]
    archive.add("public-keys.txt", "".join(f"{key}\n" for key in keys))


def _facts(
    organisation: Organisation, scope: Scope, contents: Contents, count: int, now: datetime.datetime
) -> dict[str, object]:
    return {
        "made_at": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "of": organisation.name,
        "scope": scope.words,
        "messages": contents.messages,
        "brought": len(scope.brought),
        "rows": count,
        "unsealed": contents.unsealed,
        "log_messages": LogEntry.objects.count(),
    }
