"""Compare rows with their leaves: each row has its leaf, each leaf its row, and the one says what the other does."""

import json
from typing import Any

from django.db.models import Max

from comms.ledger import leaf
from comms.ledger.canonical import leaf_hash, sha256
from comms.ledger.forms import FORMS, Form
from comms.ledger.report import Report
from comms.models import Content, Leaf
from comms.models.content import Altered

BATCH = 2_000
Kept = dict[int, tuple[bytes, bytes, bytes]]


def all_rows(report: Report, tail: int = 0) -> None:
    """Check the rows of every table that has leaves: all of them, or so many of the newest of each."""
    total = sum(form.rows().count() for form in FORMS) if not tail else 0
    for form in FORMS:
        last = max(0, (form.rows().aggregate(top=Max("pk"))["top"] or 0) - tail) if tail else 0
        while batch := list(form.rows().filter(pk__gt=last)[:BATCH]):
            one_batch(report, form, batch, leaves_of(form, last, batch[-1].pk))
            last = batch[-1].pk
            report.progress(report.rows, total)
        for row_id in leaves_of(form, last, None):
            _orphan(report, form, row_id)


def leaves_of(form: Form, after: int, until: int | None) -> Kept:
    """Give the leaves of a span of rows by the rows' keys: data, hash and salts."""
    found = Leaf.objects.filter(kind=form.kind, row_id__gt=after)
    if until is not None:
        found = found.filter(row_id__lte=until)
    rows = found.order_by().values_list("row_id", "data", "hash", "salts")
    return {row_id: (bytes(data), bytes(hashed), bytes(salts)) for row_id, data, hashed, salts in rows}


def one_batch(report: Report, form: Form, rows: list[Any], leaves: Kept) -> None:
    """Compare rows with the leaves of the same span of keys."""
    for row in rows:
        report.rows += 1
        kept = leaves.pop(row.pk, None)
        if kept is None:
            report.find("no leaf", f"{form.kind} {row.public_id}", "There is a row that was never sealed.")
        else:
            compare(report, form, row, *kept)
    for row_id in leaves:
        _orphan(report, form, row_id)


def _orphan(report: Report, form: Form, row_id: int) -> None:
    report.find(
        "no row", f"{form.kind} number {row_id}", "A row that was recorded is gone; its leaf is still there."
    )


def compare(report: Report, form: Form, row: Any, data: bytes, hashed: bytes, salts: bytes) -> None:
    """Make the leaf again from the row and say where it differs from the one that was kept."""
    about = f"{form.kind} {row.public_id}"
    if leaf_hash(data) != hashed:
        report.find("leaf hash", about, "The hash of its leaf is not that of the leaf's bytes.")
    try:
        said = json.loads(data)
        version = said["v"] if said["t"] == f"comms-log/{form.kind}" else 0
    except (ValueError, TypeError, KeyError):
        version = 0
    if version not in range(1, len(form.versions) + 1):
        report.find(
            "unknown form", about, "Its leaf is of a form that is not known here; only its hash was checked."
        )
        return
    try:
        made = leaf.make(row, salts, version)[0]
    except (TypeError, ValueError, AttributeError, IndexError):
        report.find("row altered", about, "The row holds what could never have been recorded.")
        return
    if made != data:
        other = json.loads(made)
        names = sorted(name for name in {*said, *other} if said.get(name) != other.get(name)) or ["its bytes"]
        report.find("row altered", about, f"It is not as it was recorded: {', '.join(names)}.")


def contents(report: Report, tail: int = 0) -> None:
    """Check that shared bytes are those that their SHA-256 names, wherever they are kept."""
    last = max(0, (Content.objects.aggregate(top=Max("pk"))["top"] or 0) - tail) if tail else 0
    while batch := list(Content.objects.filter(pk__gt=last).order_by("pk")[:50]):
        for one in batch:
            report.contents += 1
            try:
                whole = sha256(one.read()) == one.sha256
            except (Altered, OSError):
                whole = False
            if not whole:
                report.find(
                    "content altered", f"content {one.sha256}", "Shared bytes are not those that were kept."
                )
        last = batch[-1].pk


def parts(report: Report) -> None:
    """Check that every shared part that an entry is made of is there."""
    there = set(Content.objects.values_list("sha256", flat=True))
    (entries,) = (form for form in FORMS if form.kind == Leaf.Kind.ENTRY)
    rows = entries.model.objects.values_list("public_id", "layout", "attachments")  # type: ignore[attr-defined]
    for public_id, layout, attached in rows.iterator(BATCH):
        wanted = [part for part in _list(layout) if isinstance(part, str)]
        wanted += [str(one.get("sha256")) for one in _list(attached) if isinstance(one, dict)]
        if missing := {part for part in wanted if part not in there}:
            report.find(
                "content missing",
                f"entry {public_id}",
                f"{len(missing)} of the parts that it is made of are gone.",
            )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
