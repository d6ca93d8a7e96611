"""Exports that are made by themselves and mailed."""

import csv
import datetime
import email
import hashlib
import io
import zlib
from email import policy

import pytest
from django.utils import timezone

from comms.exports import store
from comms.models import Export, ExportRecord, ExportSchedule, LogEntry, SavedView, ScheduleRun
from comms.reports import log_file, schedules
from comms.reports.asked import Asked
from portfolio.models import Membership
from tests.comms.exported import body, made
from tests.comms.logbook import write

# The file is read through a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.usefixtures("committed", "sink")
MINUTE = datetime.timedelta(minutes=1)


def utc(text):
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


@pytest.fixture
def view(inside):
    return SavedView.objects.create(
        organisation=inside.organisation,
        owner=inside.alice,
        name="Mail",
        query={"sent": ["7d"], "channel": ["email"]},
    )


@pytest.fixture
def scheduled(inside, view):
    """A monthly export at half past one on the 1st, in Alice's name, to Audrey and Adam; from a time on."""

    def make(start="2026-02-10T00:00+00:00", **facts):
        facts = {"at": datetime.time(1, 30), "recipients": [inside.audrey.pk, inside.adam.pk], **facts}
        one = ExportSchedule(
            organisation=inside.organisation, owner=inside.alice, name="Monthly", view=view, **facts
        )
        one.next_at = schedules.next_after(one, utc(start))
        one.save()
        return one

    return make


def ring(now):
    """Let beat ring at a time: what is due is written down and asked for, made, and mailed."""
    schedules.work(now)
    made()
    schedules.work(now)


def mails(sink):
    return [email.message_from_bytes(one.data, policy=policy.default) for one in sink.kept]


def test_a_month_each_over_both_clock_changes_with_a_beat_that_stood_still(inside, scheduled, client_of):
    """Each period exactly once, no gap, no overlap, each file the page's own by hash."""
    ours = inside.organisation
    instants = []
    for year, month in ((2025, n) for n in range(1, 13)):
        first = datetime.datetime(year, month, 1, tzinfo=ours.zone).astimezone(datetime.UTC)
        instants += [first - datetime.timedelta(seconds=1), first, first + datetime.timedelta(days=14)]
    titles = {}
    for n, at in enumerate(instants):
        titles[write(ours, title=f"Message {n}", at=at).title] = at
    scheduled("2025-02-10T00:00+00:00")

    # Beat stands still from 20 March to 5 May, over the change of 30 March, and from 20 October to 2 December.
    for now in ("2025-03-01T01:29", "2025-03-01T01:30", "2025-03-01T01:40", "2025-03-20T00:00", "2025-05-05T12:00",
                "2025-06-01T00:30", "2025-07-01T08:00", "2025-08-01T08:00", "2025-09-01T08:00", "2025-10-01T08:00",
                "2025-10-20T00:00", "2025-12-02T00:00", "2025-12-02T00:01"):  # fmt: skip
        ring(utc(f"{now}+00:00"))

    runs = list(ScheduleRun.objects.order_by("since"))
    assert [f"{run.since:%Y-%m}" for run in runs] == [f"2025-{n:02}" for n in range(2, 12)]
    assert {run.state for run in runs} == {"mailed"}
    for before, after in zip(runs, runs[1:], strict=False):
        assert after.since - before.until == datetime.timedelta(days=1)
    seen = []
    for run in runs:
        data = b"".join(store.pieces(run.export))
        page = {"sent": "dates", "since": run.since, "until": run.until, "channel": "email"}
        streamed = body(client_of(inside.audrey).post(f"/o/{ours.slug}/log/export.csv", page))
        assert hashlib.sha256(streamed).hexdigest() == run.export.sha256 == hashlib.sha256(data).hexdigest()
        rows = [row["title"] for row in csv.DictReader(io.StringIO(data.decode()))]
        assert len(rows) == run.export.rows
        assert all(run.since <= titles[title].astimezone(ours.zone).date() <= run.until for title in rows)
        seen += rows
    wanted = [
        t for t, at in titles.items() if utc("2025-02-01T00:00+00:00") <= at < utc("2025-12-01T00:00+00:00")
    ]
    assert sorted(seen) == sorted(wanted) and len(set(seen)) == len(seen)


def test_two_beats_at_once_make_no_run_twice(inside, scheduled):
    one = scheduled(every="day")
    start = one.next_at

    schedules.write_due(start + datetime.timedelta(days=3))
    ExportSchedule.objects.update(next_at=start)  # as another beat saw it
    schedules.write_due(start + datetime.timedelta(days=3))

    assert ScheduleRun.objects.count() == 4


def test_a_changed_time_makes_no_period_again(inside, scheduled):
    one = scheduled(every="day")
    ring(one.next_at)

    one.refresh_from_db()
    one.at = datetime.time(9)
    one.next_at = schedules.next_after(one, one.runs.get().due_at)
    one.save()
    ring(one.next_at)

    assert ScheduleRun.objects.count() == 1


def test_the_file_is_mailed_as_a_link_that_works_for_its_recipients_only(inside, scheduled, sink, client_of):
    write(inside.organisation, at=utc("2026-02-14T12:00+00:00"))
    scheduled()
    ring(utc("2026-03-01T02:00+00:00"))

    assert sorted(str(mail["To"]) for mail in mails(sink)) == ["adam@larch.example", "audrey@larch.example"]
    text = mails(sink)[0].get_content()
    export = Export.objects.get()
    path = f"/o/larch/log/exports/{export.public_id}/file"
    assert (
        path in text
        and "February 2026: 1 entry" in text
        and export.sha256 in text
        and "Europe/London" in text
    )
    assert client_of(inside.audrey).get(path).status_code == 200
    assert client_of(inside.alice).get(path).status_code == 200  # in whose name it is
    Membership.objects.filter(user=inside.audrey).update(role="staff")
    assert client_of(inside.audrey).get(path).status_code == 403


def test_the_mail_itself_stands_in_the_log_and_refers_to_the_run(inside, scheduled, client_of):
    scheduled()
    ring(utc("2026-03-01T02:00+00:00"))

    run = ScheduleRun.objects.get()
    logged = LogEntry.objects.filter(reference_type="scheduled_export", reference=str(run.public_id))
    assert {entry.to_address for entry in logged} == {"audrey@larch.example", "adam@larch.example"}
    assert {entry.delivery.status for entry in logged} == {"sent"}
    page = client_of(inside.adam).get(f"/o/larch/reports/schedule/{run.schedule.public_id}/").content.decode()
    assert "Mailed to 2" in page and run.export.sha256 in page and "February 2026" in page


def test_it_is_attached_up_to_a_size(inside, scheduled, sink, settings):
    write(inside.organisation, at=utc("2026-02-14T12:00+00:00"))
    scheduled(how="attachment", recipients=[inside.audrey.pk])
    ring(utc("2026-03-01T02:00+00:00"))

    (mail,) = mails(sink)
    file, about = list(mail.iter_attachments())
    data = file.get_payload(decode=True)
    export = Export.objects.get()
    assert hashlib.sha256(data).hexdigest() == export.sha256 and file.get_filename() == export.name
    assert "Rows: 1" in about.get_content() and export.sha256 in about.get_content()
    entry = LogEntry.objects.get(type="system")
    assert zlib.decompress(entry.personal)  # the mail as it left, with its file
    assert hashlib.sha256(zlib.decompress(entry.personal)).hexdigest() == entry.sha256

    settings.SCHEDULE_ATTACH_MAX_BYTES = 10
    ring(utc("2026-04-01T02:00+00:00"))
    later = mails(sink)[-1]
    assert not list(later.iter_attachments())
    assert "too large to attach" in later.get_content() and "/file" in later.get_content()


def test_a_recipient_who_may_no_longer_is_left_out_and_that_is_said(inside, scheduled, sink):
    scheduled()
    Membership.objects.filter(user=inside.adam).update(role="staff")
    ring(utc("2026-03-01T02:00+00:00"))

    assert [str(mail["To"]) for mail in mails(sink)] == ["audrey@larch.example"]
    run = ScheduleRun.objects.get()
    assert run.state == "mailed" and "1 left out" in run.problem
    assert run.export.readers == [inside.audrey.pk]


def test_an_owner_who_may_no_longer_stops_it_and_is_told_why(inside, scheduled, sink):
    scheduled()
    Membership.objects.filter(user=inside.alice).delete()
    ring(utc("2026-03-01T02:00+00:00"))

    run = ScheduleRun.objects.get()
    assert run.state == "failed" and "Alice Marsh may no longer" in run.problem
    assert [str(mail["To"]) for mail in mails(sink)] == ["alice@larch.example"]
    assert not Export.objects.exists()


def test_what_fails_is_tried_again_with_pauses_and_its_owner_is_told(inside, scheduled, sink, monkeypatch):
    scheduled()
    now = utc("2026-03-01T02:00+00:00")
    mended = log_file.make

    def broken(export, out, progress):
        raise OSError("no space")

    monkeypatch.setattr(log_file, "make", broken)
    ring(now)
    run = ScheduleRun.objects.get()
    assert (run.state, run.attempts) == ("waiting", 1) and "broke off (OSError)" in run.problem
    (told,) = mails(sink)
    assert str(told["To"]) == "alice@larch.example" and "broke off" in told.get_content()
    assert "tried again by itself" in told.get_content()

    ring(now + MINUTE)  # not before its pause is over
    assert ScheduleRun.objects.get().attempts == 1
    monkeypatch.setattr(log_file, "make", mended)
    ring(now + 6 * MINUTE)

    run.refresh_from_db()
    assert (run.state, run.attempts, sorted(run.mailed)) == (
        "mailed",
        2,
        sorted([inside.audrey.pk, inside.adam.pk]),
    )
    phases = [(record.export, record.phase) for record in ExportRecord.objects.all()]
    assert len(set(phases)) == len(phases)


def test_after_the_last_pause_it_is_given_up_and_said_so(inside, scheduled, sink, monkeypatch):
    scheduled()
    now = utc("2026-03-01T02:00+00:00")

    def broken(export, out, progress):
        raise OSError("no space")

    monkeypatch.setattr(log_file, "make", broken)
    for minutes in (0, 6, 60, 600):
        ring(now + minutes * MINUTE)

    run = ScheduleRun.objects.get()
    assert (run.state, run.attempts) == ("failed", 3)
    assert len(mails(sink)) == 2 and "not tried again" in mails(sink)[-1].get_content()


def test_who_was_mailed_is_not_mailed_again(inside, scheduled, sink):
    scheduled()
    inside.adam.email = "adam@refused.example"
    inside.adam.save()
    sink.refusals["adam@refused"] = "450 4.2.1 Later"
    now = utc("2026-03-01T02:00+00:00")
    ring(now)
    run = ScheduleRun.objects.get()
    assert run.mailed == [inside.audrey.pk] and "could not be mailed to Adam Frost" in run.problem

    sink.refusals.clear()
    ring(now + 6 * MINUTE)

    run.refresh_from_db()
    assert run.state == "mailed" and Export.objects.count() == 1
    to = [str(mail["To"]) for mail in mails(sink)]
    assert to.count("audrey@larch.example") == 1 and to.count("adam@refused.example") == 1


def test_run_now_is_about_the_last_whole_period_and_moves_no_timetable(inside, scheduled, client_of):
    one = scheduled()
    path = f"/o/larch/reports/schedule/{one.public_id}/run/"

    assert client_of(inside.audrey).post(path).status_code == 403
    assert client_of(inside.alice).post(path).status_code == 302
    assert client_of(inside.alice).post(path).status_code == 302

    runs = list(ScheduleRun.objects.all())
    today = timezone.localdate()
    assert len(runs) == 2 and all(run.by == inside.alice and run.until < today for run in runs)
    before = one.next_at
    one.refresh_from_db()
    assert one.next_at == before


def test_a_paused_one_rests_and_what_fell_into_the_pause_is_not_made_up_for(inside, scheduled, client_of):
    one = scheduled()
    path = f"/o/larch/reports/schedule/{one.public_id}/pause/"

    client_of(inside.alice).post(path, {"paused": "1"})
    ring(timezone.now() + datetime.timedelta(days=400))
    assert not ScheduleRun.objects.exists()
    client_of(inside.alice).post(path, {"paused": "0"})

    one.refresh_from_db()
    assert one.paused_at is None and one.next_at > timezone.now()


def test_one_that_was_ended_runs_no_more_and_frees_its_view(inside, scheduled, view, client_of):
    one = scheduled()
    alice = client_of(inside.alice)
    refused = alice.post(f"/o/larch/log/views/{view.public_id}/delete/")
    assert refused.status_code == 422 and "exported by itself: Monthly" in refused.content.decode()

    alice.post(f"/o/larch/reports/schedule/{one.public_id}/end/")
    ring(timezone.now() + datetime.timedelta(days=400))

    assert not ScheduleRun.objects.exists()
    assert alice.post(f"/o/larch/log/views/{view.public_id}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_whose_block_is_gone_fails_with_the_reason(inside, scheduled, view):
    view.query = {"block": ["00000000-0000-0000-0000-000000000000"]}
    view.save()
    scheduled()
    ring(utc("2026-03-01T02:00+00:00"))

    run = ScheduleRun.objects.get()
    assert run.state == "failed" and "“Block”" in run.problem and "Change the view" in run.problem


def test_a_run_asks_for_what_the_page_would_show(inside, scheduled, view):
    view.query = {"q": ["lift"], "sort": ["title"], "show": ["status"], "since": ["2020-01-01"]}
    view.save()
    one = scheduled()
    run = ScheduleRun(schedule=one, since=datetime.date(2026, 2, 1), until=datetime.date(2026, 2, 28))

    asked = schedules.asked_for(run)

    assert asked.filters == {
        "q": ["lift"],
        "sent": ["dates"],
        "since": ["2026-02-01"],
        "until": ["2026-02-28"],
    }
    assert asked.sort == "title" and "status" in asked.columns and "recipient" not in asked.columns
    assert Asked.of_params(asked.params) == asked
