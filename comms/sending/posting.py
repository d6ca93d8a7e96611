"""Posting runs: letters that wait are printed together, taken to the post, and marked as posted."""

import csv
import datetime
import io
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.channels.letter.channel import LetterChannel
from comms.channels.letter.print_file import Cover, print_file
from comms.models import Communication, Content, PostedLetter, PostingRun, Recipient
from comms.models.communication import Refused
from comms.sending import by_person
from comms.sending.by_person import File
from portfolio.models import User

CHANNEL = LetterChannel.name
MOST = 1000  # letters in one print file
AT_ONCE = 50  # letters whose print file somebody waits for: less than a second


def ready(communication: Communication) -> list[Recipient]:
    """List the letters that wait and are in no run yet."""
    return list(by_person.waiting(communication).filter(channel=CHANNEL, posted=None)[:MOST])


def make(communication: Communication, post_class: str, duplex: bool, by: User) -> PostingRun:
    """Put the letters that wait into one run. Raises Refused where there are none.

    The print file of a few is made at once, that of many by the worker.
    """
    organisation = communication.organisation
    with transaction.atomic():
        Communication.objects.select_for_update().get(pk=communication.pk)  # one run at a time
        letters = ready(communication)
        if not letters:
            raise Refused("No letters wait: they are in a run already, or posted.")
        run = PostingRun.objects.create(
            organisation=organisation,
            communication=communication,
            number=communication.posting_runs.count() + 1,
            post_class=post_class,
            duplex=duplex,
            made_by=by,
        )
        PostedLetter.objects.bulk_create(
            PostedLetter(organisation=organisation, run=run, recipient=one) for one in letters
        )
        if len(letters) <= AT_ONCE:
            _print(run)
    return run


def print_waiting() -> int:
    """Make the print files of the runs that wait for one; give how many. Two workers never make the same."""
    with scopes_disabled():
        waiting = list(PostingRun.objects.filter(print_file=None, fault="").values_list("pk", "organisation"))
    return sum(_print_one(key, organisation) for key, organisation in waiting)


def _print_one(key: int, organisation: int) -> bool:
    with scope(organisation=organisation), transaction.atomic():
        mine = PostingRun.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "organisation", "communication"
        )
        run = mine.filter(pk=key, print_file=None, fault="").first()
        if run is None:
            return False
        try:
            _print(run)
        except ValueError as fault:
            PostingRun.objects.filter(pk=key).update(fault=str(fault)[:500])
    return True


def _print(run: PostingRun) -> None:
    """Make the print file of a run from the exact bytes of its letters. Raises ValueError."""
    letters = [one.recipient for one in run.letters.select_related("recipient__entry")]
    cover = Cover(
        title=letters[0].entry.title,
        post_class=str(PostingRun.PostClass(run.post_class).label),
        date=timezone.localdate(timezone=run.organisation.zone),
        organisation=run.organisation.name,
        duplex=run.duplex,
    )
    data = print_file(((one.name, one.entry.exact_bytes()) for one in letters), cover)
    run.print_file = Content.keep(run.organisation, data)
    PostingRun.objects.filter(pk=run.pk).update(print_file=run.print_file)


def undo(run: PostingRun) -> None:
    """Take a run back that was not posted; its letters wait again. Raises Refused."""
    gone, _ = PostingRun.objects.filter(pk=run.pk, posted_at__isnull=True).delete()
    if not gone:
        raise Refused("It is marked as posted, so it stays.")


def posted(run: PostingRun, at: datetime.datetime, by: User, files: Iterable[File]) -> int:
    """Log that a run was taken to the post, and give how many letters. Raises Refused.

    That it was posted is what `sent` means for a letter; a certificate of posting is kept with each.
    """
    if run.print_file_id is None:
        raise Refused("Its print file is not made yet, so nobody can have posted it.")
    if at < run.made_at - datetime.timedelta(minutes=1):
        raise Refused("That is before the letters were printed. Choose a later time.")
    if not PostingRun.objects.filter(pk=run.pk, posted_at__isnull=True).update(posted_at=at, posted_by=by):
        raise Refused("It is marked as posted already.")
    kept = list(files)
    many = 0
    for letter in run.letters.select_related("recipient__entry__organisation"):
        how = f"Posted by {run.get_post_class_display()}"
        how += f", tracking number {letter.tracking}" if letter.tracking else ""
        many += by_person.mark([letter.recipient], kind="sent", at=at, by=by, how=how, files=kept)
    return many


HEADINGS = ("tracking", "number", "barcode", "reference", "item")  # words over the column of the numbers
LONGEST = 40  # characters of a tracking number


@transaction.atomic
def track(run: PostingRun, text: str) -> tuple[int, list[str]]:
    """Take tracking numbers from a CSV of name and number, or in the order of the letters; give what did not fit.

    Raises Refused: for a file that is no CSV, and once the run is posted, as the log has said the numbers by then.
    """
    there = PostingRun.objects.select_for_update().filter(pk=run.pk).first()  # not while it is being posted
    if there is None or there.posted_at:
        raise Refused("It is marked as posted, and its numbers are in the log. They stay as they are.")
    letters = list(run.letters.select_related("recipient"))
    by_name: dict[str, list[PostedLetter]] = {}
    for letter in letters:
        by_name.setdefault(letter.recipient.name.casefold(), []).append(letter)
    taken: dict[int, PostedLetter] = {}
    astray = []
    for number, (line, row) in enumerate(_rows(text)):
        found = _letter(row, number, letters, by_name) if len(row[-1]) <= LONGEST else None
        if found is None:
            astray.append(f"Line {line}: {', '.join(row)[:80]}")
            continue
        found.tracking = row[-1]
        taken[found.pk] = found
    PostedLetter.objects.bulk_update(taken.values(), ["tracking"])
    return len(taken), astray


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Read the lines that hold something, each with its number, without the heading. Raises Refused.

    Any line ends are read (RFC 4180 has CR LF, old spreadsheets CR alone); a quote that is never closed would
    swallow the lines after it, so it is refused.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            if row := [cell.strip() for cell in cells if cell.strip()]:
                rows.append((reader.line_num, row))
    except csv.Error:
        raise Refused(
            f"Line {reader.line_num} cannot be read: a quotation mark is not closed. Save the list as CSV again."
        ) from None
    return rows[1:] if rows and _is_heading(rows[0][1]) else rows


def _is_heading(row: list[str]) -> bool:
    """Tell a heading from a number by its words: a tracking number has digits in it."""
    last = row[-1].casefold()
    return any(word in last for word in HEADINGS) and not any(sign.isdigit() for sign in last)


def _letter(
    row: list[str], number: int, letters: list[PostedLetter], by_name: dict[str, list[PostedLetter]]
) -> PostedLetter | None:
    if len(row) == 1:
        return letters[number] if number < len(letters) else None
    named = by_name.get(row[0].casefold(), [])
    return named.pop(0) if named else None
