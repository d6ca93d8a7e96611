"""Say plainly which handovers nobody can know the end of."""

import datetime

from django.db import transaction
from django_scopes import scope, scopes_disabled

from comms.models import Recipient
from comms.record import events

UNKNOWN = "The handover broke off on our side. It may have arrived. Nothing was sent again. Ask the recipient, or wait."


def give_up_lapsed(now: datetime.datetime) -> int:
    """Call every handover whose lease has lapsed unconfirmed; give how many. It is never sent again by itself."""
    with scopes_disabled():
        lapsed = list(
            Recipient.objects.filter(state=Recipient.State.HANDING_OVER, leased_until__lt=now).select_related(
                "organisation", "entry"
            )[:1000]
        )
    return sum(_give_up(recipient, now) for recipient in lapsed)


def _give_up(recipient: Recipient, now: datetime.datetime) -> bool:
    with scope(organisation=recipient.organisation), transaction.atomic():
        moved = Recipient.objects.filter(
            pk=recipient.pk,
            state=Recipient.State.HANDING_OVER,
            lease_token=recipient.lease_token,
            leased_until__lt=now,
        ).update(state=Recipient.State.UNCONFIRMED, leased_until=None)
        if moved:
            events.append(
                recipient.entry,
                "unconfirmed",
                happened_at=now,
                source="blockpost",
                provider_event_id=f"{recipient.entry.public_id}:{recipient.attempts}:unconfirmed",
                attempt=recipient.attempts,
                reason=UNKNOWN,
            )
    return bool(moved)
