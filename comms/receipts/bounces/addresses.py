"""Addresses in what servers write: typed (RFC 3464), xtext (RFC 3461), UTF-8 (RFC 6533) or in prose."""

import re

LOCAL = r"[^\s<>()\[\]{},;:\"'@`|=*\u3000-\u303f\uff00-\uffef]"
ADDRESS = re.compile(
    rf"(?:\"[^\"\n@]{{1,64}}\"|(?:{LOCAL}|=(?=\S)|\*|(?<=\S)'){{1,128}})@(?:[\w-]{{1,63}}\.){{0,9}}[\w-]{{1,63}}"
)
TYPE = re.compile(
    r"^\s*(?:rfc-?\s*822|utf-?8|x-local-user|system|local|unknown|smtp|internet|dns|user)\s*;?\s*[;:]\s*",
    re.I,
)
XTEXT = re.compile(r"\+(2B|3D|20)")
UNITEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
EDGES = "<>\"'.,;:()[]{}*`|= "
DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail-?daemon|postmaster|mdaemon|postmast|root|mailerdaemon|bounces?|no-?reply)@",
    re.I,
)


def typed(value: str) -> str:
    """Read the address of a Final-Recipient field, its type left out and its encodings undone."""
    value = TYPE.sub("", value)
    value = UNITEXT.sub(lambda match: character(match[1]), value)
    return first(XTEXT.sub(lambda match: chr(int(match[1], 16)), value))


def character(digits: str) -> str:
    """Give the character of a RFC 6533 escape, or nothing where there is none of that number."""
    number = int(digits, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def first(text: str) -> str:
    """Give the first address in a text, lower-cased, or nothing."""
    return next(iter(each(text)), "")


def each(text: str) -> list[str]:
    """Give the addresses in a text in their order, lower-cased, each once."""
    found = (clean(match.group()) for match in ADDRESS.finditer(text)) if "@" in text else ()
    return list(dict.fromkeys(address for address in found if address))


def clean(address: str) -> str:
    """Take off what clings to an address in prose; nothing if no address is left."""
    address = (
        re.sub(r"^(?:mailto|smtp|rfc822|to)[:=;]", "", address.strip(EDGES), flags=re.I).strip(EDGES).lower()
    )
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain}" if local and domain and not domain.startswith("-") else ""


def daemon(address: str) -> bool:
    """Say whether an address is a machine's, which nobody mails and which never bounces to us."""
    return bool(DAEMON.match(address))
