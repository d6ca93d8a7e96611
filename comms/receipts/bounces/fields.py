"""The blocks of a delivery report (RFC 3464) or feedback report (RFC 5965), well formed or not."""

import re

FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)$")
KNOWN = re.compile(
    r"^(?:(?:final|original|actual)-recipient|action|status|diagnostic-code|remote-mta|reporting-mta|"
    r"received-from-mta|arrival-date|last-attempt-date|will-retry-until|final-log-id|dsn-gateway|"
    r"original-envelope-id|x-[\w-]+|feedback-type|user-agent|version|original-mail-from|original-rcpt-to|"
    r"removal-recipient|reported-domain|source-ip|arrival-date|authentication-results|disposition|"
    r"original-message-id|reporting-ua|incidents|reported-uri|localized-reason|[\w-]*-mta|[\w-]*-date)$"
)
REPEATED = ("diagnostic-code", "original-rcpt-to", "removal-recipient")
STARTS = ("final-recipient", "original-recipient")

Block = dict[str, str]


def blocks(text: str) -> list[Block]:
    """Read the blocks of a report; a diagnostic text broken by bare or blank lines is joined again."""
    found: list[Block] = []
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")):
        for block in paragraph_blocks(paragraph):
            stray = not any(KNOWN.match(name) for name in block)
            if stray and found:
                found[-1] = joined(found[-1], paragraph)
            elif found and continues(found[-1], block):
                found[-1] = {**block, **found[-1]}
            elif block:
                found.append(block)
    return found


def continues(before: Block, block: Block) -> bool:
    """Say whether a block goes on about the recipient before it: it names none and tells new things."""
    told = {"action", "status", "diagnostic-code"}
    mine = told & set(block)
    return (
        bool(mine)
        and not set(STARTS) & set(block)
        and bool(set(STARTS) & set(before))
        and not mine & set(before)
    )


def joined(block: Block, words: str) -> Block:
    """Give a block with stray words added to its diagnostic text, if it is about a recipient."""
    if not {*STARTS, "diagnostic-code"} & set(block):
        return block
    return {**block, "diagnostic-code": f"{block.get('diagnostic-code', '')} {words}".strip()}


def paragraph_blocks(paragraph: str) -> list[Block]:
    """Read one paragraph: a second recipient in it starts a block of its own."""
    found: list[Block] = [{}]
    last = ""
    for line in paragraph.split("\n"):
        match = FIELD.match(line)
        name = match[1].lower() if match else ""
        if match and (KNOWN.match(name) or not last):
            if name in found[-1] and name in STARTS:
                found.append({})
            if name not in found[-1] or not found[-1][name]:
                found[-1][name] = match[2].strip()
                last = name
            elif name in REPEATED:
                found[-1][name] += " " + match[2].strip()
        elif last:
            found[-1][last] += " " + line.strip()
    return [{name: value.strip() for name, value in block.items()} for block in found]
