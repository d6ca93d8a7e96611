"""The mails of scheduled exports: through Django's own mail, which is logged like any other message."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from comms.exports import store
from comms.models import ExportRecord, ExportSchedule, ScheduleRun
from comms.reports import about
from comms.reports.asked import Asked
from portfolio.models import User

REFERENCE_TYPE = "scheduled_export"


class ScheduleMail(EmailMessage):
    """A mail of one organisation, whose log entry refers to the run."""

    def __init__(self, run: ScheduleRun, to: User, subject: str, template: str, **context: object) -> None:
        page = reverse("comms:schedule", args=[run.organisation.slug, run.schedule.public_id])
        context |= {"run": run, "schedule": run.schedule, "to": to, "page": settings.BASE_URL + page}
        super().__init__(subject=subject, body=render_to_string(template, context), to=[to.email])
        self.organisation = run.organisation
        self.reference = (REFERENCE_TYPE, str(run.public_id))


def file(run: ScheduleRun, to: User, period: str) -> bool:
    """Mail the file, or a link to it, to one person; say whether it was handed over."""
    export, schedule = run.export, run.schedule
    attached = (
        schedule.how == ExportSchedule.How.ATTACHMENT and export.size <= settings.SCHEDULE_ATTACH_MAX_BYTES
    )
    link = settings.BASE_URL + reverse("comms:export-file", args=[run.organisation.slug, export.public_id])
    explained = _about(run)
    mail = ScheduleMail(
        run,
        to,
        f"{schedule.name}: {period}",
        "outbound/schedule_file.txt",
        period=period,
        attached=attached,
        too_large=schedule.how == ExportSchedule.How.ATTACHMENT and not attached,
        link=link,
        export=export,
        about=about.text(explained).replace("\r\n", "\n"),
    )
    if attached:
        # As mere bytes: mail may change the line ends of a text, and its hash with them.
        mail.attach(export.name, b"".join(store.pieces(export)), "application/octet-stream")
        mail.attach("about-this-file.txt", about.text(explained), "text/plain")
    return bool(mail.send())


def trouble(run: ScheduleRun, why: str, then: str) -> None:
    """Tell the owner that a run failed, why, and what comes next."""
    subject = f"{run.schedule.name}: a scheduled export failed"
    ScheduleMail(run, run.schedule.owner, subject, "outbound/schedule_trouble.txt", why=why, then=then).send()


def _about(run: ScheduleRun) -> list[tuple[str, str]]:
    export = run.export
    taken = ExportRecord.objects.filter(export=export.public_id, phase=ExportRecord.Phase.FINISHED).first()
    return about.facts(
        run.organisation,
        by=f"{export.requested_by}, by the schedule “{run.schedule.name}”",
        at=taken.at if taken else export.requested_at,
        words=Asked.of_params(export.params).words(run.organisation, export.requested_at),
        rows=export.rows,
        name=export.name,
        size=export.size,
        sha256=export.sha256,
    )
