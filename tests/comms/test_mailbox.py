"""Mail that comes back is kept, read and marked; what people answer lands on a ticket."""

import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope
from imap_tools.errors import MailboxLoginError

from comms import tasks
from comms.models import Receipt, ReceiptParsing, Ticket, TicketMessage
from comms.receipts import mailbox, parsing
from comms.record import events
from tests.comms.imap_server import mailbox as serving
from tests.comms.logbook import write

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
HERE = Path(__file__).parent / "bounces"
TOKEN = "0123456789abcdef" * 2
OUR_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
STATE = ReceiptParsing.State


@pytest.fixture
def entry(inside):
    made = write(
        inside.organisation,
        token=TOKEN,
        public_id=OUR_ID,
        to_address="ann@flats.example",
        at=NOW - datetime.timedelta(hours=1),
    )
    events.append(made, "sent", happened_at=NOW, source="smtp", attempt=1)
    return made


def bounce(name: str, to: str = f"bounces+{TOKEN}@demo.example") -> bytes:
    return (HERE / f"{name}.eml").read_bytes().replace(b"bounces+token@demo.example", to.encode())


def answer(words="Thank you.", subject="Re: Lift", headers="", to=f"bounces+{TOKEN}@demo.example") -> bytes:
    return (
        f"From: Ann <ann@flats.example>\nTo: {to}\nSubject: {subject}\n{headers}"
        f'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\n{words}\n'
    ).encode()


def come_in(mail: bytes) -> ReceiptParsing:
    """Keep a mail and read it, and give what came of that."""
    mailbox.keep(mail)
    parsing.run(5)
    return ReceiptParsing.objects.select_related("receipt").latest("id")


def status(entry) -> tuple[str, str, str]:
    entry.delivery.refresh_from_db()
    return entry.delivery.status, entry.delivery.bounce, entry.delivery.reason


def test_a_bounce_to_the_token_makes_the_entry_bounced_and_says_why_in_our_words(entry):
    row = come_in(bounce("hard-unknown"))

    assert status(entry) == ("bounced", "hard", "The mailbox does not exist.")
    assert entry.events.get(kind="bounced").reply.startswith("550 5.1.1")
    assert (row.state, row.entry) == (STATE.DONE, entry)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("soft-full-5.2.2", ("bounced", "soft", "The mailbox is full.")),
        ("soft-full-postfix-quota", ("bounced", "soft", "The mailbox is full.")),
        ("spam-blocklist", ("bounced", "spam", "The mail server there blocks the server that sent it.")),
        ("complaint-arf", ("spam", "", "The recipient marked it as spam.")),
        ("none-delayed", ("sent", "", "")),
        ("none-delivered", ("delivered", "", "")),
        ("none-read", ("sent", "", "")),
        ("none-away", ("sent", "", "")),
    ],
)
def test_each_kind_of_mail_moves_the_status_as_it_should(entry, name, found):
    row = come_in(f"X-Original-To: bounces+{TOKEN}@demo.example\n".encode() + bounce(name))

    assert status(entry) == found
    assert row.state == STATE.DONE


@pytest.mark.parametrize("named", [f"Message-ID: <{OUR_ID}@demo.example>", f"X-Blockpost-Entry: {OUR_ID}"])
def test_without_a_token_the_returned_mail_says_which_message_it_was(entry, named):
    mail = bounce("hard-unknown", to="office@demo.example").replace(
        b"Message-ID: <0123@demo.example>", named.encode()
    )

    come_in(mail)

    assert status(entry)[0] == "bounced"


def test_another_mail_systems_message_id_of_the_same_look_is_not_ours(entry, settings):
    settings.MAIL_ORGANISATION = entry.organisation.slug
    mail = bounce("hard-unknown", to="office@demo.example").replace(
        b"<0123@demo.example>", f"<{OUR_ID}@else.example>".encode()
    )

    row = come_in(mail)

    assert status(entry)[0] == "sent"
    assert (row.state, row.reason) == (STATE.PARKED, "It does not say which message it is about.")


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ("Action: failed\nStatus: 5.2.2", ("bounced", "soft")),
        ("Action: failed\nStatus: 5.1.1", ("bounced", "hard")),
        ("Action: delivered\nStatus: 2.0.0", ("delivered", "")),
    ],
)
def test_of_ten_thousand_recipients_our_own_counts(entry, ours, found):
    named = {number: f"a{number}@flats.example" for number in range(10_000)} | {7_000: "ANN@flats.example"}
    blocks = "".join(
        f"Final-Recipient: rfc822; {address}\n{ours if number == 7_000 else 'Action: failed' + chr(10) + 'Status: 5.7.1'}\n\n"
        for number, address in named.items()
    )
    mail = (
        f"From: MAILER-DAEMON@mx.example\nTo: bounces+{TOKEN}@demo.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        f"Sorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{blocks}--b--\n"
    )

    come_in(mail.encode())

    assert status(entry)[:2] == found


def test_a_mail_goes_to_the_organisation_whose_message_it_is_about(cast, entry, settings):
    settings.MAIL_ORGANISATION = cast.other.slug

    come_in(bounce("hard-unknown"))
    come_in(bounce("hard-unknown", to="office@demo.example"))

    with scope(organisation=cast.organisation):
        assert Receipt.objects.count() == 1
    with scope(organisation=cast.other):
        assert ReceiptParsing.objects.get().state == STATE.PARKED


def test_the_same_mail_twice_is_one_event(entry):
    come_in(bounce("hard-unknown"))

    assert mailbox.keep(bounce("hard-unknown")) is mailbox.Kept.AGAIN
    assert entry.events.filter(kind="bounced").count() == 1


def test_an_answer_lands_on_a_ticket_with_its_files(entry):
    mail = (
        f"From: Ann Other <ANN@flats.example>\nTo: bounces+{TOKEN}@demo.example\nSubject: Re: Lift\n"
        "In-Reply-To: <1@else.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/html\n\n<p>The lift <b>still</b> stands.</p>\n"
        "--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=../../lift.png\n"
        "Content-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n"
    ).encode()

    row = come_in(mail)

    message = TicketMessage.objects.get()
    assert (message.ticket.reason, message.entry, message.receipt) == (
        Ticket.Reason.REPLY,
        entry,
        row.receipt,
    )
    assert message.words.split() == ["Re:", "Lift", "The", "lift", "still", "stands."]
    assert (message.from_name, message.from_address, message.automatic) == (
        "Ann Other",
        "ANN@flats.example",
        False,
    )
    assert [(file["name"], file["size"]) for file in message.attachments] == [("lift.png", 5)]


def test_an_answer_is_found_by_what_it_answers(entry):
    come_in(
        answer(
            to="office@demo.example",
            headers=f"References: <1@a.example> <{OUR_ID}@demo.example>\n <2@b.example>\n",
        )
    )

    assert TicketMessage.objects.get().entry == entry


def test_an_answer_to_the_reply_address_is_found_by_its_token_alone(entry, settings):
    settings.REPLY_ADDRESS = "replies@answers.example"

    come_in(answer(to=f"Larch <Replies+{TOKEN.upper()}@Answers.example>"))

    assert TicketMessage.objects.get().entry == entry


@pytest.mark.parametrize(
    "to", [f"replies+{TOKEN}@answers.example.net", f"+{TOKEN}@", f"replies+{TOKEN[:-1]}@answers.example"]
)
@pytest.mark.parametrize("ours", ["replies@answers.example", ""])
def test_what_is_no_address_of_ours_names_no_entry(entry, settings, to, ours):
    settings.REPLY_ADDRESS, settings.MAIL_ORGANISATION = ours, entry.organisation.slug

    come_in(answer(to=to))

    assert not TicketMessage.objects.filter(entry__isnull=False).exists()


def test_an_answer_about_an_undelivered_parcel_is_an_answer(entry):
    words = "Undeliverable: no such user. bob@flats.example could not be delivered to. 550 5.1.1 unknown"

    come_in(answer(words, subject="Re: Undelivered Mail", headers="In-Reply-To: <1@else.example>\n"))

    assert status(entry)[0] == "sent"
    assert TicketMessage.objects.count() == 1


@pytest.mark.parametrize("subject", ["Re: Absence of hot water", "Vacation of flat 3", "I am out of keys"])
def test_a_person_whose_subject_sounds_like_an_absence_is_heard(entry, subject):
    come_in(answer(subject=subject))

    assert not TicketMessage.objects.get().automatic


def test_a_receipt_that_is_read_again_makes_no_second_message(entry):
    row = come_in(answer())

    parsing.read(row)

    assert TicketMessage.objects.count() == 1


def test_an_automatic_answer_opens_no_ticket_but_joins_one(entry):
    away = answer(subject="Automatic reply: Lift", headers="Auto-Submitted: auto-replied\n")

    row = come_in(away)
    assert (Ticket.objects.count(), row.reason) == (0, "An automatic answer, which needs no ticket.")

    come_in(answer())
    come_in(away + b" ")
    assert [message.automatic for message in TicketMessage.objects.all()] == [False, True]


def test_two_machines_that_answer_each_other_do_not_fill_a_ticket(entry, monkeypatch):
    monkeypatch.setattr("comms.receipts.replies.MOST_A_DAY", 2)

    rows = [come_in(answer(f"again {number}")) for number in range(3)]

    assert TicketMessage.objects.count() == 2
    assert "within a day" in rows[-1].reason


def test_a_file_that_is_too_large_is_named_and_stays_in_the_receipt(entry, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000
    mail = (
        f"From: ann@flats.example\nTo: bounces+{TOKEN}@demo.example\nSubject: plan\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the plan.\n"
        "--b\nContent-Type: application/pdf; name=plan.pdf\n\n" + "x" * 2000 + "\n--b--\n"
    ).encode()

    row = come_in(mail)

    message = TicketMessage.objects.get()
    assert message.attachments == []
    assert "“plan.pdf”" in message.words and "“plan.pdf”" in row.reason
    assert bytes(row.receipt.body) == mail


@pytest.mark.parametrize(
    "subject", ["=?utf-8?q?Lift=0D=0ABcc=3A_all=40example.com?=", "Lift\n\tBcc: all@example.com"]
)
def test_a_subject_stays_one_line(entry, subject):
    come_in(answer(subject=subject))

    assert TicketMessage.objects.get().words.splitlines()[0] == "Lift Bcc: all@example.com"


def test_text_that_no_database_takes_is_kept_without_it(entry):
    come_in(answer("a\x00b \ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")))

    assert "\x00" not in TicketMessage.objects.get().words


def test_the_mailbox_is_read_once_and_marked_only_when_kept(entry, settings):
    with serving(bounce("hard-unknown"), answer()) as box:
        settings.BOUNCE_MAILBOX = box.url
        tasks.take_mail()
        tasks.take_mail()

        assert box.folders == ["Bounces", "Bounces"]
        assert [letter.flags for letter in box.letters] == [{"\\Seen"}, {"\\Seen"}]
    assert Receipt.objects.count() == 2


def test_a_mail_is_not_marked_before_it_is_kept_and_is_kept_when_marking_fails(entry, settings):
    with serving(bounce("hard-unknown")) as box:
        settings.BOUNCE_MAILBOX, box.breaks_at = box.url, "STORE"
        with pytest.raises(Exception, match="EOF|socket"):
            mailbox.take_all()
        assert box.letters[0].flags == set() and Receipt.objects.count() == 1

        box.breaks_at = ""
        assert mailbox.take_all() == mailbox.Taken(again=1)
        assert box.letters[0].flags == {"\\Seen"}


def test_a_mail_without_end_is_kept_by_its_beginning_and_stays_in_the_mailbox(entry, settings, monkeypatch):
    monkeypatch.setattr(mailbox, "LARGEST", 5000)
    monkeypatch.setattr(mailbox, "BEGINNING", 3000)
    with serving(bounce("hard-unknown") + b"x" * 9_000_000) as box:
        settings.BOUNCE_MAILBOX = box.url
        mailbox.take_all()

        assert box.letters[0].flags == {"\\Seen", "\\Flagged"}
    parsing.run(5)
    row = ReceiptParsing.objects.get()
    assert len(row.receipt.body) == 3000
    assert row.state == STATE.PARKED and "It has 9 MB" in row.reason
    assert status(entry)[0] == "bounced"


def test_what_belongs_to_nobody_is_kept_and_flagged_where_several_firms_share_a_mailbox(
    cast, entry, settings
):
    with serving(answer(to="office@demo.example")) as box:
        settings.BOUNCE_MAILBOX = box.url

        assert mailbox.take_all() == mailbox.Taken(nobodys=1)
        assert box.letters[0].flags == {"\\Seen", "\\Flagged"}
    assert Receipt.objects.count() == 1


def test_a_wrong_password_says_so_and_changes_nothing(entry, settings):
    with serving(bounce("hard-unknown"), password="other") as box:
        settings.BOUNCE_MAILBOX = box.url
        with pytest.raises(MailboxLoginError):
            mailbox.take_all()
        assert box.letters[0].flags == set()


def test_a_maildir_and_a_file_are_read(entry, tmp_path, capsys):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    (tmp_path / "mail" / "new" / "1.a").write_bytes(bounce("hard-unknown"))
    (tmp_path / "mail" / "cur" / "2.a:2,S").write_bytes(answer())
    (tmp_path / "mail" / "tmp" / "3.a").write_bytes(answer("half of"))
    (tmp_path / "one.eml").write_bytes(bounce("hard-unknown"))

    call_command("read_mail", str(tmp_path / "mail"), str(tmp_path / "one.eml"))

    assert capsys.readouterr().out == "2 kept, 1 there already, 0 of nobody.\n"


def test_mail_about_no_message_needs_an_organisation(cast, entry, tmp_path):
    (tmp_path / "one.eml").write_bytes(answer(to="office@demo.example"))

    with pytest.raises(CommandError, match="--organisation"):
        call_command("read_mail", str(tmp_path / "one.eml"))
    call_command("read_mail", str(tmp_path / "one.eml"), "--organisation", cast.organisation.slug)

    assert Receipt.objects.count() == 1
