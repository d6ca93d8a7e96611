"""One round: every organisation's heads to those outside who keep them, whatever is wrong with another's."""

import datetime
import logging

from django.utils import timezone
from django_scopes import scope

from comms.witness import mailing, stamping
from portfolio.models import Organisation

log = logging.getLogger(__name__)


def run(now: datetime.datetime) -> int:
    """Mail and stamp what is due; give how many copies left."""
    count = 0
    for organisation in Organisation.objects.order_by("pk"):
        with scope(organisation=organisation), timezone.override(organisation.zone):
            for step in (mailing.mail_all, stamping.stamp_all):
                try:
                    count += step(organisation, now)
                except Exception as fault:
                    log.exception(
                        "heads of %s could not leave: %s", organisation.public_id, type(fault).__name__
                    )
    return count
