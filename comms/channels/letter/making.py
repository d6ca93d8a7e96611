"""Make a letter."""

import datetime

from django.template.loader import render_to_string

from comms.channels.letter import layout, printing, window
from comms.channels.letter.typeface import FACES, check, plain, words_of
from comms.channels.letter.values import Letter


def render(letter: Letter, seconds: int = printing.SECONDS) -> bytes:
    """Make the A4 PDF of a letter, attachments behind it; the same letter is the same bytes.

    Raises ValueError with the sentence that says why not.
    """
    _check(letter)
    return printing.made(
        _document(letter),
        title=plain(letter.subject),
        author=letter.letterhead.name,
        date=printing.midnight(letter.date),
        files=letter.attachments,
        seconds=seconds,
    )


def written(date: datetime.date) -> str:
    """Write a date as letters do: 3 March 2026."""
    return f"{date.day} {date:%B %Y}"


def _check(letter: Letter) -> None:
    """See that every sign of the letter can be printed. Raises ValueError."""
    head = letter.letterhead
    sender = "\n".join((head.name, *head.lines, head.phone, head.email, head.foot))
    check(plain(sender), "the letterhead")
    check(plain(letter.reference), "the reference")
    check(plain(letter.subject), "the subject")
    check(plain(words_of(letter.body)), "the text")
    for file in letter.attachments:
        check(plain(file.name), "the name of an attachment")


def _document(letter: Letter) -> str:
    sizes = layout.LARGE if letter.large_print else layout.SMALL
    logo, date = layout.logo(letter.letterhead.logo), written(letter.date)
    foot = layout.foot(letter.letterhead, sizes)
    head = layout.head(letter.recipient, date, letter.reference, sizes)
    address = window.fitted(letter.recipient, letter.address)
    return render_to_string(
        "outbound/letter.html",
        {
            "faces": FACES,
            "folds": window.FOLDS,
            "sizes": sizes,
            "first": layout.first_frames(logo, foot),
            "next": layout.next_frames(head),
            "logo": logo,
            "sender": layout.sender(letter.letterhead, logo, sizes),
            "address": layout.Block(*address),
            "foot": foot,
            "head": head,
            "date": date,
            "reference": plain(letter.reference),
            "subject": plain(letter.subject),
            "body": plain(letter.body),
            "enclosed": [plain(file.name) for file in letter.attachments],
        },
    )
