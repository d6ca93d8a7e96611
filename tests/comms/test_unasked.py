"""Mail that answers nothing: it is always kept, a person's opens a ticket of the firm that it is for, and nobody floods us."""

import datetime

import pytest
from django.core.checks import run_checks
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.models import Receipt, ReceiptParsing, Ticket, TicketMessage
from comms.receipts import mailbox, parsing, unasked
from comms.receipts.mail import NOBODYS, NOWHERE
from contacts.models import Contact
from portfolio.models import Organisation
from tests.comms.logbook import write
from tests.comms.test_mailbox import OUR_ID, TOKEN, answer, bounce

STRANGER = "ann@flats.example"


def come_in(mail: bytes) -> ReceiptParsing:
    mailbox.keep(mail)
    with scopes_disabled():
        parsing.run(5)
        return ReceiptParsing.objects.select_related("receipt", "organisation").latest("id")


def tickets() -> list[tuple[str, str]]:
    with scopes_disabled():
        found = Ticket.objects.filter(reason=Ticket.Reason.MAIL).select_related("organisation").order_by("id")
        return [(one.organisation.slug, one.title) for one in found]


def hello(to="someone@demo.example", words="The gate is open.", headers="", sender=STRANGER) -> bytes:
    return answer(words, "The gate", headers, to).replace(STRANGER.encode(), sender.encode())


TITLE = "Mail from Ann: The gate"


@pytest.fixture(autouse=True)
def one_firm(settings):
    settings.MAIL_ORGANISATION = ""


def test_a_mail_to_the_address_of_a_firm_opens_a_ticket_there(cast):
    for address in ("Office@Larch.example", "office@harbour.example"):
        come_in(hello(f"The office <{address}>"))

    assert tickets() == [("larch", TITLE), ("harbour", TITLE)]
    with scope(organisation=cast.organisation):
        message = TicketMessage.objects.get()
        assert (message.from_address, message.entry) == (STRANGER, None)
        assert message.words.splitlines() == ["The gate", "", "The gate is open."]
        assert (message.ticket.assignee, message.ticket.changes.get().kind) == (cast.adam, "opened")


def test_its_ticket_can_be_read_and_answered_in_its_firm_alone(cast, client_of):
    come_in(hello("office@larch.example"))
    with scopes_disabled():
        at = Ticket.objects.select_related("organisation").get(reason="mail").get_absolute_url()

    page = client_of(cast.alice).get(at).content.decode()

    assert "The gate is open." in page
    assert "Mail that answers nothing" in page
    assert TITLE in client_of(cast.sam).get(f"/o/{cast.organisation.slug}/tickets/").content.decode()
    assert client_of(cast.mallory).get(at).status_code == 404


def test_a_mail_of_whom_one_firm_knows_goes_to_that_firm(cast, settings):
    settings.MAIL_ORGANISATION = cast.organisation.slug
    with scope(organisation=cast.other):
        theirs = Contact.objects.create(
            organisation=cast.other, kind="person", last_name="Ann", email="ANN@flats.example"
        )

    come_in(hello())

    assert tickets() == [("harbour", TITLE)]
    with scopes_disabled():
        assert Ticket.objects.get(reason="mail").contact == theirs


def test_whom_two_firms_know_is_told_apart_by_the_address_only(cast):
    for firm in (cast.organisation, cast.other):
        with scope(organisation=firm):
            Contact.objects.create(organisation=firm, kind="person", last_name="Ann", email=STRANGER)

    row = come_in(hello())
    assert (tickets(), row.reason) == ([], NOBODYS)

    come_in(hello("office@harbour.example"))
    assert tickets() == [("harbour", TITLE)]


def test_of_nobody_the_firm_that_settings_name_gets_it(cast, settings):
    settings.MAIL_ORGANISATION = cast.other.slug

    come_in(hello())

    assert tickets() == [("harbour", TITLE)]


def test_of_nobody_the_oldest_firm_s_admins_see_the_receipt_and_nobody_a_ticket(cast, client_of):
    row = come_in(hello())

    assert (row.organisation, row.state, row.reason) == (cast.organisation, "parked", NOBODYS)
    assert (tickets(), bytes(row.receipt.body)) == ([], hello())
    page = client_of(cast.adam).get(f"/o/{cast.organisation.slug}/settings/receipts/")
    assert "nobody could tell which firm it is for" in page.content.decode()


@pytest.mark.parametrize(
    "mail",
    [
        bounce("hard-unknown", to="office@larch.example"),
        hello("office@larch.example", headers="Auto-Submitted: auto-replied\n"),
        hello("office@larch.example", headers="Precedence: bulk\n"),
        hello("office@larch.example", headers="List-Unsubscribe: <https://list.example/u>\n"),
        hello("office@larch.example", headers="List-Id: <news.list.example>\n"),
        hello("office@larch.example", sender="mailer-daemon@flats.example"),
        b"To: office@larch.example\nSubject: from nobody\n\nx\n",
    ],
)
def test_what_no_person_wrote_is_seen_under_receipts_and_opens_no_ticket(cast, mail):
    row = come_in(mail)

    assert (row.organisation, row.state, row.reason) == (cast.organisation, "parked", NOWHERE)
    assert tickets() == []


def test_the_same_mail_twice_is_one_ticket(cast):
    row = come_in(hello("office@larch.example"))
    come_in(hello("office@larch.example"))
    with scope(organisation=cast.organisation):
        parsing.read(row)

    assert len(tickets()) == 1


def test_of_one_sender_only_so_many_tickets_are_opened_a_day(cast, monkeypatch):
    rows = [come_in(hello("office@larch.example", str(number))) for number in range(6)]

    assert len(tickets()) == 5
    assert (rows[-1].state, rows[-1].reason) == ("done", unasked.ENOUGH)
    come_in(hello("office@larch.example", sender="bob@flats.example"))
    assert len(tickets()) == 6

    monkeypatch.setattr(unasked, "MOST_OF_ALL", 6)
    assert come_in(hello("office@larch.example", sender="eve@flats.example")).reason == unasked.FLOOD
    with scope(organisation=cast.organisation):
        assert Receipt.objects.count() == 8


def test_an_answer_to_a_message_that_never_comes_opens_a_ticket_after_a_day(cast):
    mail = hello(f"bounces+{TOKEN}@demo.example", headers="X-Original-To: office@larch.example\n")
    row = come_in(mail)
    assert (row.state, tickets()) == ("waiting", [])

    with scope(organisation=cast.organisation):
        row.received_at, row.next_at = row.received_at - datetime.timedelta(hours=25), timezone.now()
        row.save()
        parsing.run(5)
    row.refresh_from_db()

    assert (row.state, tickets()) == ("done", [("larch", TITLE)])


def test_a_bounce_that_comes_before_its_entry_reaches_it_in_whichever_firm_it_is(cast):
    row = come_in(bounce("hard-unknown"))
    assert (row.organisation, row.state) == (cast.organisation, "waiting")

    with scope(organisation=cast.other):
        entry = write(cast.other, token=TOKEN, public_id=OUR_ID, to_address=STRANGER)
    with scope(organisation=cast.organisation):
        ReceiptParsing.objects.update(next_at=timezone.now())
    with scopes_disabled():
        parsing.run(5)
    row.refresh_from_db()

    assert (row.state, row.reason, row.entry) == ("done", parsing.HANDED_OVER, None)
    with scope(organisation=cast.other):
        assert [event.kind for event in entry.events.all()] == ["bounced"]


def warned() -> list[str]:
    return [one.id for one in run_checks(databases=["default"]) if one.id == "comms.W023"]


def test_a_start_says_that_mail_of_nobody_is_hardly_seen(cast, settings):
    settings.BOUNCE_MAILBOX = ""
    assert warned() == []  # none comes here
    settings.BOUNCE_MAILBOX = "maildir:///tmp/none"
    assert warned() == ["comms.W023"]
    settings.MAIL_ORGANISATION = "no such firm"
    assert warned() == ["comms.W023"]
    settings.MAIL_ORGANISATION = cast.other.slug
    assert warned() == []


def test_with_one_firm_there_is_nothing_to_say(db, settings):
    settings.BOUNCE_MAILBOX = "maildir:///tmp/none"
    assert Organisation.objects.count() == 0
    assert warned() == []
    assert mailbox.keep(hello()) is mailbox.Kept.NOBODYS
    Organisation.objects.create(name="Larch", slug="larch", sender_email="office@larch.example")
    assert warned() == []

    come_in(hello())

    assert tickets() == [("larch", TITLE)]
