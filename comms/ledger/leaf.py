"""Leaves: written beside their rows, in the same transaction. This much of the ledger the record knows."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models

from comms.ledger.canonical import SALT_BYTES, canonical, commitment, leaf_hash
from comms.ledger.forms import BY_MODEL, FORMS, Form
from comms.models import Leaf

BATCH = 1_000
INSERT = """
INSERT INTO comms_leaf (organisation_id, kind, row_id, data, hash, salts)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])
"""


def write(rows: Sequence[Any]) -> None:
    """Add the leaves of rows of one kind that were just added: one statement, whatever their number."""
    if not rows:
        return
    made = [make(row) for row in rows]
    kind = str(BY_MODEL[type(rows[0])].kind)
    columns: list[list[Any]] = [
        [row.organisation_id for row in rows],
        [kind] * len(rows),
        [row.pk for row in rows],
        [data for data, _ in made],
        [leaf_hash(data) for data, _ in made],
        [salts for _, salts in made],
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, columns)


def make(row: Any, salts: bytes = b"", version: int = 0) -> tuple[bytes, bytes]:
    """Give the bytes of a row's leaf and its salts: fresh ones by the newest form, or those of a leaf that is checked."""
    form = BY_MODEL[type(row)]
    version = version or len(form.versions)
    shown, hidden = form.versions[version - 1](row)
    salts = salts or secrets.token_bytes(SALT_BYTES * len(hidden))
    for place, field in enumerate(sorted(hidden)):
        salt = salts[SALT_BYTES * place : SALT_BYTES * (place + 1)]
        shown[field] = commitment(salt, field, hidden[field])
    shown |= {"t": f"comms-log/{form.kind}", "v": version, "id": row.public_id, "of": row.organisation_id}
    return canonical(shown), salts


def missing(form: Form) -> Iterator[list[models.Model]]:
    """Give the rows of a table, of the organisation in scope, that have no leaf, a batch at a time."""
    last = 0
    while batch := list(_without(form, last)):
        last = batch[-1].pk
        yield batch


def _without(form: Form, last: int) -> models.QuerySet:
    leaves = Leaf.objects.filter(
        organisation=models.OuterRef("organisation"), kind=form.kind, row_id=models.OuterRef("pk")
    )
    return form.rows().filter(~models.Exists(leaves), pk__gt=last)[:BATCH]


def make_missing() -> int:
    """Write the leaves of the rows, of the organisation in scope, from before there were leaves; give how many."""
    count = 0
    for form in FORMS:
        for batch in missing(form):
            write(batch)
            count += len(batch)
    return count
