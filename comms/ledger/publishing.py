"""Sign the head of a log: at most once a minute, and only where it has grown by more than its own checkpoints.

1. Take the log's lock. 2. Compute the root. 3. Compare with the sealer's own memory outside the database: what does not
continue what was signed before is refused. 4. Sign, and put the note into the memory. 5. Add it with the next number
and with its leaf, which the next checkpoint will cover: so that one that is taken out again is missed.

A key is changed in three steps: its leaf is added and covered by a checkpoint of the former key; the next checkpoint
carries both signatures; then the former key is taken out.
"""

import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from comms.ledger import checkpoint, keys, leaf, memory, sealing
from comms.ledger.checkpoint import Head, Note, public_of
from comms.ledger.tiles import Tree
from comms.models import Checkpoint, Leaf, Log, LogKey, Seal
from portfolio.models import Organisation

NEW_LOG = "If the database was restored, open a new log: manage.py new_log --organisation {} --reason '…'."


class Refused(RuntimeError):
    """Raised instead of signing; says what is wrong and what to do."""


def publish(organisation: Organisation, now: datetime.datetime | None = None) -> Checkpoint | None:
    """Sign the head of an organisation's log where it is time to. Raises Refused, KeyUnusable, NoMemory."""
    signers = keys.load()
    if not signers:
        return None
    with scope(organisation=organisation), transaction.atomic():
        if not sealing.locked(organisation):
            return None
        log = sealing.current(organisation)
        if log is None or not _due(log, now or timezone.now()):
            return None
        return _sign(log, signers)


def newest(log: Log) -> Checkpoint | None:
    found: Checkpoint | None = Checkpoint.objects.filter(log=log).order_by("number").last()
    return found


def _due(log: Log, now: datetime.datetime) -> bool:
    last = newest(log)
    if last is None:
        return True
    pause = datetime.timedelta(seconds=settings.CHECKPOINT_SECONDS)
    return last.recorded_at <= now - pause and (
        Seal.objects.filter(log=log, seq__gte=last.size).exclude(leaf__kind=Leaf.Kind.CHECKPOINT).exists()
    )


def _sign(log: Log, signers: list[Ed25519PrivateKey]) -> Checkpoint:
    tree, size = Tree(log), sealing.size(log)
    head = Head(log.origin, size, tree.root(size))
    _continues(log, head, tree)
    note = checkpoint.sign(head, *_turn(log, signers))
    memory.remember(note)
    last = newest(log)
    made: Checkpoint = Checkpoint.objects.create(
        organisation_id=log.organisation_id,
        log=log,
        number=last.number + 1 if last else 1,
        size=size,
        root=head.root,
        note=note,
    )
    leaf.write([made])
    return made


def would_continue(log: Log) -> None:
    """Raise Refused where the log is not what was signed before."""
    tree, size = Tree(log), sealing.size(log)
    _continues(log, Head(log.origin, size, tree.root(size)), tree)


def _continues(log: Log, head: Head, tree: Tree) -> None:
    """Refuse to sign what does not begin with what was signed before: here, or by the newest row's account."""
    known, last = memory.last(log.origin), newest(log)
    hint = NEW_LOG.format(log.organisation.slug)
    if known is None:
        if last is None:
            return
        raise Refused(
            f"The sealer does not remember signing {log.origin}, of which there are {last.number} checkpoints. "
            "Bring its memory (SEALER_MEMORY) from the machine that sealed before, or, if that is lost, run "
            "verify_log with outside copies and then manage.py seal --remember."
        )
    for before in [known.head, *([checkpoint.read(last.note).head] if last else [])]:
        if before.size > head.size:
            raise Refused(
                f"{log.origin} has {head.size} leaves and had {before.size} when it was signed. {hint}"
            )
        if tree.root(before.size) != before.root:
            raise Refused(
                f"The first {before.size} leaves of {log.origin} are not those that were signed. {hint}"
            )


def _turn(log: Log, signers: list[Ed25519PrivateKey]) -> list[Ed25519PrivateKey]:
    """Give the keys that sign now: the current one as soon as its leaf is covered, and the former while it is there."""
    public, *former = [public_of(key, log.origin).vkey() for key in signers]
    known = {key.vkey: key for key in LogKey.objects.filter(log=log)}
    if not known:
        _add(log, public)
        return signers[:1]
    if public not in known:
        if not set(former) & set(known):
            raise Refused(
                f"The sealing key is not one of {log.origin}, and the former one is not there: the key file has "
                "the new key in its first line and the former in its second."
            )
        _add(log, public)
        return signers[1:]
    if former and not _sealed(known[public]):
        return signers[1:]
    if not former and not _trusted(log, public, known):
        raise Refused(
            "The new key has not yet signed beside the former one: keep both in the key file for now."
        )
    return [*signers[1:], signers[0]] if former else signers


def _add(log: Log, vkey: str) -> None:
    leaf.write([LogKey.objects.create(organisation_id=log.organisation_id, log=log, vkey=vkey)])


def _sealed(key: LogKey) -> bool:
    return Seal.objects.filter(leaf__kind=Leaf.Kind.KEY, leaf__row_id=key.pk).exists()


def _trusted(log: Log, vkey: str, known: dict[str, LogKey]) -> bool:
    """Say whether a key was the log's first, or has signed beside another one of it."""
    if min(known.values(), key=lambda key: key.pk).vkey == vkey:
        return True
    mine, others = checkpoint.Key.read(vkey), [checkpoint.Key.read(other) for other in known if other != vkey]
    notes = Checkpoint.objects.filter(log=log, recorded_at__gte=known[vkey].added_at).order_by("number")
    return any(
        both(checkpoint.read(note), mine, others) for note in notes.values_list("note", flat=True)[:100]
    )


def both(note: Note, mine: checkpoint.Key, others: list[checkpoint.Key]) -> bool:
    """Say whether a note is signed by a key and by one of others."""
    return note.is_signed_by(mine) and any(note.is_signed_by(other) for other in others)


def remember(organisation: Organisation) -> Note | None:
    """Take the newest stored checkpoint as what was signed last, where the sealer's memory is lost."""
    with scope(organisation=organisation):
        log = sealing.current(organisation)
        last = newest(log) if log else None
        if log is None or last is None or memory.last(log.origin):
            return None
        note = checkpoint.read(last.note)
        if not any(note.is_signed_by(public_of(key, log.origin)) for key in keys.load()):
            raise Refused("The newest checkpoint is not signed with the sealing key that is set here.")
        memory.remember(last.note)
        return note


def new_log(organisation: Organisation, reason: str) -> Log:
    """Open a new log after a restore has lost the end of the one before; what waits goes into the new one."""
    with scope(organisation=organisation), transaction.atomic():
        sealing.locked(organisation, wait=True)
        log = sealing.current(organisation)
        if log is None:
            raise Refused("There is no log yet: the sealer opens the first by itself.")
        last = newest(log)
        return sealing.open_log(organisation, reason, memory.text(log.origin) or (last.note if last else ""))
