"""The one door into the log: an entry, its leaf, its Delivery and its Search row are written together."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from comms.ledger import leaf
from comms.models import Delivery, LogEntry
from contacts.models import Contact
from portfolio.models import Block, Unit

SNIPPET = 160
SEARCHED = 200_000  # characters; PostgreSQL refuses a vector of more than 1 MB


def write(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """Add entries to the log, in one transaction, and give them back with their keys and times."""
    if not entries:
        return []
    for entry in entries:
        if entry.corrects_id and not entry.manual:
            raise ValueError("Only an entry made by hand corrects another.")
        entry.snippet = snippet(entry.words)
    _name(entries)
    with transaction.atomic():
        written = LogEntry.objects.bulk_create(entries)
        leaf.write(written)
        Delivery.objects.bulk_create([delivery_of(entry) for entry in written])
        _index(written)
    return written


def _name(entries: Sequence[LogEntry]) -> None:
    """Write down what block, flat and contacts are called today; three queries, whatever their number."""
    blocks = Block.objects.in_bulk({e.block_id for e in entries if e.block_id})
    units = Unit.objects.in_bulk({e.unit_id for e in entries if e.unit_id})
    people = {e.contact_id for e in entries} | {e.regarding_id for e in entries}
    contacts = Contact.objects.in_bulk(people - {None})
    for entry in entries:
        for name, found in (
            ("block", blocks),
            ("unit", units),
            ("contact", contacts),
            ("regarding", contacts),
        ):
            row: Any = found.get(getattr(entry, f"{name}_id"))
            setattr(entry, f"{name}_label", row.name if row else "")


def snippet(words: str) -> str:
    """Give the first words of a text on one line."""
    line = " ".join(words[: SNIPPET * 3].split())
    return line if len(line) <= SNIPPET else line[: SNIPPET - 1].rstrip() + "…"


def delivery_of(entry: LogEntry) -> Delivery:
    """Make the read model of an entry to which nothing has happened yet."""
    at = entry.happened_at or entry.recorded_at
    return Delivery(
        entry=entry,
        organisation_id=entry.organisation_id,
        status=Delivery.Status.QUEUED,
        status_at=at,
        at=at,
        channel=entry.channel,
        type=entry.type,
        template_id=entry.template_version.template_id if entry.template_version else None,
        sender_id=entry.sender_id,
        sender_label=entry.sender_label,
        block_id=entry.block_id,
        unit_id=entry.unit_id,
        contact_id=entry.contact_id,
        regarding_id=entry.regarding_id,
        communication_id=entry.communication_id,
        ticket_id=entry.ticket_id,
        reference_type=entry.reference_type,
        reference=entry.reference,
        content_id=entry.html_id,
        manual=entry.manual,
    )


def tokens(name: str, address: str) -> list[str]:
    """List what a recipient can be found by: words of the name, the address and its parts, the phone's tails.

    An email gives itself, its local part and its domain; a phone gives its digits as E.164, as national
    and the last six. Lower case; a search for the beginning of any of them finds the entry.
    """
    found = set(re.findall(r"\w+", f"{name} {address}".lower()))
    address = address.strip().lower()
    if "@" in address:
        local, _, domain = address.partition("@")
        found |= {address, local, domain}
    elif digits := re.sub(r"[^\d+]", "", address) if re.fullmatch(r"\+?[\d\s()-]{6,20}", address) else "":
        plain = digits.lstrip("+")
        found |= {digits, plain, plain[-6:]}
        if plain.startswith("44"):
            found.add("0" + plain[2:])
    return sorted(word[:200] for word in found if word)


def _index(entries: Sequence[LogEntry]) -> None:
    texts = [f"{entry.title}\n{entry.words}"[:SEARCHED].replace("\x00", "") for entry in entries]
    found = ["\x1f".join(tokens(entry.to_name, entry.to_address)) for entry in entries]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO comms_search (entry_id, organisation_id, words, tokens)
               SELECT id, organisation, to_tsvector('english', text),
                      array_to_tsvector(array_remove(string_to_array(found, chr(31)), ''))
               FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                    AS row (id, organisation, text, found)""",
            [[entry.pk for entry in entries], [entry.organisation_id for entry in entries], texts, found],
        )
