"""Turn a communication and one recipient into the entry that the log keeps and the bytes that leave."""

import copy
import datetime
import hashlib
import secrets
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from comms.channels import registry
from comms.channels.base import Channel, File, Firm, Message, Outgoing, Part, Party, Unreachable, reach
from comms.channels.letter.values import Letterhead
from comms.channels.token_address import with_token
from comms.drafting import audience, html, merge
from comms.models import (
    Communication,
    Content,
    LinkTarget,
    LogEntry,
    PortalLink,
    Recipient,
    TemplateVersion,
    Translation,
)
from comms.portal import links, withheld
from comms.sending import limits, watching
from comms.sending.routing import Route
from portfolio import logo as logos
from portfolio.models import Organisation

HERE = (
    "https://link.of.the.recipient.example/"  # takes the place of a link that each recipient has of their own
)


@dataclass
class Wording:
    """What is the same for every recipient of a communication, made once."""

    communication: Communication
    language: str = ""
    subject: str = ""
    body: str = ""
    version: TemplateVersion | None = None
    document: str = ""
    text: str = ""
    body_text: str = ""
    linked: str = ""  # the document with HERE where the link to the recipient's own page goes
    content: Content | None = None
    files: list[File] = field(default_factory=list)
    attached: list[dict] = field(default_factory=list)
    kept: dict[str, Content] = field(default_factory=dict)
    letterhead: Letterhead = field(default_factory=lambda: Letterhead(""))
    targets: dict[str, uuid.UUID] = field(default_factory=dict)

    @cached_property
    def template_label(self) -> str:
        """Name the version that the words began with, and say where they are no longer the same."""
        version = self.version
        if version is None:
            return ""
        began, are = ((one.subject, html.clean(one.body).html) for one in (version, self))
        return str(version) if began == are else f"{version.template.name}, version {version.number}, changed"

    @classmethod
    def of(cls, communication: Communication, written: Translation | None = None) -> "Wording":
        """Take the words of a communication, or those of a translation of it."""
        organisation = communication.organisation
        footer = [line.strip() for line in organisation.address.splitlines() if line.strip()]
        source = written or communication
        watched = watching.SENTENCE if communication.is_watched else ""
        wording = cls(
            communication,
            language=written.language if written else organisation.language,
            subject=source.subject,
            body=source.body,
            version=source.template_version,
            letterhead=letterhead(organisation),
        )
        wording.document, wording.linked = (
            html.wrap_for_mail(
                source.body,
                organisation_name=organisation.name,
                footer_lines=footer,
                page_link=link,
                watched=watched,
                language=wording.language,
            )
            for link in ("", HERE)
        )
        wording.body_text = html.to_text(source.body)
        wording.text = "\n".join(
            [wording.body_text, "", "-- ", organisation.name, *footer, *filter(None, [watched]), ""]
        )
        wording.content = Content.keep(organisation, source.body.encode())
        for attachment in communication.attachments.select_related("content"):
            data = attachment.content.read()
            wording.files.append(File(attachment.name, attachment.media_type, data))
            wording.attached.append(
                {
                    "name": attachment.name,
                    "media_type": attachment.media_type,
                    "size": attachment.content.size,
                    "sha256": attachment.content.sha256,
                }
            )
        return wording

    def target(self, url: str) -> uuid.UUID:
        """Keep where a link leads, once; give its id."""
        if url not in self.targets:
            self.targets[url] = LinkTarget.keep(self.communication.organisation, url).public_id
        return self.targets[url]

    def share(self, part: Part) -> str:
        """Keep a part that all copies share, once; give its SHA-256."""
        sha256 = hashlib.sha256(part.data).hexdigest()
        if sha256 not in self.kept:
            self.kept[sha256] = Content.keep(self.communication.organisation, part.data)
        return sha256


class Wordings:
    """The words of a communication in each language that it is written in, each made when it is first asked for."""

    def __init__(self, communication: Communication) -> None:
        self.communication = communication
        self.translations = {
            one.language: one for one in communication.translations.select_related("template_version")
        }
        self.made: dict[str, Wording] = {}

    def for_(self, recipient: Recipient) -> Wording:
        """Give the words in the recipient's language, or else in the organisation's."""
        written = self.translations.get(str(recipient.wishes.get("language", "")))
        language = written.language if written else ""
        if language not in self.made:
            self.made[language] = Wording.of(self.communication, written)
        return self.made[language]


def links_for(
    communication: Communication, channel: Channel, recipients: Iterable[Recipient]
) -> dict[int, PortalLink]:
    """Give the links to the recipients' own pages by the recipient's key, where such messages carry one."""
    wanted = {
        one.pk: (one.contact_id, one.unit_id or communication.unit_id) for one in recipients if one.contact_id
    }
    organisation = communication.organisation
    chosen = organisation.portal_in_mail and channel.leads_home == "if_chosen"
    if not (wanted and (chosen or channel.leads_home == "always")):
        return {}
    found = links.of_all(organisation, wanted.values())
    return {key: found[pair] for key, pair in wanted.items() if pair in found}


def entry_for(
    wording: Wording,
    recipient: Recipient,
    now: datetime.datetime | None = None,
    link: PortalLink | None = None,
) -> tuple[LogEntry, str]:
    """Compose one recipient's entry; beside it the reason why it cannot be sent, or nothing.

    With a link to the recipient's own page the message carries it; the log keeps a stand-in for its secret.
    """
    communication = wording.communication
    values = audience.values_at_sending(communication, recipient, wording.language)
    firm = firm_of(communication.organisation)
    channel = registry.get(recipient.channel or communication.channel, wording.letterhead, firm)
    entry = LogEntry(
        organisation=communication.organisation,
        recipient=recipient,
        communication=communication,
        type=communication.type,
        channel=channel.name,
        to_name=recipient.name,
        title=wording.subject,
        words=wording.body_text,
        html=wording.content,
        attachments=wording.attached,
        block_id=communication.block_id or (recipient.unit.block_id if recipient.unit else None),
        unit_id=recipient.unit_id or communication.unit_id,
        contact_id=recipient.contact_id,
        regarding_id=recipient.regarding_id,
        sender=communication.scheduled_by or communication.created_by,
        sender_label=communication.sender_label,
        reference_type=communication.reference_type,
        reference=communication.reference,
        template_version=wording.version,
        template_label=wording.template_label,
        ticket_id=communication.ticket_id,
        copy_of_id=recipient.copy_of_id,
        token=secrets.token_hex(16),
    )
    # The text form too: markup between braces hides a field from a look at the HTML alone.
    missing = merge.missing(f"{wording.subject}\n{wording.body}\n{wording.body_text}", values)
    if not missing:
        entry.title = merge.fill_line(wording.subject, values)[:500]
        entry.words = merge.fill_text(wording.body_text, values)
    try:
        entry.to_address = channel.shown(reach(channel, recipient))
    except Unreachable as unreachable:
        entry.to_address = getattr(recipient, channel.needs) if channel.needs else ""
        return entry, str(unreachable)
    if missing:
        return entry, str(merge.MissingValue(missing))
    try:
        message = _message(entry, wording, recipient, now or timezone.now(), link)
        _put_bytes(entry, wording, channel.compose(message), link)
    except ValueError as refused:
        return entry, str(refused)
    return entry, ""


def unmakable(communication: Communication, routes: Iterable[Route]) -> list[tuple[str, str]]:
    """Make messages as sending would; mark on their routes those that cannot be made, and name the channels by which
    none can, with the reason.

    Of each channel and language the one is made that has the most to say: what no look at an address finds shows
    there, such as a text that is too long, a sign that no typeface has, an attachment that cannot be printed. Where
    that fails all are made if that is quick, and else one more, to tell a name from the words.
    """
    wordings = Wordings(communication)
    groups: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        if not route.word:
            groups.setdefault((route.channel, wordings.for_(route.recipient).language), []).append(route)
    blocked: dict[str, str] = {}
    for (channel, _), group in groups.items():
        if why := limits.over(communication, channel):
            blocked[channel] = why
            for route in group:
                route.word, route.why = "unmakable", why
            continue
        group.sort(key=lambda route: sum(map(len, route.recipient.merge_values.values())), reverse=True)
        why = _why_not(wordings, group[0])
        if not why:
            continue
        quick = registry.get(channel).form.shown_as in ("bubble", "card")
        tried = group if quick else [group[0], group[-1]]
        failed = [(route, reason) for route in tried if (reason := _why_not(wordings, route))]
        for route, reason in failed:
            route.word, route.why = "unmakable", reason
        if len(failed) == len(tried):
            blocked[channel] = why
    return list(blocked.items())


def _why_not(wordings: Wordings, route: Route) -> str:
    recipient = copy.copy(route.recipient)
    recipient.channel = route.channel
    return entry_for(wordings.for_(recipient), recipient)[1]


def firm_of(organisation: Organisation) -> Firm:
    """Give an organisation as channels know it."""
    return Firm(organisation.slug, organisation.public_id)


def by_whom(entry: LogEntry) -> str:
    """Say who gives the answer when an entry is handed over: its channel, or who takes the mail."""
    return registry.get(entry.channel, firm=firm_of(entry.organisation)).answers


def letterhead(organisation: Organisation) -> Letterhead:
    """Give who writes, as it stands on the letters of an organisation."""
    logo = logos.current(organisation)
    return Letterhead(
        name=organisation.name,
        lines=tuple(line.strip() for line in organisation.address.splitlines() if line.strip()),
        phone=organisation.phone,
        email=organisation.reply_to or organisation.sender_email,
        foot=organisation.letter_foot,
        logo=bytes(logo.data) if logo else None,
    )


def outgoing(entry: LogEntry, address: str = "") -> Outgoing:
    """Give what the channel hands over for an entry: its kept bytes in its envelope.

    The address is needed where the log does not keep it as it is used (Channel.shown).
    """
    return Outgoing(
        entry=str(entry.public_id),
        token=entry.token or "",
        to=Party(entry.to_name, entry.to_address),
        envelope_from=with_token(settings.BOUNCE_ADDRESS, entry.token or ""),
        envelope_to=address or entry.to_address,
        message_id=entry.message_id,
        data=withheld.reveal(entry.exact_bytes()) if entry.withheld else entry.exact_bytes(),
    )


def _message(
    entry: LogEntry,
    wording: Wording,
    recipient: Recipient,
    now: datetime.datetime,
    link: PortalLink | None,
) -> Message:
    organisation = wording.communication.organisation
    values = audience.values_at_sending(wording.communication, recipient, wording.language)
    page = merge.fill_html(wording.linked if link else wording.document, values)
    text = merge.fill_text(wording.text, values)
    if wording.communication.is_watched and recipient.pk:  # nobody watches whoever only tries it out
        page, text = watching.watch(page, text, entry, wording.target, spare=HERE)
    home = links.portal_url(link) if link else ""
    entry.message_id = f"<{entry.public_id}@{settings.MESSAGE_ID_DOMAIN}>"
    return Message(
        subject=entry.title,
        html=page.replace(HERE, home),
        text=text + (f"Your own page, for you alone: {home}\n" if link else ""),
        body=merge.fill_html(wording.body, values),
        words=merge.fill_text(wording.body_text, values),
        attachments=wording.files,
        sender=Party(organisation.sender_name, organisation.sender_email),
        reply_to=_answers_to(organisation, entry),
        to=Party(entry.to_name, entry.to_address),
        message_id=entry.message_id,
        date=timezone.localtime(now, organisation.zone),
        reference=str(entry.public_id)[:8].upper(),
        large_print=bool(recipient.wishes.get("large_print")),
        link=home,
        headers={"X-Blockpost-Entry": str(entry.public_id)},
    )


def _answers_to(organisation: Organisation, entry: LogEntry) -> str:
    """Give where answers go: to the entry's ticket where the installation takes them, else to the office."""
    if settings.REPLY_ADDRESS and entry.token:
        return with_token(settings.REPLY_ADDRESS, entry.token)
    return organisation.reply_to


def _put_bytes(entry: LogEntry, wording: Wording, parts: list[Part], link: PortalLink | None) -> None:
    personal: list[bytes] = []
    layout: list[str | int] = []
    whole, size = hashlib.sha256(), 0
    for part in parts:
        whole.update(part.data)
        size += len(part.data)
        if part.shared:
            layout.append(wording.share(part))
        else:
            kept = withheld.hide(part.data, link) if link else part.data
            entry.withheld = entry.withheld or kept != part.data
            personal.append(kept)
            layout.append(len(kept))
    entry.personal = zlib.compress(b"".join(personal))
    entry.layout, entry.sha256, entry.size = layout, whole.hexdigest(), size
