"""The columns of the log as a file: what each is called, its SQL, and which column of the page it belongs to."""

from collections.abc import Iterable
from typing import NamedTuple

from comms.models import Communication, Delivery

# = + - @, tab, line ends, and the full-width forms: what a spreadsheet would take for a formula.
FORMULA = (61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312)


class Column(NamedTuple):
    """A column of the file. `kind` says what a spreadsheet might make of it: text, address, or nothing (ours)."""

    heading: str
    sql: str
    of: str = ""  # the column of the page
    kind: str = ""

    def csv(self) -> str:
        """Give its SQL for a file that a program will open and interpret."""
        if self.kind == "address":
            return address(self.sql)
        return safe(self.sql) if self.kind == "text" else self.sql


def safe(column: str) -> str:
    """Give the SQL for a text that a spreadsheet must not run: an apostrophe comes before what could be."""
    starts = ", ".join(map(str, FORMULA))
    return f"CASE WHEN ascii({column}) IN ({starts}) THEN '''' || {column} ELSE {column} END"


def address(column: str) -> str:
    """Give the SQL for an address. British phones are written nationally, as +44… would get an apostrophe."""
    national = rf"CASE WHEN {column} ~ '^\+44\d{{9,10}}$' THEN '0' || substr({column}, 4) ELSE {column} END"
    return safe(f"({national})")


def word(column: str, choices: list[tuple[str, str]]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in choices)
    return f"CASE {column} {whens} ELSE {column} END"


def utc(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


LOCAL = """to_char(d.at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')"""  # in the zone that the session is set to
CORRECTS = "(SELECT x.public_id FROM comms_logentry x WHERE x.id = e.corrects_id)"
# "+ 0" keeps PostgreSQL from reading the whole log by its key for each row, to spare itself a sort of one entry.
CORRECTED_BY = "(SELECT string_agg(x.public_id::text, ' ' ORDER BY x.id + 0) FROM comms_logentry x WHERE x.corrects_id = e.id)"
COLUMNS = {
    "entry": Column("Entry", "e.public_id"),
    "sent_at_utc": Column("Sent at (UTC)", utc("d.at"), "sent"),
    "sent_at_local": Column("Sent at (local)", LOCAL, "sent"),
    "recorded_at_utc": Column("Recorded at (UTC)", utc("e.recorded_at")),
    "recipient": Column("Recipient", "e.to_name", "recipient", "text"),
    "address": Column("Address", "e.to_address", "recipient", "address"),
    "channel": Column("Channel", "d.channel", "channel", "text"),
    "manual": Column("By hand", "CASE WHEN d.manual THEN 'yes' ELSE 'no' END", "channel"),
    "title": Column("Title", "e.title", "title", "text"),
    "block": Column("Block", "coalesce(nullif(e.block_label, ''), b.name)", "linked", "text"),
    "unit": Column("Flat", "coalesce(nullif(e.unit_label, ''), u.name)", "linked", "text"),
    "contact": Column("Contact", "coalesce(nullif(e.contact_label, ''), c.name)", "linked", "text"),
    "regarding": Column("About", "coalesce(nullif(e.regarding_label, ''), r.name)", "linked", "text"),
    "communication": Column("Communication", "m.public_id", "linked"),
    "reference_type": Column("Kind of reference", "d.reference_type", "linked", "text"),
    "reference": Column("Reference", "d.reference", "linked", "text"),
    "sent_by": Column("Sent by", "d.sender_label", "sender", "text"),
    "status": Column("Status", word("d.status", Delivery.Status.choices), "status"),
    "bounce": Column("Bounce", "d.bounce", "status"),
    "reason": Column("Reason", "d.reason", "status", "text"),
    "status_at_utc": Column("Status since (UTC)", utc("d.status_at"), "status"),
    "type": Column("Type", word("d.type", Communication.Type.choices), "template"),
    "template": Column("Template", "e.template_label", "template", "text"),
    "corrects": Column("Corrects", CORRECTS),
    "corrected_by": Column("Corrected by", CORRECTED_BY),
    "message_id": Column("Message-ID", "e.message_id", "", "text"),
    "sha256": Column("SHA-256", "e.sha256"),
}
ALL = tuple(COLUMNS)


def of_page(shown: Iterable[str]) -> tuple[str, ...]:
    """Give the columns of a file that say what these columns of the page do; the entry's number is always there."""
    shown = set(shown)
    return tuple(name for name, column in COLUMNS.items() if name == "entry" or column.of in shown)


def chosen(asked: Iterable[str]) -> tuple[str, ...]:
    """Give the columns that were asked for, in the file's order; all of them where none is known."""
    asked = set(asked)
    return tuple(name for name in COLUMNS if name in asked) or ALL
