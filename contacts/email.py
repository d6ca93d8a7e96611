"""Read one email address, strictly: what is let in here is written into mail headers and dialled."""

import re
import unicodedata

import idna

from contacts.mistake import Mistake

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the angle brackets of a path
MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1
# RFC 5322 dot-atom, with the letters of other scripts that RFC 6531 adds. Quoted local parts are lawful,
# unused, and the classic way to hide a second address, so they are not let in.
ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def parse(text: str) -> str:
    """Give the address with its domain in lower case and ASCII (IDNA 2008, RFC 5891). Raises Mistake."""
    _check_shape(text)
    local, _, domain = text.partition("@")
    local = unicodedata.normalize("NFC", local)
    if not local:
        raise Mistake("There is nothing before the @. An address looks like name@example.com.")
    if not LOCAL.fullmatch(local):
        raise Mistake(f"“{local[:40]}” cannot stand before the @. Check its dots and signs.")
    if len(local.encode()) > MAX_LOCAL:
        raise Mistake(f"The part before the @ is longer than {MAX_LOCAL} characters.")
    address = f"{local}@{_domain(domain)}"
    if len(address.encode()) > MAX_LENGTH:
        raise Mistake(f"The address is longer than {MAX_LENGTH} characters.")
    return address


def _check_shape(text: str) -> None:
    if not text:
        raise Mistake("Enter an email address.")
    if not text.isprintable() and not text.isspace():
        raise Mistake("The address has a line break or another sign in it that cannot be seen. Type it anew.")
    if any(sign in text for sign in '<>"()'):
        raise Mistake("Write the address alone, without a name, quotes or brackets.")
    if "," in text or ";" in text:
        raise Mistake("Write one address only.")
    if any(sign.isspace() for sign in text):
        raise Mistake("The address has a space in it.")
    if "@" not in text:
        raise Mistake("There is no @ in it. An address looks like name@example.com.")
    if text.count("@") > 1:
        raise Mistake("There is more than one @ in it.")


def _domain(text: str) -> str:
    if not text:
        raise Mistake("There is nothing after the @. An address looks like name@example.com.")
    try:
        domain = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode()
    except idna.IDNAError:
        raise Mistake(f"“{text[:60]}” cannot be a domain. Check what is after the @.") from None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        raise Mistake(f"“{text[:60]}” is not a whole domain. It ends in something like .com or .co.uk.")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise Mistake(f"“{text[:60]}” cannot be a domain. Check what is after the @.")
    return domain
