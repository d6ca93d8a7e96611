"""Write the past into the log, by the same door as the present: happened then, recorded now, and it says so."""

import datetime
import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from comms.demo import browsers, elsewhere, fate, pdf, wording
from comms.demo.estate import Estate
from comms.demo.fate import Told
from comms.demo.wording import Mailing
from comms.drafting import audience
from comms.models import (
    Attachment,
    Communication,
    Content,
    DeliveryEvent,
    LogEntry,
    Recipient,
    Suppression,
    Template,
    TemplateVersion,
)
from comms.record import entries, events
from comms.sending import compose
from portfolio.models import Block, Unit

SOURCE = "demo"
State = Recipient.State
STATES = dict.fromkeys(("deferred", "greylisted"), State.DEFERRED) | dict.fromkeys(
    ("unconfirmed", "text_unconfirmed"), State.UNCONFIRMED
)
BLOCKS_THE_ADDRESS = ("hard", "complained", "not_in_use")


@dataclass
class Past:
    """What writing the past needs at hand."""

    estate: Estate
    now: datetime.datetime
    zone: ZoneInfo
    chance: random.Random
    versions: dict[str, list[TemplateVersion]] = field(default_factory=dict)
    bounced: set[tuple[str, str]] = field(default_factory=set)  # by channel and address

    def at(self, days_ago: int, hour: int, minute: int, working: bool = True) -> datetime.datetime:
        """Give a moment some days ago, on a working day."""
        day = self.now.astimezone(self.zone).date() - datetime.timedelta(days=days_ago)
        while working and day.weekday() > 4:
            day -= datetime.timedelta(days=1)
        return datetime.datetime.combine(day, datetime.time(hour, minute), self.zone)

    def in_block(self, block: Block) -> list[Unit]:
        units = [unit for unit in self.estate.units if unit.block_id == block.pk]
        for unit in units:
            unit.block = block
        return units


def templates(past: Past) -> None:
    """Make the templates, each with a version or two."""
    organisation, author = past.estate.organisation, past.estate.people["manager"]
    for name, (subject, body) in wording.TEMPLATES.items():
        template = Template.objects.create(organisation=organisation, name=name)
        bodies = [body.replace(" please", ""), body] if name in ("Quarterly news", "AGM notice") else [body]
        past.versions[name] = [
            TemplateVersion.objects.create(
                organisation=organisation,
                template=template,
                number=number,
                subject=subject,
                body=text,
                author=author,
                created_at=past.at(720 - 300 * (number - 1), 9, 0),
            )
            for number, text in enumerate(bodies, start=1)
        ]


def mail(past: Past, mailing: Mailing) -> None:
    """Send a mailing to each of its blocks; those without email get what counts by post."""
    for number in mailing.blocks:
        block = past.estate.blocks[number]
        at = past.at(mailing.days_ago, *mailing.time) + datetime.timedelta(minutes=7 * number)
        communication = draft(past, mailing, block, at)
        recipients = leaseholders(past, communication, at)
        if mailing.channel == "push":
            recipients = browsers.holders(recipients)
        without = [r for r in recipients if mailing.channel == "email" and not r.email]
        send(past, communication, [r for r in recipients if r not in without], at, mailing.file)
        if without and mailing.type in Communication.STATUTORY_TYPES:
            by_post = draft(past, mailing._replace(channel="post"), block, at)
            send(past, by_post, leaseholders(past, by_post, at, {r.contact_id for r in without}), at)


def draft(past: Past, mailing: Mailing, block: Block | None, at: datetime.datetime) -> Communication:
    """Make the communication as it was drafted a day or two before its time."""
    people = past.estate.people
    by = people["admin"] if mailing.type == Communication.Type.DEMAND_LETTER else people["manager"]
    versions = past.versions.get(mailing.template, [])
    version = next((v for v in reversed(versions) if v.created_at <= at), None)
    communication = Communication.objects.create(
        organisation=past.estate.organisation,
        type=mailing.type,
        block=block,
        channel=mailing.channel,
        subject=dated(mailing.subject, at).replace("{{block_name}}", block.name if block else ""),
        body=dated(mailing.body, at),
        template_version=version,
        statutory=mailing.type in Communication.STATUTORY_TYPES,
        track=mailing.track,
        created_by=by,
        created_at=at - datetime.timedelta(hours=past.chance.randint(2, 50)),
    )
    communication.scheduled_at, communication.scheduled_by = at, by
    return communication


def dated(text: str, at: datetime.datetime) -> str:
    """Fill in what depends on the day: the half year of a demand, the day of the works."""
    to = f"to 30 September {at.year}" if at.month < 7 else f"to 31 March {at.year + 1}"
    day = at + datetime.timedelta(days=4)
    return text.replace("{PERIOD}", to).replace("{DAY}", f"{day:%A} {day.day} {day:%B}")


def leaseholders(
    past: Past, communication: Communication, at: datetime.datetime, only: set[int | None] | None = None
) -> list[Recipient]:
    """List the leaseholders of that day as recipients, with what is known of them."""
    block = communication.block
    units = past.in_block(block) if block else past.estate.units
    plan = audience.plan(communication, units, "leaseholder", at.date())
    return [r for r in plan.recipients if only is None or r.contact_id in only]


def send(
    past: Past,
    communication: Communication,
    recipients: Sequence[Recipient],
    at: datetime.datetime,
    file: str = "",
    stories: Sequence[str] = (),
) -> None:
    """Take a communication through its states and log each of its recipients with a story, given or usual."""
    told = list(stories) or [choose(past, communication, recipient) for recipient in recipients]
    for recipient, name in zip(recipients, told, strict=True):
        recipient.added_at = communication.created_at
        recipient.state = STATES.get(name, State.DONE)
        recipient.attempts = sum(event.kind == "attempted" for event in fate.story(name, random.Random(0)))  # noqa: S311
        if recipient.state == State.DEFERRED:
            recipient.next_attempt_at = past.now + datetime.timedelta(minutes=20)
    Recipient.objects.bulk_create(recipients)
    if file:
        attach(communication, at)
    advance(communication, at)
    shared = compose.Wording.of(communication)
    written, endings = [], []
    for recipient, name in zip(recipients, told, strict=True):
        entry, obstacle = compose.entry_for(shared, recipient, at)
        address(entry, recipient)
        entry.happened_at = at
        written.append(entry)
        endings.append("no_email" if obstacle == fate.NO_EMAIL else name)
    record(past, written, endings)


def choose(past: Past, communication: Communication, recipient: Recipient) -> str:
    """Choose what became of a message; an address that bounced once is not sent to again."""
    if communication.channel == "email" and recipient.email:
        if ("email", recipient.email) in past.bounced:
            return "dropped"
        if recipient.email.startswith("bounce.graham"):
            return "hard"
    if communication.channel in ("sms", "whatsapp"):
        if not recipient.phone:
            return "no_phone"
        if (communication.channel, recipient.phone) in past.bounced:
            return "dropped"
        if story := elsewhere.by_number(recipient.phone):
            return story
    return fate.usual(past.chance, communication.channel, communication.track)


def attach(communication: Communication, at: datetime.datetime) -> None:
    name = communication.organisation.name
    lines = [name, "", communication.subject, "", f"Date: {at.day} {at:%B %Y}", "", "Made up for the demo."]
    content = Content.keep(communication.organisation, pdf.page(lines))
    Attachment.objects.create(
        organisation=communication.organisation,
        communication=communication,
        content=content,
        name="Service charge demand.pdf",
        media_type="application/pdf",
    )


def advance(communication: Communication, at: datetime.datetime) -> None:
    """Take it from draft to sent, in the steps that the database allows."""
    by, end = communication.scheduled_by, at + datetime.timedelta(minutes=4)
    communication.swap(("draft",), status="scheduled", scheduled_at=at, scheduled_by=by, updated_at=at)
    communication.swap(("scheduled",), status="sending", started_at=at, updated_at=at)
    communication.swap(("sending",), status="sent", sent_at=end, updated_at=end)


def address(entry: LogEntry, recipient: Recipient) -> None:
    """Write the address that the channel uses."""
    if entry.channel in ("sms", "whatsapp"):
        entry.to_address = recipient.phone
    elif entry.channel == "push":
        entry.to_address = browsers.shown(recipient)
    elif entry.channel in ("post", "hybrid"):
        entry.to_address = ", ".join(recipient.address.splitlines())[:500]


def record(past: Past, written: list[LogEntry], stories: Iterable[str]) -> None:
    """Write entries and their events, and stop sending to addresses that bounced or complained."""
    entries.write(written)
    happened: list[DeliveryEvent] = []
    stopping: dict[tuple[str, str], DeliveryEvent] = {}
    for entry, name in zip(written, stories, strict=True):
        start = entry.happened_at or past.now
        told = [event for event in fate.story(name, past.chance) if start + event.after <= past.now]
        happened.extend(event_of(entry, event, start) for event in told)
        way = (entry.channel, entry.to_address)
        if name in BLOCKS_THE_ADDRESS and way not in past.bounced:
            stopping[way] = happened[-1]
    events.bring(happened)
    past.bounced |= set(stopping)
    for (channel, stopped), event in stopping.items():
        day = event.happened_at.astimezone(past.zone)
        on = f"{day.day} {day:%b %Y}"
        why = f"a hard bounce on {on} blocks this address. {event.reason}"
        if event.kind == "spam":
            why = f"the recipient marked a message as spam on {on}."
        Suppression.objects.create(
            organisation=past.estate.organisation,
            channel=channel,
            address=stopped.lower(),
            reason=f"Not sent: {why}".strip(),
            event=event,
            created_at=event.happened_at,
        )


def event_of(entry: LogEntry, told: Told, start: datetime.datetime) -> DeliveryEvent:
    return DeliveryEvent(
        organisation_id=entry.organisation_id,
        entry=entry,
        kind=told.kind,
        happened_at=start + told.after,
        source=SOURCE,
        **told.facts,
    )


def seed(slug: str) -> random.Random:
    """Give chance that falls the same way every time."""
    return random.Random(hashlib.sha256(slug.encode()).digest())  # noqa: S311 (a story, not a secret)
