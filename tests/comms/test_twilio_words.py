"""Every code that Twilio documents for a message has a meaning, in words that the reader knows."""

import re
from collections import Counter

import pytest

from comms.channels.twilio_words import GROUPS, MEANINGS, refusal

# https://www.twilio.com/docs/api/errors, as far as a message sent or its receipt can bring them.
DOCUMENTED = [
    *(20003, 20005, 20006, 20010, 20403, 20404, 20409, 20410, 20413, 20422, 20426, 20429, 20500),
    *(
        21211,
        21212,
        21214,
        21217,
        21265,
        21266,
        21267,
        21268,
        21408,
        21601,
        21602,
        21603,
        21604,
        21605,
        21606,
    ),
    *(
        21607,
        21608,
        21609,
        21610,
        21611,
        21612,
        21614,
        21616,
        21617,
        21618,
        21619,
        21620,
        21621,
        21622,
        21623,
    ),
    *(21624, 21626, 21627, 21635, 21654, 21655, 21656, 21657, 21658, 21659, 21660, 21661),
    *(21701, 21702, 21703, 21704, 21705, 21708, 21709, 21711, 21712, 21730),
    *range(30001, 30009),
    *range(30010, 30025),
    *(30027, 30028, 30029, 30030, 30031, 30032, 30033, 30034, 30035, 30036, 30045, 30410, 30450),
    *(code for code in range(63001, 63043) if code != 63004),  # there is no 63004
    *(63049, 63051),
]
JARGON = (
    r"twilio|\bsids?\b|10dlc|a2p|\bapi\b|handset|carrier|payload|https?|webhook|callback|endpoint|console"
)
JARGON += r"|freeform|\bgeo|\btls\b|\bmms\b|gsm|ucs|\bttl\b|\bfrom'|\bto'|\d{3}|invalid|please|success|error"


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_documented_code_has_a_meaning(code):
    assert code in MEANINGS


def test_each_code_has_one_meaning():
    codes = Counter(code for _, codes in GROUPS for code in codes)

    assert not [code for code, times in codes.items() if times > 1]


@pytest.mark.parametrize(
    "meaning", [meaning for meaning, _ in GROUPS], ids=lambda meaning: meaning.reason[:40]
)
def test_a_sentence_is_in_our_words(meaning):
    assert re.fullmatch(r"[A-Z].{10,200}\.", meaning.reason)
    assert not re.search(JARGON, meaning.reason, re.IGNORECASE)


@pytest.mark.parametrize(
    "meaning", [meaning for meaning, _ in GROUPS], ids=lambda meaning: meaning.reason[:40]
)
def test_what_waits_is_transient_and_what_came_back_says_how(meaning):
    assert meaning.permanent == (meaning.kind in ("failed", "bounced"))
    assert bool(meaning.bounce) == (meaning.kind == "bounced")
    assert not (meaning.no_line and meaning.permanent)


def test_an_unknown_code_means_what_the_status_does():
    assert [refusal(status, 12345, "New").kind for status in (400, 404, 429, 503)] == [
        "failed",
        "failed",
        "deferred",
        "deferred",
    ]


def test_a_known_code_outranks_the_status():
    assert refusal(400, 20003, "Authenticate").no_line
    assert refusal(503, 21211, "No").kind == "bounced"
