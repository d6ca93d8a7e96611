"""Who may export has a pack made from the pages of the product; it waits for them alone, and its taking is recorded."""

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from comms.exports import making
from comms.models import Export, ExportRecord
from comms.pack import verify_pack
from comms.pack.making import VERIFIER
from comms.tasks import MAKERS
from tests.pack.conftest import files_of

# Really committed: while a pack is made the database takes nothing, and how far it is goes over another connection.
pytestmark = pytest.mark.usefixtures("committed")
PAGE = "/o/larch/log/evidence-pack/"


def body(response):
    return b"".join(response.streaming_content)


def test_a_pack_is_asked_for_made_and_taken(told, client_of, tmp_path):
    audrey = client_of(told.audrey)
    shown = audrey.get(PAGE, {"channel": "email"}).content.decode()
    assert "Channel: Email" in shown and "Make a pack of 3 messages" in shown

    answer = audrey.post(PAGE, {"channel": "email"}, follow=True)
    assert "The pack is being made." in answer.content.decode()
    assert making.work(MAKERS, 60) == 1

    export = Export.objects.get()
    assert (export.state, export.rows, export.requested_by) == ("ready", 3, told.audrey)
    assert export.title == "Evidence pack: Sent: All time, Channel: Email"
    taken = body(audrey.get(f"/o/larch/log/exports/{export.public_id}/file"))
    (tmp_path / "pack.zip").write_bytes(taken)
    assert verify_pack.main([str(tmp_path / "pack.zip")]) == 0
    records = {one.phase: one for one in ExportRecord.objects.filter(export=export.public_id)}
    assert set(records) == {"started", "finished"}
    assert records["finished"].sha256 == export.sha256 and records["finished"].rows == 3
    listed = audrey.get("/o/larch/log/exports/").content.decode()
    assert "Evidence pack<br>" in listed and export.sha256 in listed


def test_it_is_there_for_nobody_else(told, client_of):
    client_of(told.audrey).post(PAGE, {})
    making.work(MAKERS, 60)
    export = Export.objects.get()

    for person in (told.adam, told.alice, told.mallory):
        assert client_of(person).get(f"/o/larch/log/exports/{export.public_id}/file").status_code == 404


def test_it_is_of_what_the_page_says(told, client_of):
    audrey = client_of(told.audrey)

    def shown(**data):
        return audrey.get(PAGE, data).content.decode()

    assert "Make a pack of 2 messages" in shown(entry=told.mail.public_id)  # and its correction
    assert "Make a pack of 5 messages" in shown(sent="dates")
    assert "No message matches" in shown(since="2020-01-01", until="2020-01-02")
    assert "Sent: From 1 Jan 2020" in shown(since="2020-01-01") and 'value="2020-01-01"' in shown(
        since="2020-01-01"
    )
    assert "No message matches" in shown(block=told.block.public_id)
    assert "“Block” was left out" in shown(block="7b9b5a10-0000-4000-8000-000000000000")
    assert audrey.post(PAGE, {"q": "nothing of the kind"}).status_code == 422
    assert not Export.objects.exists()


def test_the_pages_lead_to_it(told, client_of):
    audrey, sam = client_of(told.audrey), client_of(told.sam)
    for page in ("/o/larch/log/?sent=all", f"/o/larch/log/{told.mail.public_id}/"):
        assert "log/evidence-pack/?" in audrey.get(page).content.decode()
        assert "log/evidence-pack/?" not in sam.get(page).content.decode()


def test_a_pack_that_is_cancelled_is_recorded_as_broken_off(told, client_of, monkeypatch):
    client_of(told.audrey).post(PAGE, {})
    monkeypatch.setattr("comms.exports.making.SAID_EVERY", 0)
    export = Export.objects.get()
    real = making.Progress.__call__

    def cancelled(self, done, total=None):
        Export.objects.filter(pk=export.pk).update(state="cancelled")
        real(self, done, total)

    monkeypatch.setattr(making.Progress, "__call__", cancelled)
    making.work(MAKERS, 60)

    assert [one.phase for one in ExportRecord.objects.filter(export=export.public_id)] == [
        "broken_off",
        "started",
    ]
    assert Export.objects.get().file == ""


def test_a_pack_of_too_many_is_refused_in_words(told, client_of, settings):
    settings.PACK_MOST = 4

    assert "More than 4 messages match" in client_of(told.audrey).get(PAGE).content.decode()
    client_of(told.audrey).post(PAGE, {})
    assert not Export.objects.exists()


def test_what_no_longer_matches_when_its_turn_comes_is_said(told, client_of, settings):
    client_of(told.audrey).post(PAGE, {})
    settings.PACK_MOST = 4
    making.work(MAKERS, 60)

    export = Export.objects.get()
    assert export.state == "failed" and "More than 4 messages match" in export.problem


def test_of_very_many_the_statement_has_the_schedule_alone(told, client_of, settings):
    settings.PACK_PRINTED = 4
    client_of(told.audrey).post(PAGE, {})
    making.work(MAKERS, 60)
    data = body(client_of(told.audrey).get(f"/o/larch/log/exports/{Export.objects.get().public_id}/file"))

    pdf = PdfReader(io.BytesIO(files_of(data)["statement.pdf"]))
    said = " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)
    assert "There are too many messages for each to have its own page" in said
    assert "Message 1:" not in said and "3. Each message" not in said and "4. How this was recorded" in said
    assert said.count("Bounced") >= 1


def test_anybody_can_have_the_verifier_without_a_pack(cast):
    answer = Client().get("/log/verify_pack.py")

    assert answer.content == VERIFIER.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="verify_pack.py"'
