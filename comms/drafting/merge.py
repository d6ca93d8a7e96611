"""Fill merge fields: {{name}} in a text becomes a value. A closed list of names, and nothing is ever run."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import quote


class Field(NamedTuple):
    label: str
    group: str
    example: str


FIELDS: dict[str, Field] = {
    "salutation": Field("Salutation", "contact", "Mrs Okafor"),
    "first_name": Field("First name", "contact", "Ada"),
    "last_name": Field("Last name", "contact", "Okafor"),
    "full_name": Field("Full name", "contact", "Mrs Ada Okafor"),
    "email": Field("Email address", "contact", "ada.okafor@example.com"),
    "unit_name": Field("Flat", "unit", "Flat 12"),
    "unit_reference": Field("Flat's reference", "unit", "MH-012"),
    "block_name": Field("Block", "block", "Maple House"),
    "block_address": Field("Block's address", "block", "14 Mill Lane, London"),
    "block_postcode": Field("Block's postcode", "block", "SE1 4XX"),
    "organisation_name": Field("Organisation", "organisation", "Harbour Block Management"),
    "organisation_phone": Field("Organisation's phone", "organisation", "020 7946 0123"),
    "organisation_email": Field("Organisation's email", "organisation", "office@example.com"),
    "sender_name": Field("Sender's name", "organisation", "Alice Moreau"),
    "date": Field("Date of sending", "date", "20 November 2026"),
}

# Three braces are not a field with a brace beside it but a slip of the hand, and `unclosed` tells of it.
TOKEN = re.compile(r"\{\{(?<!\{\{\{)\s*([^{}]*?)\s*\}\}(?!\})")
TOKEN_OR_TAG = re.compile(rf"<[^<>]*\{{\{{[^<>]*>|{TOKEN.pattern}")
STRAY = re.compile(r"\{\{|\}\}")
AROUND = 12  # characters shown on each side of a stray brace


class MissingValue(ValueError):
    """Raised when a text is filled although fields in it have no value; `fields` names them."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(f"A field has nothing to fill it with: {labels(fields)}.")
        self.fields = fields


def labels(names: list[str]) -> str:
    """Name fields as their palette does; one that is not in FIELDS by its own name."""
    return ", ".join(FIELDS[name].label if name in FIELDS else name for name in names)


def fields_in(text: str) -> list[str]:
    """List the fields of a text, known or not, each once, in their order."""
    return list(dict.fromkeys(match[1] for match in TOKEN.finditer(text)))


def unknown_fields(text: str) -> list[str]:
    """List the fields of a text that there is no such field for."""
    return [name for name in fields_in(text) if name not in FIELDS]


def unclosed(text: str) -> list[str]:
    """List the places where double braces open or close no field, each with the words around it."""
    around_fields = TOKEN.sub(lambda match: " " * len(match[0]), text)
    return [
        text[max(0, match.start() - AROUND) : match.end() + AROUND].strip()
        for match in STRAY.finditer(around_fields)
    ]


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """List the fields of a text that have no value: empty, unheard of, or not in FIELDS."""
    return [name for name in fields_in(text) if name not in FIELDS or not str(values.get(name) or "").strip()]


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Fill the fields of a plain text. Raises MissingValue."""
    return _fill(TOKEN, text, values, lambda match: str(values[match[1]]))


def fill_line(text: str, values: Mapping[str, str]) -> str:
    """Fill the fields of a line, such as a subject, that stays one line. Raises MissingValue."""
    return " ".join(fill_text(text, values).split())


def fill_html(html: str, values: Mapping[str, str]) -> str:
    """Fill the fields of HTML; values are words, never markup. Raises MissingValue."""

    def put(match: re.Match[str]) -> str:
        if match[0].startswith("<"):  # inside a tag it is part of an address
            return TOKEN.sub(lambda inner: quote(str(values[inner[1]]), safe="@"), match[0])
        return "<br>".join(escape(line) for line in str(values[match[1]]).splitlines())

    return _fill(TOKEN_OR_TAG, html, values, put)


def _fill(
    pattern: re.Pattern[str], text: str, values: Mapping[str, str], put: Callable[[re.Match[str]], str]
) -> str:
    # One pass from left to right: braces inside a value are not looked at again.
    if lacking := missing(text, values):
        raise MissingValue(lacking)
    return pattern.sub(put, text)
