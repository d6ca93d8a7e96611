"""A pack holds what was asked for, all that belongs to it, and nothing of anybody else; and its taking is recorded."""

import hashlib
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_scopes import scope as in_scope

from comms.ledger import checkpoint, sealing
from comms.models import ExportRecord, LogKey
from comms.pack import covering, scope, verify_pack
from comms.record import entries
from tests.comms.logbook import write
from tests.ledger.test_leaf import entry_of
from tests.pack.conftest import ALL, files_of, seal, zipped


def lines(files, name="index.jsonl"):
    return [json.loads(line) for line in files[name].splitlines()]


def titles(files):
    opened = json.loads(files["disclosed.json"])
    return [opened[one["id"]]["words"]["value"]["title"] for one in lines(files) if one["kind"] == "entry"]


def test_a_pack_holds_messages_with_all_that_belongs_to_them(told):
    files = files_of(zipped(told))

    assert titles(files) == [
        "Your arrears",
        "Notice on the door",
        "With a link",
        "It was 50 pounds",
        "Rang Ann",
    ]
    kinds = [one["kind"] for one in lines(files)]
    assert kinds[:5] == ["entry", "event", "event", "event", "ticket"]
    assert kinds[-2:] == ["log", "key"] and kinds.count("event") == 4
    assert files["messages/00001.eml"] == told.mail.exact_bytes()
    assert [data for name, data in files.items() if name.startswith("attachments/")] == [
        b"%PDF-1.7 the accounts"
    ]
    assert [data for name, data in files.items() if name.startswith("exhibits/")] == [b"\x89PNG photo"]
    assert [data for name, data in files.items() if name.endswith(".body")] == [b'{"RecordType": "Bounce"}']
    assert files["public-keys.txt"].decode().strip() == LogKey.objects.get().vkey
    assert files["verify_pack.py"].startswith(b"#!/usr/bin/env python3")


def test_each_proof_is_a_tlog_proof_under_a_head_that_is_signed(told):
    files = files_of(zipped(told))
    key = checkpoint.Key.read(LogKey.objects.get().vkey)

    for one in lines(files):
        said = files[one["proof"]].decode()
        head = said.partition("\n\n")[2]
        assert said.startswith(f"c2sp.org/tlog-proof@v1\nindex {one['place']}\n")
        assert checkpoint.read(head).is_signed_by(key)
        assert head.encode() in files.values()


def test_a_filter_of_the_log_chooses_and_what_corrects_a_message_comes_along(told):
    files = files_of(zipped(told, {"channel": ["email"], "q": ["arrears"], "sent": ["all"]}))

    assert titles(files) == ["Your arrears", "It was 50 pounds"]
    assert [one["brought"] for one in lines(files) if one["kind"] == "entry"] == [False, True]
    assert "brought in because it corrects or repeats another one" in files["README.txt"].decode()
    assert "Channel: Email" in files["README.txt"].decode()


def test_one_message_alone_and_what_it_corrects(told):
    correction = told.mail.corrections.get()

    assert titles(files_of(zipped(told, {"entry": [str(correction.public_id)]}))) == [
        "It was 50 pounds",
        "Your arrears",
    ]


@pytest.mark.parametrize(
    "filters",
    [
        {"q": ["nothing of the kind"]},
        {"block": ["7b9b5a10-0000-4000-8000-000000000000"]},
        {"entry": ["7b9b5a10-0000-4000-8000-000000000000"]},
        {"entry": ["7"]},
    ],
)
def test_a_pack_of_nothing_is_not_made(told, filters):
    with pytest.raises(scope.NothingThere):
        zipped(told, filters)


def test_nothing_of_another_organisation_is_in_it(told):
    with in_scope(organisation=told.other):
        theirs = write(told.other, title="Theirs")
    seal()

    assert "Theirs" not in titles(files_of(zipped(told)))
    with pytest.raises(scope.NothingThere):
        zipped(told, {"entry": [str(theirs.public_id)]})


def test_what_is_not_sealed_yet_is_said_and_does_not_pass(told, tmp_path, capsys):
    entries.write([entry_of(told, title="Just now")])
    data = zipped(told)
    (tmp_path / "pack.zip").write_bytes(data)

    assert "1 of these rows was NOT YET UNDER A SIGNED HEAD" in " ".join(
        files_of(data)["README.txt"].decode().split()
    )
    assert verify_pack.main([str(tmp_path / "pack.zip")]) == 1
    assert "was not under a signed head when the pack was made" in capsys.readouterr().out


def test_what_waits_is_sealed_and_signed_before_a_pack_is_made(told):
    entries.write([entry_of(told, title="Just now")])
    chosen = scope.of(told.organisation, ALL, timezone.now())
    assert covering.uncovered(told.organisation, chosen) == 1

    assert covering.wait(told.organisation, chosen, seconds=5) == 0
    assert covering.uncovered(told.organisation, chosen) == 0


def test_an_event_and_a_ticket_that_wait_are_waited_for_too(told):
    from comms.models import Ticket
    from comms.record import events, tickets

    chosen = scope.of(told.organisation, ALL, timezone.now())
    events.append(told.mail, "opened", happened_at=timezone.now(), source="postmark")
    assert covering.uncovered(told.organisation, chosen) == 1
    tickets.reopen(Ticket.objects.get(entry=told.mail), told.alice, "Again")
    assert covering.uncovered(told.organisation, chosen) == 2


def test_nobody_is_waited_for_where_nobody_can_sign(told, settings):
    settings.SEALING_KEY_FILE = ""
    entries.write([entry_of(told, title="Just now")])
    chosen = scope.of(told.organisation, ALL, timezone.now())
    said = []
    before = sealing.size(sealing.current(told.organisation))

    assert covering.wait(told.organisation, chosen, seconds=0, tell=said.append) == 1
    assert sealing.size(sealing.current(told.organisation)) == before + 1  # it has its place all the same


def test_a_pack_from_the_shell_is_whole_and_recorded(told, tmp_path, capsys):
    output = tmp_path / "pack.zip"
    call_command(
        "evidence_pack", organisation="larch", by=told.audrey.email, output=output, filter=["channel=email"]
    )

    assert verify_pack.main([str(output)]) == 0
    end, start = ExportRecord.objects.filter(filters__has_key="as")
    assert (start.phase, end.phase) == ("started", "finished")
    assert (end.user, end.rows, end.size) == (told.audrey, 3, output.stat().st_size)
    assert end.sha256 == hashlib.sha256(output.read_bytes()).hexdigest()
    assert start.filters == {"as": ["evidence pack"], "channel": ["email"], "sent": ["all"]}
    assert [one.name for one in tmp_path.iterdir() if "pack" in one.name] == ["pack.zip"]


def test_a_pack_that_is_broken_off_is_recorded_and_leaves_nothing(told, tmp_path, monkeypatch):
    def broken(*_):
        raise OSError("full")

    monkeypatch.setattr("comms.pack.making.heads.of_organisation", broken)
    with pytest.raises(OSError, match="full"):
        call_command(
            "evidence_pack", organisation="larch", by=told.audrey.email, output=tmp_path / "pack.zip"
        )

    assert ExportRecord.objects.first().phase == "broken_off"
    assert not [one.name for one in tmp_path.iterdir() if "pack" in one.name]


def test_the_shell_is_told_what_is_missing(told, tmp_path):
    for words in (
        {"organisation": "nobody"},
        {"organisation": "larch"},
        {"organisation": "larch", "by": "x@y.example"},
    ):
        with pytest.raises(CommandError):
            call_command("evidence_pack", output=tmp_path / "pack.zip", **words)
