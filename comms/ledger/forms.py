"""What the leaf of each kind of row says: openly, and as commitments.

The first dictionary is there for everybody who sees the leaf; of the second only commitments are. Together they
cover every column, so that a change of any of them is found. A form that was once used is never changed: what is to
be said otherwise gets the next version, beside it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import models

from comms.ledger.canonical import sha256
from comms.models import (
    Checkpoint,
    DeliveryEvent,
    ExportRecord,
    Leaf,
    Log,
    LogEntry,
    LogKey,
    Receipt,
    TicketChange,
)

Said = tuple[dict[str, Any], dict[str, Any]]


class Form(NamedTuple):
    """How the rows of a table become leaves: by each version of the form, the last of which is used for new ones.

    `brings` are the relations that it reads, `without` what is large and not needed of them.
    """

    kind: str
    model: type[models.Model]
    versions: tuple[Callable[[Any], Said], ...]
    brings: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def rows(self) -> models.QuerySet:
        """Give all rows of the organisation in scope with what their leaves are made of, in the order of their keys."""
        found = self.model.objects.select_related(*self.brings)  # type: ignore[attr-defined]
        ordered: models.QuerySet = found.defer(*self.without).order_by("pk")
        return ordered


def entry(row: LogEntry) -> Said:
    """Say what a message to one recipient was. Its exact bytes follow from `layout`, the personal part and shared contents."""
    return {
        "recorded_at": row.recorded_at,
        "happened_at": row.happened_at,
        "channel": row.channel,
        "type": row.type,
        "manual": row.manual,
        "withheld": row.withheld,
        "size": row.size,
    }, {
        "to": {"name": row.to_name, "address": row.to_address, "recipient": row.recipient_id},
        "words": {"title": row.title, "snippet": row.snippet, "text": row.words, "html": row.html_id},
        "bytes": {
            "sha256": row.sha256,
            "personal": sha256(row.personal),
            "layout": row.layout,
            "attachments": row.attachments,
            "message_id": row.message_id,
            "token": row.token,
        },
        "about": {
            "communication": row.communication_id,
            "block": row.block_id,
            "unit": row.unit_id,
            "contact": row.contact_id,
            "regarding": row.regarding_id,
            "block_label": row.block_label,
            "unit_label": row.unit_label,
            "contact_label": row.contact_label,
            "regarding_label": row.regarding_label,
            "ticket": row.ticket_id,
            "reference_type": row.reference_type,
            "reference": row.reference,
            "corrects": row.corrects_id,
            "copy_of": row.copy_of_id,
        },
        "sender": {
            "user": row.sender_id,
            "label": row.sender_label,
            "template_version": row.template_version_id,
            "template_label": row.template_label,
        },
    }


def entry_2(row: LogEntry) -> Said:
    """Say the same, and which shared body it was made from by its SHA-256, not by its key alone."""
    shown, hidden = entry(row)
    hidden["words"]["html_sha256"] = row.html.sha256 if row.html else None
    return shown, hidden


def event(row: DeliveryEvent) -> Said:
    """Say what happened to an entry, with the receipt that says so."""
    return {
        "entry": row.entry.public_id,
        "event": row.kind,
        "happened_at": row.happened_at,
        "recorded_at": row.recorded_at,
        "source": row.source,
        "attempt": row.attempt,
        "bounce": row.bounce,
        "machine": row.machine,
    }, {
        "said": {
            "reason": row.reason,
            "reply": row.reply,
            "event_id": row.provider_event_id,
            "message_id": row.provider_message_id,
            "actor": row.actor_id,
        },
        "receipt": _receipt(row.receipt) if row.receipt_id else {},
    }


def _receipt(row: Receipt) -> dict[str, Any]:
    headers = [[str(name), str(value)] for name, value in sorted(row.headers.items())]
    return {
        "id": row.public_id,
        "source": row.source,
        "key": row.key,
        "headers": headers,
        "received_at": row.received_at,
        "sha256": sha256(row.body),
    }


def export(row: ExportRecord) -> Said:
    """Say who took what out of the log."""
    filters = [[str(name), [str(one) for one in values]] for name, values in sorted(row.filters.items())]
    return {
        "export": row.export,
        "phase": row.phase,
        "at": row.at,
        "rows": row.rows,
        "size": row.size,
        "sha256": row.sha256,
    }, {"taken": {"user": row.user_id, "filters": filters}}


def ticket(row: TicketChange) -> Said:
    """Say what was done to a ticket; among that its closing, with the outcome."""
    return {
        "ticket": row.ticket.public_id,
        "change": row.kind,
        "outcome": row.outcome,
        "recorded_at": row.recorded_at,
    }, {
        "done": {
            "actor": row.actor_id,
            "words": row.words,
            "entry": row.entry_id,
            "communication": row.communication_id,
        }
    }


def log(row: Log) -> Said:
    """Say that a log was opened, and with which head the one before it ended."""
    opened = {"origin": row.origin, "number": row.number, "opened_at": row.opened_at}
    return opened | {"reason": row.reason, "former": row.former}, {}


def key(row: LogKey) -> Said:
    """Say which key signs from now on."""
    return {"log": row.log.origin, "vkey": row.vkey, "added_at": row.added_at}, {}


def checkpoint(row: Checkpoint) -> Said:
    """Say that a head was signed; so one that is taken out again is missed."""
    signed = {"log": row.log.origin, "number": row.number, "size": row.size, "recorded_at": row.recorded_at}
    return signed | {"root": bytes(row.root).hex(), "note": row.note}, {}


FORMS: tuple[Form, ...] = (
    Form(Leaf.Kind.ENTRY, LogEntry, (entry, entry_2), ("html",), ("html__data",)),
    Form(Leaf.Kind.EVENT, DeliveryEvent, (event,), ("entry", "receipt")),
    Form(Leaf.Kind.EXPORT, ExportRecord, (export,)),
    Form(Leaf.Kind.TICKET, TicketChange, (ticket,), ("ticket",)),
    Form(Leaf.Kind.LOG, Log, (log,)),
    Form(Leaf.Kind.KEY, LogKey, (key,), ("log",)),
    Form(Leaf.Kind.CHECKPOINT, Checkpoint, (checkpoint,), ("log",)),
)
BY_MODEL = {form.model: form for form in FORMS}
BY_KIND = {str(form.kind): form for form in FORMS}
