"""Clean what was written in the editor, and turn it into the two bodies of a mail."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from html import escape, unescape
from typing import NamedTuple

import css_inline
import nh3
from django.template.loader import get_template, render_to_string
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

# What the buttons of the editor can make, and nothing else.
BLOCKS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "hr"}
MARKS = {"strong", "em", "u", "s", "a", "br"}
TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
# Other programs' words for the same things; pasted text keeps its bold and its headings.
SAME_AS = {"b": "strong", "i": "em", "strike": "s", "del": "s", "ins": "u", "h1": "h2"} | dict.fromkeys(
    ("h4", "h5", "h6"), "h3"
)
WITHOUT_CONTENT = {"script", "style", "title", "iframe", "object", "noscript", "template", "svg", "math"}
RENAMED = re.compile(rf"<(/?)({'|'.join(SAME_AS)})(?=[\s/>])", re.IGNORECASE)
REMOVED = {
    "a script": ("script",),
    "a form": ("form", "input", "button", "select", "textarea"),
    "a page of another site": ("iframe", "frame"),
    "a file of another site": ("link", "base"),
    "an instruction to the browser": ("meta",),
    "a style sheet": ("style",),
    "a drawing": ("svg", "canvas"),
    "a formula": ("math",),
    "a video, a sound or another file in the text": ("video", "audio", "object", "embed", "applet"),
}
REMOVED_TAGS = {tag: words for words, tags in REMOVED.items() for tag in tags}
# In plain text these stand apart from what is around them, as paragraphs do.
APART = {"ul", "ol", "table", "blockquote", "hr"}
PLAIN = STRICT_CSS_PROFILE | {"section": STRICT_CSS_PROFILE["p"]}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Cleaned(NamedTuple):
    html: str
    removed: list[str]


def clean(html: str) -> Cleaned:
    """Keep what the editor can make; say in plain words what of substance was taken out."""
    cleaned = nh3.clean(
        RENAMED.sub(lambda match: f"<{match[1]}{SAME_AS[match[2].lower()]}", html),
        tags=BLOCKS | MARKS | TABLE,
        clean_content_tags=WITHOUT_CONTENT,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=None,
    )
    return Cleaned(cleaned, list(dict.fromkeys(_taken_out(html))))


def _taken_out(html: str) -> Iterator[str]:
    """Name what will be taken out. Only for telling: what may stay is decided by `clean`."""
    for element in _tree(html).iter(etree.Element):
        tag = str(element.tag)
        if tag in REMOVED_TAGS:
            yield REMOVED_TAGS[tag]
        if tag == "img":
            near = element.get("src", "").lower().startswith(("data:", "cid:"))
            yield "an image" if near else "an image kept on another site"
        if any(name.startswith("on") for name in element.attrib):
            yield "an event handler"
        if tag == "a" and not _kept(element.get("href", "https:")):
            yield "a link that is not to a web page, an email address or a phone"


def _kept(href: str) -> bool:
    # Browsers skip white space and control characters in front of and inside a scheme.
    scheme = re.sub(r"[\x00-\x20]", "", href).partition(":")[0].lower()
    return ":" in href and scheme in SCHEMES


def to_text(html: str) -> str:
    """Make the plain text of a body: one line a paragraph, links as their words and (address)."""
    tree = _tree(html)
    for block in [child for child in tree if child.tag in APART]:
        apart = tree.makeelement("section")
        block.addprevious(apart)
        apart.append(block)
    for numbered in tree.iter("ol"):
        if len(numbered) and numbered.get("start"):
            numbered[0].set("value", numbered.get("start", ""))  # clause 3 is clause 3 in both bodies
    for item in tree.iter("li"):
        if len(item) and item[0].tag == "p" and not item.text:
            item[0].drop_tag()  # the editor wraps each item in a paragraph
    for link in tree.iter("a"):
        address = link.get("href", "").removeprefix("mailto:").removeprefix("tel:")
        if address and "".join(link.itertext()).strip() not in (address, address.removesuffix("/")):
            link.tail = f" ({address}){link.tail or ''}"
    text = Inscriptis(tree, ParserConfig(css=PLAIN)).get_text()
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _tree(html: str) -> HtmlElement:
    # XML knows no control characters, and so neither does lxml.
    return fragment_fromstring(CONTROL.sub("", html) or "<p></p>", create_parent="div")


LINK = re.compile(r'(<a\b[^>]*?\bhref=")(https?://[^"]+)"', re.IGNORECASE)
WEB = re.compile(r"https?://\S+", re.IGNORECASE)


def with_links(document: str, lead: Callable[[str], str]) -> str:
    """Have each web link of a mail document lead where `lead` says. The document is ours, so its quotes are too."""
    return LINK.sub(lambda match: f'{match[1]}{escape(lead(unescape(match[2])))}"', document)


def with_text_links(text: str, ways: Mapping[str, str]) -> str:
    """Do the same to the plain text, where a link ends is seen by what is known: of all ends the longest counts."""
    known = {url.removesuffix("/"): way for url, way in ways.items()} | dict(ways)

    def lead(match: re.Match[str]) -> str:
        found = match[0]
        end = next((end for end in range(len(found), 0, -1) if found[:end] in known), 0)
        ends_there = not re.match(r"[\w/?#&=%-]", found[end:])  # a longer one of which this is the beginning
        return known[found[:end]] + found[end:] if end and ends_there else found

    return WEB.sub(lead, text)


def with_picture(document: str, address: str) -> str:
    """Put a picture of one point at the end of a mail document."""
    before, end, after = document.rpartition("</body>")
    return f'{before}<img src="{escape(address)}" width="1" height="1" alt="">{end}{after}'


def wrap_for_mail(
    html: str,
    *,
    organisation_name: str,
    footer_lines: Sequence[str],
    title: str = "",
    page_link: str = "",
    watched: str = "",
    language: str = "en-GB",
) -> str:
    """Make the whole mail document around a clean body. Merge fields in it stay as they are, to be filled.

    `watched` is the sentence that tells recipients so, where opens and clicks are watched.
    """
    document = render_to_string(
        "outbound/email.html",
        {
            "body": html,
            "organisation_name": organisation_name,
            "footer_lines": footer_lines,
            "title": title,
            "page_link": page_link,
            "watched": watched,
            "language": "en-GB" if language == "en" else language,
        },
    )
    return _inliner().inline(document)


@cache
def _inliner() -> css_inline.CSSInliner:
    # Mail programs drop style sheets and read style attributes; what cannot be one (dark mode) stays in <style>.
    styles = get_template("outbound/email.css").render()
    return css_inline.CSSInliner(extra_css=styles, keep_at_rules=True, load_remote_stylesheets=False)
