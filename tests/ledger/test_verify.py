"""verify_log says in words, in JSON and by its exit code whether the record is as it was recorded; so does its page."""

import json

import psycopg
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from comms.ledger import checkpoint, keys, publishing, running, sealer, sealing
from comms.ledger.checking_tree import Trust
from comms.ledger.verifying import verify
from comms.models import Checkpoint, Log, LogEntry, LogKey, Pending, Verification
from comms.record import entries
from portfolio.guard import TRIGGERS
from tests.conftest import url_of
from tests.ledger.test_leaf import entry_of, fill


@pytest.fixture
def sealed(committed, inside, sealing_key):
    """A record with a row of each kind, sealed under two heads."""
    fill(inside)
    sealer.run()
    entries.write([entry_of(inside, title=f"No {n}") for n in range(9)])
    sealer.run()
    sealer.run()
    return inside


def command(capsys, **options):
    with pytest.raises(SystemExit) as ended:
        call_command("verify_log", **options)
    said = capsys.readouterr()
    return ended.value.code, said.out + said.err


def change_behind_its_back(name):
    """Change a word as the owner, without the guard, and put the guard back."""
    with psycopg.connect(url_of(name), autocommit=True) as owner:
        for trigger in TRIGGERS:
            owner.execute(f"ALTER TABLE comms_logentry DISABLE TRIGGER {trigger}")
        owner.execute("UPDATE comms_logentry SET title = 'Other' WHERE title = 'No 3'")
        for trigger in TRIGGERS:
            owner.execute(f"ALTER TABLE comms_logentry ENABLE ALWAYS TRIGGER {trigger}")


@pytest.mark.parametrize("how", [{}, {"full": True}, {"tail": True}, {"sample": 50}])
def test_a_whole_record_is_whole(sealed, capsys, how):
    code, said = command(capsys, **how)

    assert code == 0, said
    assert "Larch Management: all as it was recorded." in said


@pytest.mark.parametrize("how", [{}, {"full": True}, {"tail": True}, {"sample": 500}])
def test_a_changed_row_is_named(sealed, committed, capsys, how):
    entry = LogEntry.objects.get(title="No 3")
    change_behind_its_back(committed)

    code, said = command(capsys, **how, organisation="larch")

    assert code == 1
    assert f"entry {entry.public_id}: It is not as it was recorded: words." in said


def test_json_says_the_same(sealed, committed, capsys):
    change_behind_its_back(committed)

    code, said = command(capsys, json=True, organisation="larch")

    told = json.loads(said.splitlines()[0])
    assert code == 1
    assert [one["kind"] for one in told["findings"]] == ["row altered"]
    assert told["organisation"] == "larch" and told["leaves"] == told["size"] >= 15


def test_what_cannot_be_verified_is_neither_yes_nor_no(sealed, capsys, tmp_path):
    assert command(capsys, organisation="nobody") == (2, "There is no such organisation.\n")
    code, said = command(capsys, external=tmp_path / "none")
    assert code == 2 and "is no folder" in said


def test_heads_and_keys_from_outside_are_compared(sealed, capsys, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    log = Log.objects.get()
    head = Checkpoint.objects.order_by("number").first()
    (kept / "mail.txt").write_text(head.note.replace("\n", "\r\n"))
    (kept / "key").write_text(LogKey.objects.get().vkey + "\n")
    (kept / "letter.txt").write_text("Dear Sir")

    code, said = command(capsys, external=kept, organisation="larch")
    assert code == 0 and "letter.txt" in said and " 2 heads from outside" in said  # and the sealer's memory

    forged = checkpoint.sign(checkpoint.Head(log.origin, head.size, bytes(32)), *keys.load())
    (kept / "mail.txt").write_text(forged)
    code, said = command(capsys, external=kept, organisation="larch")
    assert code == 1 and "is not what it was when that head was signed" in said

    longer = checkpoint.sign(checkpoint.Head(log.origin, 10_000, bytes(32)), *keys.load())
    (kept / "mail.txt").write_text(longer)
    code, said = command(capsys, external=kept, organisation="larch")
    assert code == 1 and "had 10000 when that head was signed" in said


def test_a_lost_end_that_the_next_log_owns_up_to_is_a_remark(sealed, tmp_path):
    from comms.ledger import memory, outside

    log = Log.objects.get()
    longer = checkpoint.sign(checkpoint.Head(log.origin, 10_000, bytes(32)), *keys.load())
    memory.remember(longer)
    kept = outside.Kept((("mail", checkpoint.read(longer)),))
    assert {one.kind for one in verify(sealed.organisation, kept=kept).findings} == {"shorter"}

    publishing.new_log(sealed.organisation, "Restored")
    sealer.run()
    report = verify(sealed.organisation, kept=kept)

    assert report.findings == []
    assert len(report.remarks) == 2 and "the log after it says so" in report.remarks[0]


def test_a_key_is_trusted_after_it_has_signed_beside_one_that_is(sealed, sealing_key):
    call_command("make_sealing_key", rotate=True)
    for _ in range(3):
        entries.write([entry_of(sealed)])
        sealer.run()
    assert verify(sealed.organisation).findings == []
    log = Log.objects.get()
    trust = Trust(log)
    alone = checkpoint.read(checkpoint.sign(checkpoint.Head(log.origin, 1, bytes(32)), keys.load()[0]))

    assert not trust.signed(alone)
    for note in Checkpoint.objects.order_by("number").values_list("note", flat=True):
        assert trust.signed(checkpoint.read(note))
    assert trust.signed(alone)


def test_what_waits_for_too_long_is_found(sealed):
    entries.write([entry_of(sealed)])
    assert verify(sealed.organisation).findings == []
    Pending.objects.update(queued_at=timezone.now() - timezone.timedelta(minutes=11))

    assert [one.kind for one in verify(sealed.organisation).findings] == ["late"]


def test_a_weakened_guard_is_found(sealed, committed):
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute("DROP TRIGGER permanent_row ON comms_seal")

    assert [one.kind for one in verify(sealed.organisation).findings] == ["guard"]


def test_a_leaf_of_a_form_that_is_not_known_is_told_and_not_guessed_at(sealed, monkeypatch):
    from comms.ledger import forms

    form = forms.BY_KIND["entry"]
    shorter = form._replace(versions=form.versions[:1])
    monkeypatch.setattr("comms.ledger.checking_rows.FORMS", (shorter,))

    found = verify(sealed.organisation).findings

    assert {one.kind for one in found} == {"unknown form"}


def test_an_older_form_still_holds(sealed, monkeypatch):
    from comms.ledger import leaf

    make = leaf.make
    monkeypatch.setattr(leaf, "make", lambda row, salts=b"", version=0: make(row, salts, version or 1))
    entries.write([entry_of(sealed)])
    monkeypatch.undo()

    assert verify(sealed.organisation).findings == []


# ------------------------------------------------------------------------------------------------ the page


def test_an_auditor_has_it_verified_and_reads_the_result(sealed, client_of, committed):
    page = reverse("comms:verify", args=["larch"])
    audrey = client_of(sealed.audrey)
    assert "To keep outside" in audrey.get(page).content.decode()

    audrey.post(page)
    audrey.post(page)
    assert "is being verified" in audrey.get(page).content.decode()
    assert Verification.objects.count() == 1
    assert running.work(10) == 1
    shown = audrey.get(page).content.decode()
    assert "Everything is as it was recorded" in shown and "Audrey Quinn" in shown

    change_behind_its_back(committed)
    audrey.post(page)
    running.work(10)
    shown = audrey.get(page).content.decode()
    assert "Something is not as it was recorded" in shown and "It is not as it was recorded: words." in shown


def test_the_newest_head_can_be_taken_and_holds(sealed, client_of):
    answer = client_of(sealed.audrey).get(reverse("comms:verify-head", args=["larch"]))

    note = checkpoint.read(answer.content.decode())
    assert "attachment" in answer["Content-Disposition"]
    assert note.is_signed_by(checkpoint.Key.read(LogKey.objects.get().vkey))
    assert note.head.size == Checkpoint.objects.order_by("number").last().size


def test_the_page_says_that_nothing_is_signed_without_a_key(inside, client_of, settings):
    settings.SEALING_KEY_FILE = settings.SEALING_KEY = ""
    entries.write([entry_of(inside)])
    sealing.seal(inside.organisation)

    assert (
        "Not yet signed"
        in client_of(inside.adam).get(reverse("comms:verify", args=["larch"])).content.decode()
    )


def test_the_timetable_asks_for_each_organisation_once(sealed):
    running.ask_for_all("tail")
    running.ask_for_all("tail")

    assert Verification.objects.count() == 1
    assert running.work(10) == 2
    assert Verification.objects.get().state == "clean"
