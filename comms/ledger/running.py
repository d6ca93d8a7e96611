"""Run verifications that were asked for, and keep what they found."""

import datetime
import logging
import time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.ledger import sealer
from comms.ledger.report import Report
from comms.ledger.verifying import verify
from comms.models import Verification
from portfolio.models import Organisation, User

log = logging.getLogger(__name__)
State, Mode = Verification.State, Verification.Mode
LOST = datetime.timedelta(hours=3)  # after which a run that has not come back is begun again
KEPT = 100  # findings in the row; verify_log tells all


def ask(organisation: Organisation, mode: str, by: User | None = None) -> Verification:
    """Ask for a verification; where one of the kind is still to come, that one."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        there = Verification.objects.filter(mode=mode, state__in=[State.WAITING, State.RUNNING]).first()
        made: Verification = there or Verification.objects.create(
            organisation=organisation, mode=mode, requested_by=by
        )
    return made


def ask_for_all(mode: str) -> None:
    """Ask for a verification of each organisation."""
    for organisation in Organisation.objects.order_by("pk"):
        with scope(organisation=organisation):
            ask(organisation, mode)


def work(seconds: float) -> int:
    """Run what was asked for, beginning none after so many seconds; give how many were run."""
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends and (row := _take()):
        with scope(organisation=row.organisation):
            _run(row)
        count += 1
    return count


def _take() -> Verification | None:
    """Take one that nobody has in hand."""
    now = timezone.now()
    open_ = Q(state=State.WAITING) | Q(state=State.RUNNING, started_at__lt=now - LOST)
    with scopes_disabled(), transaction.atomic():
        rows = Verification.objects.select_for_update(skip_locked=True, of=("self",)).filter(open_)
        row: Verification | None = rows.select_related("organisation").order_by("id").first()
        if row:
            row.state, row.started_at = State.RUNNING, now
            row.save(update_fields=["state", "started_at"])
    return row


def _run(row: Verification) -> None:
    began = time.monotonic()
    try:
        report = verify(row.organisation, tail=row.mode == Mode.TAIL)
    except Exception as fault:
        log.exception("verification %s could not be run", row.public_id)
        row.state, row.remarks = State.BROKEN, [f"It broke off ({type(fault).__name__})."]
    else:
        _keep(row, report, time.monotonic() - began)
    row.finished_at = timezone.now()
    row.save()


def _keep(row: Verification, report: Report, seconds: float) -> None:
    row.state = State.FINDINGS if report.findings else State.CLEAN
    if report.findings:
        log.error("verification %s: %s findings", row.public_id, len(report.findings))
    row.findings = [one._asdict() for one in report.findings[:KEPT]]
    obstacle = sealer.obstacle(row.organisation)
    row.remarks = report.remarks + ([obstacle] if obstacle else [])
    row.figures = {
        "findings": len(report.findings),
        "leaves": report.leaves,
        "rows": report.rows,
        "contents": report.contents,
        "checkpoints": report.checkpoints,
        "seconds": round(seconds, 2),
    }
