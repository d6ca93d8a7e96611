"""Where, in plain text, a server's own words end and the returned mail begins."""

import re

from comms.receipts.bounces.fields import Block

MARK = re.compile(
    r"""(?ix)(?:
      (?:this|below(?:\ this\ line)?|here|what\ follows|following|the\ following)\ is\ (?:a|the)\ (?:copy|headers?|original|unsent|first)\b.*
    | -.{0,40}\b(?:original|returned|returning|unsent|undelivered|rejected|bounced|failed|your)\b.{0,30}\b(?:message|mail|text|header).*
    | (?:the\ |your\ )?(?:original|returned|unsent)\ (?:message|mail|e-mail)(?:\ headers?)?\ (?:follows|is\ attached|below|was).*
    | (?:the\ )?(?:headers?|text|body|first\ \d+\ \w+)\ of\ (?:the|your)\ (?:original\ )?(?:message|mail).*
    | -+\ *(?:message|mail)?\ ?(?:headers?|text|body|source)?(?:\ follows?)?[\ :-]*
    | -+\ *(?:original\ header|forwarded\ message|text\ of\ message|.{0,20}nachricht|.{0,20}message\ d.origine|mensaje\ original|元|返送|以下).*
    | (?:original|returned)\ (?:message|mail)(?:\ header)?\ *:?
    )"""
)
HEADER = re.compile(
    r"(?i)(?:return-path|received|from|to|cc|subject|date|message-id|mime-version|reply-to|sender|delivered-to|"
    r"x-[\w-]+|content-[\w-]+|dkim-signature|domainkey-signature|list-[\w-]+|precedence|importance|references|in-reply-to|user-agent|authentication-results|organization|errors-to)"
)
LINE = re.compile(r"^[ \t>|]{0,8}([A-Za-z][\w-]{1,40})[ \t]*:[ \t]*(.*)$")


def split(text: str) -> tuple[str, str]:
    """Cut text into the server's words and the copy of the mail below them, which may be empty."""
    lines = text.split("\n")
    said = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for number in range(said, len(lines)):
        if number > said and marks(lines, number) or runs(lines, number):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""


def marks(lines: list[str], number: int) -> bool:
    """Say whether a line announces the copy: it has the words for it, and headers come next."""
    line = lines[number].strip(" \t>*|#=")
    if not 3 < len(line) < 200 or not (MARK.fullmatch(line) or MARK.fullmatch(line.strip("- "))):
        return False
    below = [line for line in lines[number + 1 : number + 8] if line.strip()]
    return bool(below) and any(header_like(line) for line in below[:2])


def header_like(line: str) -> bool:
    """Say whether a line is a header, of a mail as it was sent."""
    match = LINE.match(line[:200])
    return match is not None and HEADER.fullmatch(match[1]) is not None


def runs(lines: list[str], number: int) -> bool:
    """Say whether four headers in a row begin at a line, their continuations not counted."""
    if not header_like(lines[number]):
        return False
    seen = 1
    for line in lines[number + 1 : number + 60]:
        if header_like(line):
            seen += 1
        elif not (line[:1] in " \t>|" and line.strip()):
            break
        if seen == 4:
            return True
    return False


def headers(copy: str) -> Block:
    """Read the headers of a returned copy in text, quoted or not; the first of a name counts."""
    found: Block = {}
    last = ""
    for line in copy.split("\n")[:400]:
        match = LINE.match(line)
        if match:
            last = match[1].lower()
            if last in found:
                last = ""
                continue
            found[last] = match[2]
        elif last and line[:1] in " \t>|" and line.strip(" \t>|"):
            found[last] += " " + line.strip(" \t>|")
        elif len(found) > 3:
            break
    return found
