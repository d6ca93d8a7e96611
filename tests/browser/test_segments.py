"""The count beside a text that is being written, in a real browser, and that it is the same as ours."""

from decimal import Decimal

import pytest

from comms.channels.segments import count, describe
from tests.comms.test_segments import COUNTED
from tests.conftest import ROOT

SITE = "http://texts.example/"  # nothing leaves: each request is answered here
PAGE = """<!doctype html><html lang="en"><title>Text</title><textarea id="id_words">Lift – out</textarea>
<p data-segments-of="id_words" data-pence="3.75" aria-live="polite"></p>
<script type="module" src="/segments.js"></script></html>"""
MORE = [
    "“Don’t” – wait…",
    "\u00a0\u200b\u2028\ue000\U000e0001",
    "👩‍👩‍👧 Ł [x]",
    "\f^{}\\[~]|€",
    "a\tb\x00c",
    "\r\n" * 81,
]
MORE += ["".join(map(chr, range(0x20, 0x250))), "€" * 400, "x" * 1530, "🚪" * 335]


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    script = (ROOT / "static/js/segments.js").read_text(encoding="utf-8")
    page.route(SITE, lambda route: route.fulfill(body=PAGE, content_type="text/html; charset=utf-8"))
    page.route(SITE + "segments.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto(SITE)
    return page


@pytest.mark.parametrize("price", ["4", "3.75", "0.05"])
def test_the_browser_counts_as_we_do(page, price):
    texts = [text for text, *_ in COUNTED] + MORE

    shown = page.evaluate(
        """async ([texts, price]) => {
            const { count, describe } = await import("/segments.js");
            return texts.map((text) => [count(text).units, count(text).culprits, describe(count(text), price)]);
        }""",
        [texts, price],
    )

    ours = [count(text) for text in texts]
    assert shown == [[one.units, list(one.culprits), describe(one, Decimal(price))] for one in ours]


def test_the_line_follows_the_typing(page):
    line = page.locator("[data-segments-of]")

    assert line.inner_text() == "UCS-2 because of –, 1 segment, 60 characters left, about 3.8p"
    page.fill("#id_words", "x" * 161)
    assert line.inner_text() == "GSM-7, 2 segments, 145 characters left, about 7.5p"
