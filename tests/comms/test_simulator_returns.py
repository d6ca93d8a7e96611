"""What comes back from the simulator, and what the product makes of it: the same path as from real servers."""

import datetime
import smtplib
import threading
import time

import pytest
from django.utils import timezone
from twilio.request_validator import RequestValidator

from comms import tasks
from comms.channels import configured, hook_address
from comms.channels.base import Firm, Outgoing, Party
from comms.channels.smtp import SmtpLine, SmtpSettings
from comms.receipts import maildir, parsing
from comms.record import entries, events
from comms.sending import compose
from comms.simulator import callbacks, reports
from comms.simulator.later import Later
from comms.simulator.returning import READER, SCANNER, Returning, links, pictures
from tests.comms.centre import draft
from tests.comms.servers import Answer, serving
from tests.comms.test_simulator import MAIL, running

TO = "ann@simulator.example"
LINKED = (
    '<p>See <a href="https://council.example/bins">this</a> and <a href="https://b.example/">that</a>.</p>'
)


class AtOnce(Later):
    """Does now what would be done later, and remembers after how many seconds it would have been."""

    def __init__(self):
        self.waited = []

    def after(self, seconds, do, tried=0):
        self.waited.append(seconds)
        do()


@pytest.fixture
def returning(tmp_path):
    return Returning(tmp_path / "returned", AtOnce())


@pytest.fixture
def entry(inside):
    """A watched mail that was handed over a minute ago."""
    one = draft(inside, people=1, track=True, body=LINKED)
    made, why = compose.entry_for(compose.Wording.of(one), one.recipients.get())
    assert not why
    entries.write([made])
    ago = timezone.now() - datetime.timedelta(minutes=1)
    events.append(made, "sent", happened_at=ago, source="smtp", attempt=1)
    return made


def come_back(returning, entry, to, settings, asked=True):
    """Have the simulator take an entry for an address, and read what came back of it as the worker does."""
    outgoing = compose.outgoing(entry)
    returning.taken(outgoing.envelope_from, to, outgoing.data, asked)
    settings.BOUNCE_MAILBOX = f"maildir://{returning.maildir._path}"
    tasks.take_files()
    parsing.run(5)
    entry.delivery.refresh_from_db()
    return entry.delivery.status, entry.delivery.bounce


@pytest.mark.parametrize(
    "to,status",
    [
        ("deliver@simulator.example", ("delivered", "")),
        (TO, ("delivered", "")),
        ("hard+flat3@simulator.example", ("bounced", "hard")),
        ("soft@simulator.example", ("bounced", "soft")),
        ("complain@simulator.example", ("spam", "")),
        ("silent@simulator.example", ("sent", "")),
        ("drop@simulator.example", ("sent", "")),
        ("deliver@elsewhere.example", ("sent", "")),
    ],
)
def test_what_comes_back_is_what_the_table_says(returning, entry, to, status, settings):
    assert come_back(returning, entry, to, settings) == status


def test_a_soft_bounce_is_delivered_the_next_time_and_each_message_begins_anew(returning, entry):
    data = compose.outgoing(entry).data
    another = data.replace(b"Message-ID: <", b"Message-ID: <another.")
    said = []
    for one in (data, data, another):
        returning.taken("bounces+1@demo.example", "soft@simulator.example", one, True)
        (key,) = returning.maildir.keys()
        said.append(returning.maildir.pop(key).as_bytes().partition(b"Action: ")[2].split()[0])

    assert said == [b"failed", b"delivered", b"failed"]


def test_delivery_is_reported_to_those_alone_who_asked(returning, entry, settings):
    assert come_back(returning, entry, TO, settings, asked=False) == ("sent", "")
    assert come_back(returning, entry, "hard@simulator.example", settings, asked=False) == ("bounced", "hard")


def test_without_a_maildir_nothing_comes_back(entry):
    later = AtOnce()

    Returning(None, later).taken("bounces+1@demo.example", "hard@simulator.example", MAIL, True)

    assert later.waited == []


@pytest.mark.parametrize(
    "to,fetched,who",
    [
        ("open@simulator.example", 1, READER),
        ("click@simulator.example", 2, READER),
        ("scan@simulator.example", 3, SCANNER),
        (TO, 0, ""),
    ],
)
def test_readers_and_scanners_fetch_what_a_mail_has(returning, inside, settings, to, fetched, who):
    def answer(asked):
        return Answer(302, b"", {"Location": "https://council.example/bins"})

    with serving(answer) as server:
        settings.BASE_URL = server.address
        one = draft(inside, people=1, track=True, body=LINKED)
        made, _ = compose.entry_for(compose.Wording.of(one), one.recipients.get())
        returning.taken("bounces+1@demo.example", to, made.exact_bytes(), True)

    assert len(server.asked) == fetched
    assert all(one.path.startswith("/t/") and one.headers["user-agent"] == who for one in server.asked)


def test_nothing_is_fetched_of_a_mail_that_is_not_watched_nor_at_other_places(inside):
    page = b'<img src="https://a.example/t/1.gif"><a href="https://b.example/t/2"><a href="https://a.example/t/3">'
    mail = b"Content-Type: text/html\r\n\r\n" + page

    assert pictures(MAIL) == links(MAIL) == []
    assert links(mail) == ["https://a.example/t/3"]
    assert links(mail.replace(b"<img", b"<i")) == []


def test_each_report_names_the_message_and_nobody_answers_it(entry):
    outgoing = compose.outgoing(entry)
    for what in ("delivered", "hard", "soft"):
        report = reports.of_delivery(what, outgoing.envelope_from, TO, outgoing.data)
        assert f"Message-ID: {entry.message_id}".encode() in report
        assert report.startswith(b"Return-Path: <>\r\n") and b"\nAuto-Submitted: auto-replied\r\n" in report
        assert report.count(b"\n") == report.count(b"\r\n")
        assert entry.words[:20].encode() not in report  # headers alone


def test_our_mail_asks_for_reports_where_the_server_offers_them(tmp_path):
    with running(tmp_path / "sink", f"--maildir={tmp_path / 'returned'}") as simulator:
        for asks in (True, False):
            line = SmtpLine(SmtpSettings("127.0.0.1", simulator.port, timeout=10, reports=asks))
            data = MAIL.replace("Á".encode(), b"A").replace(
                b"Subject", b"Message-ID: <%d@b.example>\r\nSubject" % asks
            )
            outcome = line.send(Outgoing("e", "1", Party("", TO), "bounces+1@b.example", TO, "<1@b>", data))
            line.close()
            assert outcome.kind == "sent"
        ends = time.monotonic() + 15
        while not (reported := list((tmp_path / "returned" / "new").iterdir())) and time.monotonic() < ends:
            time.sleep(0.2)

    assert [b"<1@b.example>" in one.read_bytes() for one in reported] == [True]
    assert b"Action: delivered" in reported[0].read_bytes()


def test_the_simulator_knows_the_words_of_rfc_3461(tmp_path):
    with running(tmp_path) as simulator, smtplib.SMTP("127.0.0.1", simulator.port, timeout=10) as line:
        line.ehlo("test")
        assert line.has_extn("dsn")
        assert line.mail("a@b.example", ["RET=HDRS", "ENVID=1", "SIZE=9"])[0] == 250
        assert line.rcpt(TO, ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;ann@simulator.example"])[0] == 250
        assert line.rcpt(TO, ["BY=120;R"])[0] == 555


def test_things_are_done_in_the_order_of_their_times_and_again_where_they_fail(monkeypatch):
    monkeypatch.setattr("comms.simulator.later.PAUSE", 0.05)
    done, all_done, later = [], threading.Event(), Later()

    def fails():
        done.append("fails")
        raise OSError

    later.after(0.3, lambda: (done.append("last"), all_done.set()))
    later.after(0.1, fails)
    later.after(0, lambda: done.append("first"))

    assert all_done.wait(5)
    assert done == ["first", "fails", "fails", "fails", "last"]


@pytest.mark.parametrize(
    "to,told",
    [
        ("+447700900001", ["sent", "delivered"]),
        ("+447700900071", ["sent", "delivered"]),
        ("whatsapp:+447700900071", ["sent", "delivered", "read"]),
        ("+447700900081", ["sent", "undelivered 30005"]),
        ("+447700900091", []),
        ("+447911123456", ["sent", "delivered"]),
    ],
)
def test_texts_are_told_of_with_a_signature_that_holds(to, told):
    with serving(lambda asked: Answer(200)) as server:
        url = f"{server.address}/hooks/twilio/token/?entry=1"
        callbacks.tell(
            AtOnce(), {"To": to, "From": "+441134960100", "StatusCallback": url}, "AC1", "secret", "SM1"
        )

    said = [f"{one.form['MessageStatus']} {one.form.get('ErrorCode', '')}".strip() for one in server.asked]
    assert said == told
    for one in server.asked:
        assert RequestValidator("secret").validate(url, one.form, one.headers["x-twilio-signature"])
        assert one.form["MessageSid"] == "SM1"


def test_who_gives_no_address_is_told_nothing():
    later = AtOnce()
    callbacks.tell(later, {"To": "+447700900001"}, "AC1", "secret", "SM1")
    callbacks.tell(
        later, {"To": "+447700900001", "StatusCallback": "file:///etc/passwd"}, "AC1", "secret", "SM1"
    )

    assert later.waited == []


@pytest.mark.parametrize(
    "base,api,asked",
    [
        ("https://blockpost.example", "https://api.twilio.com", True),
        ("http://127.0.0.1:8000", "https://api.twilio.com", False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8025", True),
    ],
)
def test_receipts_are_asked_for_where_the_provider_can_reach_us(settings, cast, base, api, asked):
    settings.BASE_URL, settings.TWILIO_API_BASE = base, api
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = (
        "AC1",
        "t",
        "+441134960100",
    )
    firm = Firm(cast.organisation.slug, cast.organisation.public_id)

    address = hook_address.address_of(cast.organisation.public_id, "twilio")
    assert configured.sms(firm).settings.callback == (address if asked else "")


def test_a_maildir_is_read_once_and_what_belongs_to_nobody_is_flagged(inside, entry, tmp_path):
    place = tmp_path / "made" / "here"
    assert maildir.take(place) == maildir.Taken()
    outgoing = compose.outgoing(entry)
    report = reports.of_delivery("hard", outgoing.envelope_from, TO, outgoing.data)
    (place / "new" / "1").write_bytes(report)
    (place / "new" / "2").write_bytes(report)
    (place / "new" / "3").write_bytes(b"Subject: nobody's\r\n\r\n")
    (place / "new" / ".hidden").write_bytes(b"half")

    taken = maildir.take(place)

    assert (taken.new, taken.again, taken.nobodys) == (1, 1, 1)  # there are two firms, and none is named
    assert sorted(one.name for one in (place / "cur").iterdir()) == ["1:2,S", "2:2,S", "3:2,FS"]
    assert maildir.take(place) == maildir.Taken()


def test_of_a_mail_that_is_too_large_the_beginning_is_kept(inside, entry, tmp_path, monkeypatch):
    monkeypatch.setattr(maildir, "LARGEST", 5000)
    monkeypatch.setattr(maildir, "BEGINNING", 4000)
    maildir.take(tmp_path)
    outgoing = compose.outgoing(entry)
    report = reports.of_delivery("hard", outgoing.envelope_from, TO, outgoing.data) + b"x" * 9000
    (tmp_path / "new" / "1").write_bytes(report)

    assert maildir.take(tmp_path).new == 1
    assert [one.name for one in (tmp_path / "cur").iterdir()] == ["1:2,FS"]
