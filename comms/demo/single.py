"""Messages to one person each: notes by managers, what was done by hand, and what other programs sent."""

import datetime
from itertools import cycle, repeat

from comms.demo import elsewhere, history, wording
from comms.demo.history import Past
from comms.demo.wording import Mailing, letter
from comms.drafting import audience
from comms.models import LogEntry
from contacts.models import Occupancy

ON_FOOT = ("hand", "in_person")
NOTES, BY_HAND, WORKFLOWS = 45, 100, 90
FIRST_INVOICE, FIRST_BOOKING = 10_441, 20_210


def write(past: Past) -> None:
    """Write single messages over two years, some of them in the last days."""
    today = past.now.astimezone(past.zone).date()
    homes = list(Occupancy.objects.on(today).select_related("contact", "unit__block").order_by("id"))
    for _ in range(NOTES):
        note(past, past.chance.choice([home for home in homes if home.contact.email]))
    written, stories = [], []
    in_turn = {channel: cycle(elsewhere.BY_HAND) for channel in ON_FOOT}
    for number in range(BY_HAND):
        written.append(by_hand(past, past.chance.choice(homes), number))
        stories.append(next(in_turn.get(written[-1].channel, repeat("by_hand"))))
    for number in range(WORKFLOWS):
        entry = by_workflow(past, past.chance.choice([home for home in homes if home.contact.phone]), number)
        written.append(entry)
        stories.append(history.fate.usual(past.chance, entry.channel, False))
    order = sorted(range(len(written)), key=lambda place: written[place].happened_at or past.now)
    history.record(past, [written[place] for place in order], [stories[place] for place in order])
    put_right(past, next(entry for entry in written if entry.manual))


def moment(past: Past, number: int = 9) -> datetime.datetime:
    """Choose a moment: the first few in the last week, the others anywhere in two years."""
    days = past.chance.randint(1, 6) if number < 5 else past.chance.randint(8, 720)
    return past.at(days, past.chance.randint(9, 16), past.chance.randint(0, 59), working=days > 7)


def note(past: Past, home: Occupancy) -> None:
    """Write to one person, as a manager does from the page of a flat."""
    subject, text = past.chance.choice(wording.NOTES)
    at = moment(past)
    mailing = Mailing(0, "message", subject, letter(text))
    communication = history.draft(past, mailing, home.unit.block, at)
    history.send(past, communication, [audience.recipient(communication, home.contact, home.unit)], at)


def by_hand(past: Past, home: Occupancy, number: int) -> LogEntry:
    channel, title, words = past.chance.choice(wording.BY_HAND)
    by = past.estate.people[past.chance.choice(["manager", "staff", "staff"])]
    return LogEntry(
        **_of(past, home, channel, title, words, number), manual=True, sender=by, sender_label=by.name
    )


def by_workflow(past: Past, home: Occupancy, number: int) -> LogEntry:
    channel, workflow, title, words, kind, form = past.chance.choice(wording.WORKFLOWS)
    first = FIRST_INVOICE if kind == "invoice" else FIRST_BOOKING
    # The two that people know by heart, and many more.
    reference = {0: "SC-10883", 1: "BK-20418"}.get(number, form.format(first + 13 * number))
    if number < 2:
        channel, workflow, title, words, kind, form = wording.WORKFLOWS[number]
    return LogEntry(
        **_of(past, home, channel, title, words, number),
        type="system",
        sender_label=workflow,
        reference_type=kind,
        reference=reference if kind else "",
    )


def put_right(past: Past, wrong: LogEntry) -> None:
    """Correct an entry by another one, as it is done here."""
    right = LogEntry(
        organisation_id=wrong.organisation_id,
        happened_at=(wrong.happened_at or past.now) + datetime.timedelta(hours=1),
        channel=wrong.channel,
        manual=True,
        to_name=wrong.to_name,
        to_address=wrong.to_address,
        title=wrong.title,
        words="The note above has the wrong day: it was the day before.",
        block_id=wrong.block_id,
        unit_id=wrong.unit_id,
        contact_id=wrong.contact_id,
        sender=wrong.sender,
        sender_label=wrong.sender_label,
        corrects=wrong,
    )
    history.record(past, [right], ["by_hand"])


def _of(past: Past, home: Occupancy, channel: str, title: str, words: str, number: int) -> dict:
    contact = home.contact
    to = {"portal": contact.email, "in_person": "", "hand": home.unit.name, "push": "Browser"}.get(
        channel, contact.phone
    )
    return {
        "organisation": past.estate.organisation,
        "happened_at": moment(past, number),
        "channel": channel,
        "to_name": contact.name,
        "to_address": to,
        "title": title,
        "words": words,
        "block": home.unit.block,
        "unit": home.unit,
        "contact": contact,
    }
