"""Run exports by their timetable: each period once, whatever beat, workers and clocks do.

(1) What is due is written down as runs, one for each time that has passed, together with the next time, in one
transaction under the schedule's lock; a period that has its run gets no other (a unique constraint). (2) A run asks
for its file like a person would, with the period's days in place of the view's. (3) When the file is there, it is
mailed. What failed is tried again after a pause, and the owner is told.
"""

import datetime

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.models import Export, ExportSchedule, ScheduleRun
from comms.reports import calendar, log_file, schedule_mail
from comms.reports.asked import Asked
from comms.reports.calendar import Rhythm
from portfolio.access import EXPORTERS
from portfolio.models import Membership, User

State = ScheduleRun.State
PAUSES = (datetime.timedelta(minutes=5), datetime.timedelta(minutes=30))  # between attempts
GONE = "{} may no longer take the log as a file. Make a schedule in somebody else's name."


def rhythm(schedule: ExportSchedule) -> Rhythm:
    return Rhythm(schedule.every, schedule.at, schedule.weekday, schedule.day)


def next_after(schedule: ExportSchedule, now: datetime.datetime) -> datetime.datetime:
    """Give the first time after now at which a schedule runs."""
    return calendar.after(rhythm(schedule), schedule.organisation.zone, now)


def work(now: datetime.datetime) -> None:
    """Write down the runs that are due, and carry on with those under way."""
    write_due(now)
    with scopes_disabled():
        runs = ScheduleRun.objects.filter(state__in=[State.WAITING, State.MAKING], try_at__lte=now)
        found = list(
            runs.select_related("schedule__view", "schedule__owner", "organisation", "export").order_by("id")
        )
    for run in found:
        with scope(organisation=run.organisation), timezone.override(run.organisation.zone):
            _carry_on(run, now)


def write_due(now: datetime.datetime) -> None:
    """Write down a run for each time that has passed, and when the next one is."""
    due = {"next_at__lte": now, "paused_at": None, "ended_at": None}
    with scopes_disabled():
        keys = list(ExportSchedule.objects.filter(**due).values_list("pk", flat=True))
    for key in keys:
        with scopes_disabled(), transaction.atomic():
            rows = ExportSchedule.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                pk=key, **due
            )
            for schedule in rows.select_related("organisation"):
                _write_down(schedule, now)


def _write_down(schedule: ExportSchedule, now: datetime.datetime) -> None:
    zone, runs = schedule.organisation.zone, []
    while schedule.next_at <= now:
        since, until = calendar.period(schedule.every, schedule.next_at.astimezone(zone).date())
        runs.append(
            ScheduleRun(
                organisation=schedule.organisation,
                schedule=schedule,
                due_at=schedule.next_at,
                since=since,
                until=until,
                try_at=now,
            )
        )
        schedule.next_at = next_after(schedule, schedule.next_at)
    ScheduleRun.objects.bulk_create(runs, ignore_conflicts=True)
    schedule.save(update_fields=["next_at"])


def run_now(schedule: ExportSchedule, by: User, now: datetime.datetime) -> ScheduleRun:
    """Begin a run about the last whole period, besides those of the timetable."""
    today = now.astimezone(schedule.organisation.zone).date()
    since, until = calendar.period(schedule.every, today)
    facts = {"schedule": schedule, "since": since, "until": until, "due_at": now, "try_at": now, "by": by}
    made: ScheduleRun = ScheduleRun.objects.create(organisation=schedule.organisation, **facts)
    return made


def asked_for(run: ScheduleRun) -> Asked:
    """Give what its file holds: the view's, with the period's days in place of its own."""
    view = run.schedule.view
    asked = Asked.of_view(view.query if view else {}, run.schedule.format)
    dates = {"sent": ["dates"], "since": [run.since.isoformat()], "until": [run.until.isoformat()]}
    return Asked({**asked.filters, **dates}, asked.sort, asked.columns, asked.format)


def readers(schedule: ExportSchedule) -> list[User]:
    """Give its recipients who are still here and may take the log as a file."""
    members = Membership.objects.filter(
        organisation=schedule.organisation, user__in=schedule.recipients, role__in=EXPORTERS
    )
    return [one.user for one in members.select_related("user").order_by("user__name")]


def _carry_on(run: ScheduleRun, now: datetime.datetime) -> None:
    if run.state == State.WAITING:
        _ask(run, now)
    elif run.export.state == Export.State.READY:
        _mail(run, now)
    elif not run.export.is_open:
        _again(run, now, run.export.problem or run.export.get_state_display())


def _ask(run: ScheduleRun, now: datetime.datetime) -> None:
    """Ask for the file in the owner's name; their rights are looked at each time."""
    owner = run.schedule.owner
    allowed = Membership.objects.filter(organisation=run.organisation, user=owner, role__in=EXPORTERS)
    if run.schedule.view is None or not allowed.exists():
        _give_up(run, now, GONE.format(owner))
        return
    asked = asked_for(run)
    if problems := asked.filter(run.organisation, now).problems:
        _give_up(run, now, " ".join(problems) + " Change the view.")
        return
    with transaction.atomic():
        export = log_file.ask(
            run.organisation, asked, owner, f"{run.schedule.name}: {period_words(run)}"[:200]
        )
        Export.objects.filter(pk=export.pk).update(readers=[user.pk for user in readers(run.schedule)])
        run.change(state=State.MAKING, export=export, attempts=run.attempts + 1)


def _mail(run: ScheduleRun, now: datetime.datetime) -> None:
    people = readers(run.schedule)
    failed = []
    for user in people:
        if user.pk not in run.mailed:
            if schedule_mail.file(run, user, period_words(run)):
                run.change(mailed=[*run.mailed, user.pk])
            else:
                failed.append(user.name)
    if failed:
        _again(
            run, now, f"It could not be mailed to {', '.join(failed)}; the log says why.", export=run.export
        )
    elif not people:
        _give_up(run, now, "None of its recipients may take the log as a file any more. Name others.")
    else:
        left_out = len(run.schedule.recipients) - len(people)
        left = f"{left_out} left out: no longer allowed to take the log as a file." if left_out else ""
        run.change(state=State.MAILED, finished_at=now, problem=left)


def _again(run: ScheduleRun, now: datetime.datetime, why: str, export: Export | None = None) -> None:
    """Try once more after a pause: from the file on where there is one; after the last pause give up."""
    tries = run.attempts
    if tries > len(PAUSES):
        _give_up(run, now, why)
        return
    at = now + PAUSES[tries - 1]
    state = State.MAKING if export else State.WAITING
    run.change(state=state, try_at=at, problem=why[:500], attempts=tries + 1 if export else tries)
    if tries == 1:
        schedule_mail.trouble(run, why, f"It is tried again by itself at {timezone.localtime(at):%H:%M}.")


def _give_up(run: ScheduleRun, now: datetime.datetime, why: str) -> None:
    run.change(state=State.FAILED, finished_at=now, problem=why[:500])
    schedule_mail.trouble(run, why, "It is not tried again by itself. Put that right, then press Run now.")


def period_words(run: ScheduleRun) -> str:
    """Say which days a run is about."""
    first, last = run.since, run.until
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if first.day == 1 and (last + calendar.DAY).day == 1 and first.month == last.month:
        return f"{first:%B %Y}"
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
