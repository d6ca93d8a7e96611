"""What is due: communications whose time has come, and those that are through."""

import datetime
import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.channels import registry
from comms.models import Communication, Delivery, Recipient
from comms.sending import outlets, routing
from portfolio.models import Membership

log = logging.getLogger(__name__)

NOBODY = "It had no recipients when its time came."
UNREACHED = ("failed", "bounced", "dropped")


def start_due(now: datetime.datetime) -> int:
    """Begin every communication whose time has come; give how many this worker began."""
    with scopes_disabled():
        waiting = list(Communication.objects.due(now).select_related("organisation", "scheduled_by")[:500])
    begun = 0
    for communication in waiting:
        try:
            with scope(organisation=communication.organisation):
                begun += _start(communication, now)
        except OperationalError:
            raise
        except Exception:  # what is wrong with one does not hold up the others
            log.exception("communication %s could not be begun", communication.public_id)
    return begun


def _start(communication: Communication, now: datetime.datetime) -> bool:
    if not _begin(communication, now):
        return False
    if not communication.recipients.exists() and communication.fail(NOBODY, now):
        alert(communication)
    return True


def _begin(communication: Communication, now: datetime.datetime) -> bool:
    """Choose each recipient's channel and start sending, in one step; false when another worker did."""
    with transaction.atomic():
        mine = Communication.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        fresh = (
            mine.select_related("organisation", "created_by", "scheduled_by")
            .filter(pk=communication.pk)
            .first()
        )
        if fresh is None:
            return False
        routing.assign(fresh)
        return communication.begin(now)


def at_work() -> list[Communication]:
    """List communications with somebody still to be handed over to, oldest first."""
    now = timezone.now()
    with scopes_disabled():
        waiting = Recipient.objects.exclude(outlets.behind(now)).filter(
            Q(state="pending", communication__status="sending")
            | Q(state="recorded", channel__in=["", *registry.dialled()], communication__status="sending")
            | Q(state="deferred", next_attempt_at__lte=now),
            Q(leased_until__isnull=True) | Q(leased_until__lt=now),
        )
        ids = waiting.values_list("communication_id", flat=True).distinct()
        return list(
            Communication.objects.filter(pk__in=list(ids[:500]))
            .select_related("organisation", "created_by", "scheduled_by", "template_version")
            .order_by("started_at", "pk")
        )


def finish_through(now: datetime.datetime) -> int:
    """Settle communications in which every recipient has a first outcome; give how many.

    Sent if anybody was reached or may have been. While all that is left is deferred and nobody was
    reached yet, it goes on sending; failed when nobody was.
    """
    with scopes_disabled():
        sending = list(
            Communication.objects.filter(status="sending").select_related("organisation", "scheduled_by")
        )
    settled = 0
    for communication in sending:
        with scope(organisation=communication.organisation):
            settled += _settle(communication, now)
    return settled


def _settle(communication: Communication, now: datetime.datetime) -> bool:
    if communication.recipients.filter(state__in=["pending", "recorded", "handing_over"]).exists():
        return False
    counts = Delivery.objects.filter(communication=communication).aggregate(
        all=Count("pk"),
        unreached=Count("pk", filter=Q(status__in=UNREACHED)),
        open=Count("pk", filter=Q(status__in=("queued", "deferred"))),
    )
    if counts["all"] - counts["unreached"] - counts["open"] > 0:
        return communication.finish(now)
    if counts["open"]:
        return False
    if communication.fail(f"None of its {counts['all']} recipients could be reached.", now):
        alert(communication)
        return True
    return False


def alert(communication: Communication) -> None:
    """Tell the person who scheduled it that nobody was reached, or the admins where that person has left."""
    person = communication.scheduled_by or communication.created_by
    log.warning("communication %s failed: %s", communication.public_id, communication.failure_reason)
    members = Membership.objects.filter(organisation=communication.organisation, user__is_active=True)
    told = members.filter(user=person) or members.filter(role=Membership.Role.ADMIN)
    mail = EmailMessage(
        f"Not sent: {communication.subject}"[:200],
        f"“{communication.subject}” failed. {communication.failure_reason}\n\n"
        f"See who was not reached and why:\n{settings.BASE_URL}{communication.get_absolute_url()}\n",
        to=[member.user.email for member in told.select_related("user")],
    )
    # It is the matter of this organisation alone, wherever else the person belongs.
    mail.organisation = communication.organisation  # type: ignore[attr-defined]
    mail.send(fail_silently=True)
