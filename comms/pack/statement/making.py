"""Make the two PDFs of a pack: the statement, with everything that is known, and the certificate of service to sign."""

import base64
from typing import IO, Any

from comms.channels.letter.making import written
from comms.channels.letter.typeface import printable
from comms.pack.heads import Signed
from comms.pack.scope import Scope
from comms.pack.statement import binding
from comms.pack.statement.document import AT_ONCE, ROWS, Statement
from portfolio.models import Organisation

INDEX = {
    "summary": "Summary",
    "schedule": "1. Schedule of messages",
    "documents": "2. What was sent",
    "messages": "3. Each message, and what became of it",
    "checking": "4. How this was recorded, and how to check it",
}
SHORT = 12  # characters of the end of a log's name, at the foot of a page


def statement(made: Statement, scope: Scope, logs: list[Signed], verifier: str) -> bytes:
    """Bind the statement. The schedule is set twice: once to know how many pages it takes, once with the pages."""
    made.print_messages()
    context = {**_context(made, scope, logs), "verifier_sha256": verifier}
    documents = _documents(made)
    checking = [binding.as_file(made.set("pack_checking.html", context))]
    front = binding.pages_of([_front(made, context, {})])
    schedule = binding.pages_of(_schedule(made))
    at = {"summary": 1, "schedule": front + 1}
    at["documents"] = at["schedule"] + schedule
    at["messages"] = at["documents"] + binding.pages_of(documents)
    at["checking"] = at["messages"] + binding.pages_of(made.messages.files)
    for number, place in binding.numbers_on(made.messages.files).items():
        made.lines[number - 1].page = at["messages"] + place
    parts = [
        (INDEX["summary"], [_front(made, context, at)]),
        (INDEX["schedule"], _schedule(made)),
        (INDEX["documents"], documents),
        *([(INDEX["messages"], made.messages.files)] if made.each else []),
        (INDEX["checking"], checking),
    ]
    return binding.bound(parts, foot(logs), _facts(made, "Record of communications"))


def certificate(made: Statement, scope: Scope, logs: list[Signed]) -> bytes:
    """Set the certificate of service, for a person to complete and sign."""
    context = _context(made, scope, logs) | {
        "served": [one for one in made.lines if one.certified],
        "late": sum(bool(one.recorded_late) for one in made.lines if one.certified),
        "not_served": [one for one in made.lines if not one.certified],
        "titles": list(dict.fromkeys(one.title for one in made.lines if one.certified)),
    }
    parts = [("Certificate of service", [binding.as_file(made.set("pack_certificate.html", context))])]
    return binding.bound(parts, foot(logs), _facts(made, "Certificate of service"))


def _context(made: Statement, scope: Scope, logs: list[Signed]) -> dict[str, Any]:
    heads = [
        {
            "origin": signed.log.origin,
            "size": f"{signed.size:,}",
            "root": base64.b64encode(bytes(signed.head.root)).decode(),
            "signed_at": signed.head.recorded_at,
            "keys": signed.keys,
        }
        for signed in logs
        if signed.head
    ]
    return {
        "organisation": printable(made.organisation.name),
        "address": _address(made.organisation),
        "scope": [printable(words) for words in scope.words],
        "asked": len(scope.chosen),
        "brought": len(scope.brought),
        "total": len(made.lines),
        "each": made.each,
        "date": written(made.now.date()),
        "zone": made.organisation.time_zone,
        "heads": heads,
        **made.summary(),
    }


def _address(organisation: Organisation) -> list[str]:
    """Give the lines of its address, without its name where that stands before."""
    lines = [line.strip() for line in printable(organisation.address).split("\n")]
    return [line for line in lines if line and not line.startswith(organisation.name)]


def _front(made: Statement, context: dict[str, Any], at: dict[str, int]) -> IO[bytes]:
    index = [(INDEX[name], at.get(name, 0)) for name in INDEX if name not in _left_out(made)]
    return binding.as_file(made.set("pack_front.html", {**context, "index": index}))


def _left_out(made: Statement) -> tuple[str, ...]:
    return ("summary",) if made.each else ("summary", "messages")


def _schedule(made: Statement) -> list[IO[bytes]]:
    return [
        binding.as_file(
            made.set("pack_schedule.html", {"lines": made.lines[at : at + ROWS], "first": at == 0})
        )
        for at in range(0, len(made.lines), ROWS)
    ]


def _documents(made: Statement) -> list[IO[bytes]]:
    found = list(made.documents.values())
    return [
        binding.as_file(
            made.set("pack_documents.html", {"documents": found[at : at + AT_ONCE], "first": at == 0})
        )
        for at in range(0, len(found), AT_ONCE)
    ]


def foot(logs: list[Signed]) -> list[str]:
    """Give the lines at the foot of each page: the head that all of it rests on."""
    lines = [
        f"Log …{signed.log.origin[-SHORT:]} · head of {signed.size:,} rows · "
        f"root {base64.b64encode(bytes(signed.head.root)).decode()}"
        for signed in logs
        if signed.head
    ]
    return lines[-2:] or ["Not under a signed head when this was made."]


def _facts(made: Statement, title: str) -> dict[str, str]:
    return {"Title": title, "Author": made.organisation.name, "Producer": "Blockpost"}
