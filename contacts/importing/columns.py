"""What a spreadsheet of people and flats may hold, and which of its columns is probably which."""

import re
from typing import NamedTuple


class Column(NamedTuple):
    label: str
    also: tuple[str, ...]  # other words that people write above it
    group: str
    help: str = ""


COLUMNS: dict[str, Column] = {
    "block": Column("Block", ("building", "property", "development", "block name", "block reference", "scheme"), "Flat", "Its name or reference. It must be there already."),
    "unit": Column("Flat", ("unit", "apartment", "flat number", "flat no", "unit number", "unit name", "plot"), "Flat", "It is added where it is not there yet."),
    "unit_reference": Column("Flat reference", ("unit reference", "unit ref", "flat ref", "property reference"), "Flat"),
    "reference": Column("Contact reference", ("reference", "ref", "account", "account number", "contact ref", "tenant reference", "leaseholder reference", "customer number"), "Person", "The number that your office gives them. With it, each row finds its contact for certain."),
    "kind": Column("Person or company", ("kind", "contact type"), "Person"),
    "title": Column("Title", ("salutation", "prefix"), "Person"),
    "first_name": Column("First name", ("forename", "given name", "firstname", "forenames", "first names"), "Person"),
    "last_name": Column("Last name", ("surname", "family name", "lastname"), "Person"),
    "name": Column("Name", ("full name", "contact", "leaseholder", "owner", "contact name", "company", "company name", "addressee"), "Person", "Where first and last name are in one column."),
    "email": Column("Email", ("e-mail", "email address", "mail", "e-mail address", "email 1"), "Addresses"),
    "shared": Column("Shares the email", ("shared email", "share email"), "Addresses", "Yes, where another contact has the same email."),
    "other_email": Column("Other email", ("second email", "email 2", "alternative email"), "Addresses"),
    "phone": Column("Phone", ("telephone", "mobile", "tel", "phone number", "mobile number", "mobile phone", "telephone number"), "Addresses"),
    "other_phone": Column("Other phone", ("second phone", "phone 2", "landline", "home phone", "work phone"), "Addresses"),
    "address": Column("Postal address", ("address", "correspondence address", "address line 1", "address 1", "street"), "Addresses", "Where it differs from the flat's."),
    "address_2": Column("Address line 2", ("address 2",), "Addresses"),
    "address_3": Column("Address line 3", ("address 3",), "Addresses"),
    "town": Column("Town", ("city", "post town"), "Addresses"),
    "postcode": Column("Postcode", ("post code", "zip"), "Addresses"),
    "preferred_channel": Column("Prefers", ("preferred channel", "channel", "contact by"), "Wishes"),
    "language": Column("Language", (), "Wishes"),
    "large_print": Column("Large print", (), "Wishes"),
    "notes": Column("Notes", ("note", "comments", "remarks"), "Wishes"),
    "role": Column("Role", ("type", "status", "relationship", "occupancy"), "Part in the flat", "Leaseholder where it is empty."),
    "ownership": Column("Ownership", ("owner type", "sole or joint"), "Part in the flat", "Sole or joint."),
    "since": Column("Since", ("start", "start date", "from", "move in", "lease start", "purchase date", "moved in"), "Part in the flat", "Such as 3 March 2024, 03/03/2024 or 2024-03-03."),
    "until": Column("Until", ("end", "end date", "to", "move out", "moved out", "last day"), "Part in the flat"),
    "is_primary": Column("First contact", ("primary", "main contact", "primary contact"), "Part in the flat"),
}  # fmt: skip
ADDRESS = ("address", "address_2", "address_3", "town", "postcode")
PERSON = ("reference", "name", "first_name", "last_name")


def guess(heads: list[str]) -> dict[str, int]:
    """Match our columns to those of a file by the words above them."""
    there: dict[str, int] = {}
    for number, head in enumerate(heads):
        there.setdefault(_plain(head), number)
    found: dict[str, int] = {}
    for name, column in COLUMNS.items():
        for words in (column.label, name, *column.also):
            number = there.get(_plain(words), -1)
            if number >= 0 and number not in found.values():
                found[name] = number
                break
    return found


def _plain(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower())


def lacks(matching: dict[str, int]) -> str:
    """Say what a matching lacks to be of use, or nothing."""
    matched = set(matching)
    if len(set(matching.values())) < len(matching):
        return "One column of the file is chosen twice. Choose each once."
    if "unit" in matched and "block" not in matched and "unit_reference" not in matched:
        return "Say which column names the block: flats of several blocks have the same names."
    if not matched & {*PERSON, "unit"}:
        return "Choose at least the column of the names or that of the flats."
    if {"role", "since", "until", "ownership"} & matched and not matched & {"unit", "unit_reference"}:
        return "Roles and dates say what part somebody has in a flat. Choose the column of the flat too."
    return ""
