"""Tell programs from persons, by what they call themselves when they fetch a page, a picture or a link. Pure."""

import re
from typing import NamedTuple

# What fetches a link so that a person need not, or before one does: previews in messengers, scanners of mail, search
# engines, tools. By the words in their own User-Agent; whoever sends none is no browser of a person either.
MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|preview|facebookexternalhit|whatsapp/|slack|telegram|skype|discord|twitter|linkedin"
    r"|embedly|pinterest|mastodon|iframely|scan|safelinks|urldefense|proofpoint|mimecast|barracuda|messagelabs"
    r"|symantec|sophos|trend ?micro|forcepoint|fireeye|zscaler|virustotal|googleimageproxy|yahoomailproxy"
    r"|apple-pubsub|headless|lighthouse|curl/|wget/|python|java/|okhttp|go-http|libwww"
    r"|httpclient|axios|node-fetch|ruby|perl",
    re.IGNORECASE,
)
# Programs of an office suite fetch links in advance; as mail programs they show pictures to whoever reads.
OFFICE = re.compile(r"ms-?office|microsoft office|outlook-", re.IGNORECASE)
# Those that are worth naming, before the others. Apple's says nothing but this (Mail Privacy Protection).
NAMED = (
    (re.compile(r"\AMozilla/5\.0\Z"), "Apple Mail fetches pictures in advance, whoever looks."),
    (
        re.compile("googleimageproxy", re.I),
        "Gmail’s servers fetched it; they do so for their readers, and in advance.",
    ),
    (
        re.compile("yahoomailproxy", re.I),
        "Yahoo’s servers fetched it; they do so for their readers, and in advance.",
    ),
)
OTHER = "A program fetched it, by its own name: a scanner, a preview or a tool."
NAMELESS = "A program fetched it that does not say what it is."
IN_ADVANCE = "It was fetched in advance, before anybody asked for it."
ASKED = "A program asked only whether it is there."
SOON = "It was fetched within seconds of the handover, before anybody can have looked."


class Visit(NamedTuple):
    """How something came: its User-Agent, what it says of its purpose, and its method."""

    user_agent: str = ""
    purpose: str = ""
    method: str = "GET"


def is_machine(user_agent: str, purpose: str = "") -> bool:
    """Say whether a visit is a program's: by what it calls itself, or as a page fetched in advance (Sec-Purpose)."""
    return bool(why(Visit(user_agent, purpose)))


def why(visit: Visit, *, picture: bool = False) -> str:
    """Say in a sentence why a visit is a program's; "" for a person's. `picture`: it came for one in a mail."""
    agent = visit.user_agent.strip()
    for name, sentence in NAMED:
        if name.search(agent):
            return sentence
    if not agent:
        return NAMELESS
    if MACHINES.search(agent) or (not picture and OFFICE.search(agent)):
        return OTHER
    if re.search("prefetch|preview", visit.purpose, re.IGNORECASE):
        return IN_ADVANCE
    return ASKED if visit.method == "HEAD" else ""
