"""Signed heads leave the building: to mailboxes that the firm does not control, and to an authority that puts its time to them."""

import email
import email.policy
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from comms.ledger import checkpoint, sealer
from comms.models import Checkpoint, Communication, Keeper, LogEntry, LogKey, OutsideCopy
from comms.record import entries
from comms.witness import due, first, leaving, stamping
from tests.comms.conftest import sink  # noqa: F401 (a fixture)
from tests.ledger.conftest import sealing_key  # noqa: F401 (a fixture)
from tests.ledger.test_leaf import entry_of
from tests.witness.authority import Authority

HOUR = timezone.timedelta(hours=1)


@pytest.fixture
def sealed(inside, sealing_key):  # noqa: F811
    """A record under a head."""
    grow(inside)
    return inside


def grow(cast):
    entries.write([entry_of(cast)])
    sealer.run()


def keeper(cast, address="keeper@simulator.example"):
    return Keeper.objects.create(organisation=cast.organisation, email=address, added_by=cast.adam)


def statutory(cast):
    """A statutory communication that was sent to one person."""
    made = Communication.objects.create(
        organisation=cast.organisation,
        type="notice",
        statutory=True,
        subject="Notice",
        created_by=cast.alice,
        status="sent",
        started_at=timezone.now(),
        sent_at=timezone.now(),
    )
    entries.write([entry_of(cast, communication=made, type="notice")])
    return made


def copies(kind="mail"):
    return list(OutsideCopy.objects.filter(kind=kind).order_by("pk"))


def test_each_mailbox_gets_the_newest_head_as_a_file(sealed, sink):  # noqa: F811
    keeper(sealed)
    keeper(sealed, "second@simulator.example")

    assert leaving.run(timezone.now()) == 2

    head = Checkpoint.objects.order_by("-number").first()
    assert {copy.target for copy in copies()} == {"keeper@simulator.example", "second@simulator.example"}
    assert {copy.checkpoint_id for copy in copies()} == {head.pk}
    mail = email.message_from_bytes(sink.kept[0].data, policy=email.policy.default)
    note, keys = [part.get_content() for part in mail.iter_attachments()]
    assert checkpoint.read(note.replace("\r\n", "\n")).is_signed_by(
        checkpoint.Key.read(LogKey.objects.get().vkey)
    )
    assert keys.strip() == LogKey.objects.get().vkey


def test_the_mail_stands_in_the_log_without_its_link(sealed, sink):  # noqa: F811
    one = keeper(sealed)
    leaving.run(timezone.now())

    entry = LogEntry.objects.get(to_address=one.email)
    sent = sink.kept[0].data.decode()
    assert "/keep/" in sent and "/keep/" not in entry.exact_bytes().decode() and "/keep/" not in entry.words
    assert entry.withheld and b"checkpoint-" in entry.exact_bytes()


def test_one_goes_a_day_and_only_where_there_is_a_new_head(sealed, sink):  # noqa: F811
    keeper(sealed)
    now = timezone.now()
    leaving.run(now)
    sealer.run()  # what was mailed is in the log as well, and so under a newer head
    assert leaving.run(now + 23 * HOUR) == 0
    assert leaving.run(now + 25 * HOUR) == 1
    assert leaving.run(now + 26 * HOUR) == 0
    assert len(copies()) == 2


def test_one_goes_as_soon_as_it_covers_a_statutory_communication(sealed, sink):  # noqa: F811
    keeper(sealed)
    now = timezone.now()
    leaving.run(now)
    sealer.run()
    assert leaving.run(now + HOUR) == 0

    statutory(sealed)
    assert leaving.run(now + HOUR) == 0  # no head covers it yet
    sealer.run()
    assert leaving.run(now + HOUR) == 1
    sealer.run()
    assert leaving.run(now + HOUR) == 0


def test_a_mail_that_is_not_taken_is_tried_again_after_an_hour(sealed, settings, sink):  # noqa: F811
    one = keeper(sealed)
    settings.EMAIL_PORT, port = 1, settings.EMAIL_PORT
    now = timezone.now()
    assert leaving.run(now) == leaving.run(now + HOUR / 2) == 0
    assert Keeper.objects.get().problem and LogEntry.objects.filter(to_address=one.email).count() == 1

    settings.EMAIL_PORT = port
    assert leaving.run(now + 2 * HOUR) == 1
    assert Keeper.objects.get().problem == ""


def test_nobody_who_was_ended_gets_any(sealed, sink):  # noqa: F811
    one = keeper(sealed)
    assert one.end(timezone.now()) and not one.end(timezone.now())

    assert leaving.run(timezone.now()) == 0


def test_a_reader_says_that_they_keep_them_and_a_look_says_nothing(sealed, sink):  # noqa: F811
    one = keeper(sealed)
    leaving.run(timezone.now())
    link = re.search(r"http://\S+/keep/\S+", sink.kept[0].data.decode().replace("=\r\n", ""))[0]
    path = link[link.index("/keep/") :]
    outsider = Client()

    assert "Do these mails arrive" in outsider.get(path).content.decode()
    assert Keeper.objects.get().confirmed_at is None
    assert "Thank you" in outsider.post(path, follow=True).content.decode()
    confirmed = Keeper.objects.get().confirmed_at
    outsider.post(path)
    assert confirmed and Keeper.objects.get().confirmed_at == confirmed
    assert outsider.get(path[:-3] + "xx/").status_code == 404
    one.end(timezone.now())
    assert outsider.get(path).status_code == 404


def test_a_page_nags_until_two_have_confirmed(sealed, client_of):
    adam = client_of(sealed.adam)
    page = "/o/larch/settings/outside/"

    def nags(where=page, client=adam):
        return "has confirmed that it keeps heads" in client.get(where).content.decode()

    assert nags() and nags("/o/larch/settings/") and nags("/o/larch/log/verify/")
    assert not nags("/o/larch/log/verify/", client_of(sealed.audrey))
    for name in ("one", "two"):
        assert adam.post(page, {"email": f"{name}@out.example"}, follow=True).status_code == 200
        assert nags()
        Keeper.objects.get(email=f"{name}@out.example").confirm(timezone.now())
    assert not nags()
    adam.post(f"{page}{Keeper.objects.first().public_id}/end/")
    assert nags()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("board@larch.example", "one of your own"),
        ("ADAM@larch.example", "one of your own"),
        ("keeper@simulator.example", "sent there already"),
        ("nobody", "email"),
    ],
)
def test_a_mailbox_of_the_firm_keeps_nothing(sealed, client_of, address, words):
    keeper(sealed)
    answer = client_of(sealed.adam).post("/o/larch/settings/outside/", {"email": address})

    assert answer.status_code == 422 and words in answer.content.decode()
    assert Keeper.objects.count() == 1


def test_a_copy_outside_cannot_be_changed_or_taken_away(sealed, sink):  # noqa: F811
    keeper(sealed)
    leaving.run(timezone.now())

    for sql in ("UPDATE comms_outsidecopy SET at = now()", "DELETE FROM comms_outsidecopy"):
        with pytest.raises(Exception, match="permanent record|permission denied"), transaction.atomic():
            connection.cursor().execute(sql)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideCopy.objects.create(
            organisation=sealed.other,
            checkpoint=Checkpoint.objects.first(),
            kind="mail",
            target="x",
            at=timezone.now(),
            evidence=b"",
        )
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


# ------------------------------------------------------------------------------------------------ time-stamps


@pytest.fixture
def authority(tmp_path, settings):
    made = Authority(tmp_path / "authority")
    with made.listening() as url:
        settings.TIMESTAMP_URL, settings.TIMESTAMP_CA = url, made.certificates
        yield made


def test_an_authority_puts_its_time_to_a_head(sealed, authority):
    before = timezone.now()

    assert leaving.run(timezone.now()) == 1

    (copy,) = copies("timestamp")
    head = Checkpoint.objects.order_by("-number").first()
    assert copy.checkpoint == head and abs(copy.at - before) < HOUR / 60
    assert stamping.holds(head, bytes(copy.evidence))
    (authority.folder / "head").write_text(head.note)
    (authority.folder / "token").write_bytes(bytes(copy.evidence))
    authority.run("ts", "-verify", "-in", "token", "-data", "head", "-CAfile", "ca.pem")
    assert leaving.run(timezone.now()) == 0


def test_a_time_stamp_of_another_authority_or_of_other_bytes_is_not_taken(
    sealed, authority, settings, tmp_path
):
    other = Authority(tmp_path / "other", "Other time")
    settings.TIMESTAMP_CA = other.certificates
    with pytest.raises(stamping.NoStamp, match="does not hold"):
        stamping.stamp(b"head")
    settings.TIMESTAMP_CA = authority.certificates
    authority.spoil = lambda answer: authority.stamped(b"other head")
    with pytest.raises(stamping.NoStamp, match="does not hold"):
        stamping.stamp(b"head")
    for wrong in (b"", b"<html>", b"x" * 100_000):
        authority.spoil = lambda answer, wrong=wrong: wrong
        with pytest.raises(stamping.NoStamp):
            stamping.stamp(b"head")
    assert stamping.holds(Checkpoint.objects.first(), authority.stamped(b"x")) is False


def test_an_authority_that_fails_is_not_asked_every_minute(sealed, authority):
    authority.spoil = lambda answer: b"no"
    for _ in range(3):
        assert leaving.run(timezone.now()) == 0
    assert authority.asked == 1 and not copies("timestamp")


def test_settings_that_name_no_certificates_are_said(sealed, authority, settings):
    settings.TIMESTAMP_CA = "/nowhere.pem"
    with pytest.raises(stamping.NoStamp, match="TIMESTAMP_CA"):
        stamping.stamp(b"head")


def test_one_organisation_in_the_way_does_not_stop_the_others(sealed, authority, monkeypatch):
    real = due.head_for

    def broken(organisation, *rest):
        if organisation == sealed.organisation:
            raise ValueError("broken")
        return real(organisation, *rest)

    monkeypatch.setattr("comms.witness.due.head_for", broken)
    assert leaving.run(timezone.now()) == 0  # and did not raise


# -------------------------------------------------------------------------------- which copy was the first over a row


def test_the_first_copy_that_covers_a_row_is_found(sealed, sink):  # noqa: F811
    one, log = keeper(sealed), Checkpoint.objects.first().log
    now = timezone.now()
    for n, hours in enumerate((5, 3, 9)):
        grow(sealed)
        OutsideCopy.objects.create(
            organisation=sealed.organisation,
            checkpoint=Checkpoint.objects.order_by("-number").first(),
            kind="mail",
            target=f"{one.email}{n}",
            at=now + hours * HOUR,
            evidence=b"",
        )
    heads = list(Checkpoint.objects.order_by("number"))[-3:]
    found = first.of_log(log, heads[-1].size)

    # The second copy was taken before the first one, and reaches further: the first one never is the first.
    assert [copy.at for copy in found.copies] == [now + 3 * HOUR, now + 9 * HOUR]
    assert found.covering(0).at == found.covering(heads[1].size - 1).at == now + 3 * HOUR
    assert found.covering(heads[1].size).at == now + 9 * HOUR
    assert found.covering(heads[2].size) is None
    assert first.of_log(log, heads[1].size).covering(heads[1].size) is None
