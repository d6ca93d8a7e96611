"""The house rule, one row a route: who may look (GET) and who may act (POST). A route without a row fails."""

import datetime
import itertools
import uuid
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from comms.ledger import leaf
from comms.models import (
    Attachment,
    Communication,
    Content,
    Export,
    ExportRecord,
    ExportSchedule,
    Keeper,
    LogEntry,
    PostingRun,
    Proof,
    ReceiptParsing,
    Recipient,
    SavedView,
    Suppression,
    Template,
    Ticket,
    TicketMessage,
    Webhook,
    WebhookMessage,
)
from comms.receipts import raw
from comms.record import entries, events
from comms.sending import compose
from contacts.models import AddressFlag, ContactRelation, Import
from portfolio.models import Invitation, Logo, Organisation, User
from tests.api.conftest import token_of
from tests.api.rules import API

EVERYONE = {"staff", "auditor", "manager", "admin"}
EXPORTERS = {"auditor", "manager", "admin"}
WRITERS = {"manager", "admin"}
RECORDERS = {"staff", "manager", "admin"}
ADMINS = {"admin"}
AUDITORS = {"auditor", "admin"}
NOBODY: set[str] = set()  # there is no such method


class Rule(NamedTuple):
    of: str  # whose public id the address has
    look: set[str]
    act: set[str]


RULES = {
    "portfolio:blocks": Rule("", EVERYONE, NOBODY),
    "portfolio:block": Rule("block", EVERYONE, NOBODY),
    "portfolio:block-new": Rule("", WRITERS, WRITERS),
    "portfolio:block-edit": Rule("block", WRITERS, WRITERS),
    "portfolio:block-archive": Rule("block", WRITERS, WRITERS),
    "portfolio:block-restore": Rule("block", NOBODY, WRITERS),
    "portfolio:block-activity": Rule("block", EVERYONE, NOBODY),
    "portfolio:units-new": Rule("block", WRITERS, WRITERS),
    "portfolio:unit-new": Rule("block", WRITERS, WRITERS),
    "portfolio:unit": Rule("unit", EVERYONE, NOBODY),
    "portfolio:unit-edit": Rule("unit", WRITERS, WRITERS),
    "portfolio:unit-archive": Rule("unit", NOBODY, WRITERS),
    "portfolio:settings": Rule("", ADMINS, ADMINS),
    "portfolio:settings-channels": Rule("", ADMINS, ADMINS),
    "portfolio:settings-references": Rule("", ADMINS, ADMINS),
    "portfolio:settings-letterhead": Rule("", ADMINS, ADMINS),
    "portfolio:logo-remove": Rule("", NOBODY, ADMINS),
    "portfolio:people": Rule("", ADMINS, NOBODY),
    "portfolio:invite": Rule("", ADMINS, ADMINS),
    "portfolio:person": Rule("member", ADMINS, ADMINS),
    "portfolio:person-remove": Rule("member", ADMINS, ADMINS),
    "portfolio:invitation-resend": Rule("invitation", NOBODY, ADMINS),
    "portfolio:invitation-withdraw": Rule("invitation", NOBODY, ADMINS),
    "portfolio:tokens": Rule("", EVERYONE, NOBODY),
    "portfolio:token-new": Rule("", EVERYONE, EVERYONE),
    "portfolio:token-revoke": Rule("token", NOBODY, EVERYONE),  # one's own
    "portfolio:logo": Rule("logo", EVERYONE, NOBODY),
    "contacts:contacts": Rule("", EVERYONE, NOBODY),
    "contacts:flagged": Rule("", EVERYONE, NOBODY),
    "contacts:flag-keep": Rule("contact", NOBODY, WRITERS),
    "contacts:duplicates": Rule("", WRITERS, NOBODY),
    "contacts:contact-new": Rule("", WRITERS, WRITERS),
    "contacts:contact": Rule("contact", EVERYONE, NOBODY),
    "contacts:contact-edit": Rule("contact", WRITERS, WRITERS),
    "contacts:contact-archive": Rule("contact", NOBODY, WRITERS),
    "contacts:contact-merge": Rule("contact", WRITERS, WRITERS),
    "contacts:contact-activity": Rule("contact", EVERYONE, NOBODY),
    "contacts:unit-activity": Rule("unit", EVERYONE, NOBODY),
    "contacts:move": Rule("unit", WRITERS, WRITERS),
    "contacts:occupancy-new": Rule("", WRITERS, WRITERS),
    "contacts:occupancy": Rule("occupancy", WRITERS, WRITERS),
    "contacts:occupancy-remove": Rule("occupancy", NOBODY, WRITERS),
    "contacts:relation-new": Rule("contact", WRITERS, WRITERS),
    "contacts:relation": Rule("relation", WRITERS, WRITERS),
    "contacts:relation-remove": Rule("relation", NOBODY, WRITERS),
    "contacts:imports": Rule("", WRITERS, WRITERS),
    "contacts:import": Rule("import", WRITERS, WRITERS),
    "contacts:import-match": Rule("import", WRITERS, NOBODY),
    "contacts:import-confirm": Rule("import", NOBODY, WRITERS),
    "contacts:import-discard": Rule("import", NOBODY, WRITERS),
    "contacts:import-refused": Rule("checked", WRITERS, NOBODY),
    "contacts:export": Rule("", EXPORTERS, NOBODY),
    "comms:record": Rule("", RECORDERS, RECORDERS),
    "comms:templates": Rule("", EVERYONE, NOBODY),
    "comms:templates-shipped": Rule("", NOBODY, WRITERS),
    "comms:template-new": Rule("", WRITERS, WRITERS),
    "comms:template": Rule("template", WRITERS, WRITERS),
    "comms:template-preview": Rule("template", EVERYONE, WRITERS),
    "comms:template-without": Rule("template", NOBODY, WRITERS),
    "comms:template-history": Rule("template", EVERYONE, NOBODY),
    "comms:template-restore": Rule("template", NOBODY, WRITERS),
    "comms:template-archive": Rule("template", NOBODY, WRITERS),
    "comms:save-as-template": Rule("communication", NOBODY, WRITERS),
    "comms:coverage": Rule("communication", EVERYONE, NOBODY),
    "comms:coverage-csv": Rule("communication", EXPORTERS, NOBODY),
    "comms:trial": Rule("communication", NOBODY, WRITERS),
    "comms:entry-pdf": Rule("letter", EVERYONE, NOBODY),
    "comms:posting": Rule("communication", WRITERS, WRITERS),
    "comms:posting-run": Rule("run", WRITERS, WRITERS),
    "comms:posting-print": Rule("run", WRITERS, NOBODY),
    "comms:posting-tracking": Rule("run", NOBODY, WRITERS),
    "comms:posting-undo": Rule("run", NOBODY, WRITERS),
    "comms:by-person": Rule("communication", WRITERS, WRITERS),
    "comms:proof": Rule("proof", EVERYONE, NOBODY),
    "comms:treat-as-sent": Rule("entry", WRITERS, WRITERS),
    "comms:send-again": Rule("entry", WRITERS, WRITERS),
    "comms:suppressions": Rule("", EVERYONE, NOBODY),
    "comms:suppression-lift": Rule("suppression", WRITERS, WRITERS),
    "comms:not-reached": Rule("contact", EVERYONE, WRITERS),
    "comms:tickets": Rule("", EVERYONE, NOBODY),
    "comms:ticket-new": Rule("", WRITERS, WRITERS),
    "comms:block-tickets": Rule("block", EVERYONE, NOBODY),
    "comms:unit-tickets": Rule("unit", EVERYONE, NOBODY),
    "comms:contact-tickets": Rule("contact", EVERYONE, NOBODY),
    "comms:ticket": Rule("ticket", EVERYONE, NOBODY),
    "comms:ticket-comment": Rule("ticket", NOBODY, WRITERS),
    "comms:ticket-change": Rule("ticket", NOBODY, WRITERS),
    "comms:ticket-close": Rule("ticket", NOBODY, WRITERS),
    "comms:ticket-reopen": Rule("ticket", NOBODY, WRITERS),
    "comms:ticket-answer": Rule("ticket", NOBODY, WRITERS),
    "comms:ticket-file": Rule("written", EVERYONE, NOBODY),
    "comms:portal-link": Rule("contact", EVERYONE, WRITERS),
    "comms:portal-link-revoke": Rule("contact", NOBODY, WRITERS),
    "comms:receipts": Rule("", ADMINS, NOBODY),
    "comms:receipt": Rule("receipt", ADMINS, NOBODY),
    "comms:receipt-again": Rule("receipt", NOBODY, ADMINS),
    "comms:unit-waiting": Rule("unit", EVERYONE, WRITERS),
    "comms:block-log": Rule("block", EVERYONE, NOBODY),
    "comms:unit-log": Rule("unit", EVERYONE, NOBODY),
    "comms:contact-log": Rule("contact", EVERYONE, NOBODY),
    "comms:help": Rule("", EVERYONE, NOBODY),
    "comms:log": Rule("", EVERYONE, NOBODY),
    "comms:entry": Rule("entry", EVERYONE, NOBODY),
    "comms:entry-html": Rule("entry", EVERYONE, NOBODY),
    "comms:entry-original": Rule("entry", EVERYONE, NOBODY),
    "comms:entry-file": Rule("entry", EVERYONE, NOBODY),
    "comms:views": Rule("", EVERYONE, NOBODY),
    "comms:view-new": Rule("", EVERYONE, EVERYONE),
    "comms:view": Rule("view", EVERYONE, NOBODY),
    "comms:view-edit": Rule("view", ADMINS, ADMINS),  # and its owner, whom the tests of views try
    "comms:view-delete": Rule("view", ADMINS, ADMINS),
    "comms:view-pin": Rule("view", NOBODY, EVERYONE),
    "comms:schedules": Rule("", EXPORTERS, NOBODY),
    "comms:schedule-new": Rule("", EXPORTERS, EXPORTERS),
    "comms:schedule": Rule("schedule", EXPORTERS, NOBODY),
    "comms:schedule-edit": Rule("schedule", ADMINS, ADMINS),  # and its owner, whom the tests of schedules try
    "comms:schedule-run": Rule("schedule", NOBODY, ADMINS),
    "comms:schedule-pause": Rule("schedule", NOBODY, ADMINS),
    "comms:schedule-end": Rule("schedule", ADMINS, ADMINS),
    "comms:log-export": Rule("", NOBODY, EXPORTERS),
    "comms:log-export-choose": Rule("", EXPORTERS, EXPORTERS),
    "comms:keepers": Rule("", ADMINS, ADMINS),
    "comms:keeper-end": Rule("keeper", NOBODY, ADMINS),
    "comms:pack": Rule("", EXPORTERS, EXPORTERS),
    "comms:exports": Rule("", EXPORTERS, NOBODY),
    "comms:export-file": Rule("export", EXPORTERS, NOBODY),
    "comms:export-about": Rule("taken", EXPORTERS, NOBODY),
    "comms:export-cancel": Rule("export", NOBODY, EXPORTERS),  # one's own
    "comms:webhooks": Rule("", ADMINS, NOBODY),
    "comms:webhook-new": Rule("", ADMINS, ADMINS),
    "comms:webhook": Rule("webhook", ADMINS, NOBODY),
    "comms:webhook-edit": Rule("webhook", ADMINS, ADMINS),
    "comms:webhook-rotate": Rule("webhook", NOBODY, ADMINS),
    "comms:webhook-switch": Rule("webhook", NOBODY, ADMINS),
    "comms:webhook-resend": Rule("told", NOBODY, ADMINS),
    "comms:access-log": Rule("", AUDITORS, NOBODY),
    "comms:verify": Rule("", AUDITORS, AUDITORS),
    "comms:verify-head": Rule("", AUDITORS, NOBODY),
    "comms:dashboard": Rule("", EVERYONE, NOBODY),
    "comms:reports": Rule("", EVERYONE, NOBODY),
    "comms:report": Rule("", EVERYONE, NOBODY),
    "comms:report-csv": Rule("", EXPORTERS, NOBODY),
    "comms:communications": Rule("", EVERYONE, NOBODY),
    "comms:communication": Rule("communication", EVERYONE, WRITERS),
    "comms:preview": Rule("communication", EVERYONE, WRITERS),
    "comms:translation": Rule("communication", WRITERS, WRITERS),
    "comms:translation-remove": Rule("communication", NOBODY, WRITERS),
    "comms:recipients": Rule("communication", EVERYONE, WRITERS),
    "comms:progress": Rule("communication", EVERYONE, NOBODY),
    "comms:unconfirmed": Rule("", EVERYONE, NOBODY),
    "comms:attachment": Rule("attachment", EVERYONE, NOBODY),
    "comms:write": Rule("", WRITERS, WRITERS),
    "comms:check": Rule("communication", WRITERS, WRITERS),
    "comms:mark-sent": Rule("communication", WRITERS, WRITERS),
    "comms:delete": Rule("communication", WRITERS, WRITERS),
    "comms:unschedule": Rule("communication", NOBODY, WRITERS),
    "comms:recipient-remove": Rule("communication", NOBODY, WRITERS),
    "comms:recipient-status": Rule("recipient", WRITERS, WRITERS),
}
# Outside the organisations: whether one must have signed in. The admin's own door is tried below.
OUTSIDE = {
    "home": True,
    "invitation": False,
    "keeper": False,
    "portal:board": False,
    "portal:logo": False,
    "portal:post": False,
    "portal:post-file": False,
    "portal:reply-file": False,
    "portal:app": False,
    "portal:push": False,
    "portal:push-remove": False,
    "portal:push-worker": False,
    "public-log:checkpoint": False,
    "public-log:tile": False,
    "public-log:verifier": False,
    "hooks:hook": False,
    "tracking:picture": False,
    "tracking:follow": False,
    "hooks:hook-inbound": False,
    "api:schema": False,
    "api:docs": False,
    "healthz": False,
    "readyz": False,
    "account_login": False,
    "account_logout": True,
    "account_inactive": False,
    "account_signup": False,
    "account_reset_password": False,
    "account_reset_password_done": False,
    "account_reset_password_from_key": False,
    "account_reset_password_from_key_done": False,
    "account_confirm_email": False,
    "account_email_verification_sent": False,
    "account_confirm_login_code": True,
    "account_change_password": True,
    "account_set_password": True,
    "account_reauthenticate": True,
    "account_email": True,
}
PEOPLE = {"staff": "sam", "auditor": "audrey", "manager": "alice", "admin": "adam"}


def routes(resolver: URLResolver, above: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Walk the URLconf: the name of each route, and its pattern."""
    for one in resolver.url_patterns:
        pattern = above + str(one.pattern)
        if isinstance(one, URLPattern):
            yield ":".join([*spaces, one.name or pattern]), pattern
        else:
            yield from routes(one, pattern, (*spaces, one.namespace) if one.namespace else spaces)


ROUTES = dict(routes(get_resolver()))
HOUSE = sorted(name for name in ROUTES if name in RULES)
GET_AND_POST = ("get", "post")


def address(pattern: str, slug: str, ids: dict[str, Any], name: str) -> str:
    kwargs: dict[str, object] = {"slug": slug}
    if "public_id" in pattern:
        kwargs["public_id"] = ids[RULES[name].of]
    if "<uuid:flag>" in pattern:
        kwargs["flag"] = ids["flag"]
    if "<int:number>" in pattern:
        kwargs["number"] = 1
    if "<int:person>" in pattern:
        kwargs["person"] = ids["member"]
    if "<slug:language>" in pattern:
        kwargs["language"] = "pl"
    if "<slug:name>" in pattern:
        kwargs["name"] = "delivery"
    if "<uuid:recipient>" in pattern:
        kwargs["recipient"] = ids["recipient"]
    return reverse(name, kwargs=kwargs)


@pytest.fixture
def ids(inside) -> dict[str, Any]:
    """The public ids of one of each thing of ours: a draft with a file, and the entry of another that was sent."""
    organisation, ada = inside.organisation, inside.contacts[0]
    kept = Content.keep(organisation, b"The rota, as a text.")

    def drafted(subject: str) -> Communication:
        one = Communication.objects.create(
            organisation=organisation,
            block=inside.block,
            subject=subject,
            body="<p>On Tuesday.</p>",
            created_by=inside.alice,
        )
        Attachment.objects.create(
            organisation=organisation,
            communication=one,
            content=kept,
            name="rota.txt",
            media_type="text/plain",
        )
        Recipient.objects.create(
            organisation=organisation,
            communication=one,
            contact=ada,
            unit=inside.units[0],
            name=ada.name,
            email=ada.email,
        )
        return one

    draft, other = drafted("Lift out of service"), drafted("Lift in service again")
    entry, obstacle = compose.entry_for(compose.Wording.of(other), other.recipients.get())
    assert not obstacle
    entries.write([entry])
    relation = ContactRelation.objects.create(
        organisation=organisation, contact=inside.contacts[1], acts_for=ada, kind="agent"
    )
    flag = AddressFlag.objects.create(
        organisation=organisation, kind="email", address=ada.email, reason="Gone"
    )

    post = LogEntry(organisation=organisation, channel="post", title="Lift", sender_label="A", layout=[1])
    post.personal = zlib.compress(b"x")
    (letter,) = entries.write([post])
    run = PostingRun.objects.create(
        organisation=organisation, communication=other, number=1, print_file=kept, made_by=inside.alice
    )
    template = Template.objects.create(organisation=organisation, name="Lift")
    template.reword("Lift", "<p>It stands still.</p>", inside.alice)
    event = events.append(entry, "delivered", happened_at=timezone.now(), source="person")
    proof = Proof.objects.create(
        organisation=organisation, event=event, content=kept, name="door.txt", media_type="text/plain"
    )

    ticket = Ticket.objects.create(organisation=organisation, title="Lift", entry=entry, contact=ada)
    file = {"name": "a.txt", "media_type": "text/plain", "size": 20, "sha256": kept.sha256}
    written = TicketMessage.objects.create(
        organisation=organisation, ticket=ticket, via="portal", received_at=timezone.now(), attachments=[file]
    )
    suppression = Suppression.objects.create(
        organisation=organisation, channel="email", address="gone@simulator.example", reason="Gone"
    )

    def spreadsheet(state: str) -> Import:
        return Import.objects.create(
            organisation=organisation,
            name="a.csv",
            rows=[["Name"], ["Ada"]],
            state=state,
            created_by=inside.alice,
        )

    invitation = Invitation.objects.create(
        organisation=organisation,
        email="new@larch.example",
        role="staff",
        invited_by=inside.adam,
        expires_at=timezone.now(),
    )
    logo = Logo.objects.create(organisation=organisation, data=b"", sha256="", width=1, height=1)
    raw.keep(organisation, "test", headers={}, body=b"{}")
    with transaction.atomic():
        taken = ExportRecord.objects.create(
            organisation=organisation, export=uuid.uuid4(), phase="started", user=inside.alice
        )
        leaf.write([taken])
    hook = Webhook.objects.create(
        organisation=organisation, url="https://hooks.example/x", created_by=inside.adam
    )
    told = WebhookMessage.objects.create(organisation=organisation, webhook=hook, type="x", event=event)
    return {
        "webhook": hook.public_id,
        "told": told.public_id,
        "receipt": ReceiptParsing.objects.get().public_id,
        "taken": taken.export,
        "schedule": schedule_of(organisation).public_id,
        "keeper": Keeper.objects.create(
            organisation=organisation, email="keeper@out.example", added_by=inside.adam
        ).public_id,
        "view": SavedView.objects.create(
            organisation=organisation,
            name="Ours",
            owner=User.objects.create(email="gone@x.example"),
            shared=True,
        ).public_id,
        "export": export_of(inside.alice, organisation),
        "token": token_of(inside.alice)[0].public_id,
        "ticket": ticket.public_id,
        "written": written.public_id,
        "suppression": suppression.public_id,
        "logo": logo.public_id,
        "invitation": invitation.public_id,
        "member": organisation.memberships.get(user=inside.sam).pk,
        "letter": letter.public_id,
        "run": run.public_id,
        "template": template.public_id,
        "proof": proof.public_id,
        "occupancy": ada.occupancies.get().public_id,
        "relation": relation.public_id,
        "flag": flag.public_id,
        "import": spreadsheet("matching").public_id,
        "checked": spreadsheet("checked").public_id,
        "block": inside.block.public_id,
        "unit": inside.units[0].public_id,
        "contact": ada.public_id,
        "communication": draft.public_id,
        "attachment": draft.attachments.get().public_id,
        "entry": entry.public_id,
        "recipient": entry.recipient.public_id,
    }


def schedule_of(organisation: Organisation) -> ExportSchedule:
    """Give a scheduled export of somebody who is no longer here."""
    gone = User.objects.create(email="away@x.example")
    view = SavedView.objects.create(organisation=organisation, name="Monthly", owner=gone)
    facts = {"view": view, "owner": gone, "at": datetime.time(7), "next_at": timezone.now()}
    made: ExportSchedule = ExportSchedule.objects.create(organisation=organisation, name="Monthly", **facts)
    return made


def export_of(user: User, organisation: Organisation) -> uuid.UUID:
    """Give a file that waits for somebody."""
    file = storages["exports"].save(f"{organisation.pk}/{uuid.uuid4().hex}", ContentFile(b"a"))
    facts = {"file": file, "name": "a.csv", "media_type": "text/csv", "size": 1, "title": "The log"}
    until = timezone.now() + datetime.timedelta(days=1)
    made = Export.objects.create(
        organisation=organisation, kind="log", requested_by=user, state="ready", expires_at=until, **facts
    )
    return made.public_id


def refused(response: HttpResponse) -> bool:
    return response.status_code in (401, 403, 404, 405) or to_sign_in(response)


def to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and "/login/" in response["Location"]


def test_every_route_has_a_row_and_every_row_a_route():
    ours = {name for name in ROUTES if not name.startswith("admin:")}
    assert ours == set(RULES) | set(OUTSIDE) | set(API)
    assert all((ROUTES[name].startswith("o/<slug:slug>/")) == (name in RULES) for name in ours)


@pytest.mark.parametrize(("name", "role"), itertools.product(HOUSE, PEOPLE))
def test_a_member_may_what_the_rule_says(name, role, cast, ids, client_of):
    rule = RULES[name]
    if rule.of == "token":
        ids["token"] = token_of(getattr(cast, PEOPLE[role]))[0].public_id
    if rule.of == "export":
        ids["export"] = export_of(getattr(cast, PEOPLE[role]), cast.organisation)
    for method, may in (("get", rule.look), ("post", rule.act)):
        client = client_of(getattr(cast, PEOPLE[role]))
        response = getattr(client, method)(address(ROUTES[name], cast.organisation.slug, ids, name))
        if role in may:
            assert not refused(response) and response.status_code < 500, (method, response)
        elif may:
            assert response.status_code == 403, (method, response)
        else:
            assert response.status_code in (403, 405), (method, response)


@pytest.mark.parametrize("name", HOUSE)
def test_who_has_not_signed_in_is_asked_to(name, cast, ids):
    for method in GET_AND_POST:
        response = getattr(Client(), method)(address(ROUTES[name], cast.organisation.slug, ids, name))
        assert to_sign_in(response), method


@pytest.mark.parametrize("name", HOUSE)
def test_a_stranger_finds_nothing_of_ours_at_our_address_or_at_theirs(name, cast, ids, client_of):
    cast.other.memberships.update(role="admin")  # even there, where they may do everything
    client = client_of(cast.mallory)
    for method in GET_AND_POST:
        ours = getattr(client, method)(address(ROUTES[name], cast.organisation.slug, ids, name))
        assert ours.status_code == 404, method
        if RULES[name].of:
            theirs = getattr(client, method)(address(ROUTES[name], cast.other.slug, ids, name))
            exists = RULES[name].look if method == "get" else RULES[name].act
            assert theirs.status_code == (404 if exists else 405), method


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_organisations_only_what_is_marked_asks_to_sign_in(name, db):
    one = uuid.uuid4()
    asked = {"key": "x", "uidb36": "x", "str:token": "x", "str:provider": "x"}
    asked |= {"uuid:public_id": one, "uuid:reply": one, "int:number": 1}
    asked |= {"log_name:log": one.hex, "int:level": 0, "path:index": "000"}
    path = reverse(name, args=[value for part, value in asked.items() if f"<{part}>" in ROUTES[name]])
    for method in GET_AND_POST if OUTSIDE[name] else ("get",):
        response = getattr(Client(), method)(path)
        assert to_sign_in(response) == OUTSIDE[name] or response.status_code == 405, method


@pytest.mark.parametrize("role", [None, *PEOPLE])
def test_no_role_opens_the_admin(role, cast, client_of):
    client = client_of(getattr(cast, PEOPLE[role])) if role else Client()
    asked = {"object_id": "1", "content_type_id": "1", "app_label": "comms"}
    for name, pattern in ROUTES.items():
        if not name.startswith("admin:") or name in ("admin:login", "admin:logout", f"admin:{pattern}"):
            continue  # the last ones have no name and only lead on to those that have
        path = reverse(name, kwargs={part: value for part, value in asked.items() if f"{part}>" in pattern})
        for method in GET_AND_POST:
            assert to_sign_in(getattr(client, method)(path)), (name, method)
