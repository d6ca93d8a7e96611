"""The ways out: how fast each may be used, and a pause for one whose provider does not answer.

Both are kept in the database, in one row a channel, so that they hold for all workers and outlive the cache.
"""

import datetime

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from comms.channels.accounts import has_own_account
from comms.models import Outlet
from portfolio.models import Organisation

PATIENCE = 2.0  # seconds that a worker waits for its turn; beyond that others have the work

# The next turn is taken by moving the time of the one after it: one statement, so no two take the same.
TURN = """
INSERT INTO comms_outlet (channel, free_at, faults, reason) VALUES (%(channel)s, clock_timestamp() + %(gap)s * interval '1 second', 0, '')
ON CONFLICT (channel) DO UPDATE
    SET free_at = GREATEST(comms_outlet.free_at, clock_timestamp()) + %(gap)s * interval '1 second'
    WHERE COALESCE(comms_outlet.free_at, clock_timestamp()) < clock_timestamp() + %(patience)s * interval '1 second'
RETURNING EXTRACT(EPOCH FROM free_at - %(gap)s * interval '1 second' - clock_timestamp())
"""


def turn(channel: str) -> float | None:
    """Take the next turn by a channel; give the seconds to wait for it, None where others have taken too many."""
    rate = settings.SENDING_RATES.get(channel.partition(":")[0])
    if not rate:
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(TURN, {"channel": channel, "gap": 1 / rate, "patience": PATIENCE})
        row = cursor.fetchone()
    return max(0.0, float(row[0])) if row else None


def shut(now: datetime.datetime) -> list[str]:
    """List the channels that are paused."""
    return list(Outlet.objects.filter(paused_until__gt=now).values_list("channel", flat=True))


def behind(now: datetime.datetime) -> Q:
    """Match the recipients whose way out is paused: the installation's, or that of their own organisation."""
    words = shut(now)
    own = [slug for slug in settings.ORGANISATION_PROVIDERS if has_own_account(slug)]
    found = Q(channel__in=words) & ~Q(channel="email", organisation__slug__in=own)
    for name, _, whose in (word.partition(":") for word in words):
        if whose:
            found |= Q(channel=name, organisation__public_id=whose, organisation__slug__in=own)
    return found


def probing(channel: str, now: datetime.datetime) -> bool | None:
    """Say whether this worker tries one message on a channel that was paused; None: it may not send, False: freely.

    Taking the try is one swap: the pause is moved on for as long as a dial may take, so nobody else tries.
    """
    outlet = Outlet.objects.filter(channel=channel, down_since__isnull=False).first()
    if outlet is None or outlet.paused_until is None:
        return False
    mine = Outlet.objects.filter(channel=channel, paused_until=outlet.paused_until, paused_until__lte=now)
    lease = datetime.timedelta(seconds=settings.SENDING_LEASE_SECONDS)
    return True if mine.update(paused_until=now + lease) else None


def answered(channel: str) -> None:
    """Note that the provider answers: what was paused is open again."""
    Outlet.objects.filter(channel=channel, faults__gt=0).update(
        faults=0, down_since=None, paused_until=None, reason=""
    )


def silent(channel: str, reason: str, now: datetime.datetime) -> None:
    """Note that the provider did not answer; after so many times in a row the channel is paused, longer each time."""
    Outlet.objects.get_or_create(channel=channel)
    Outlet.objects.filter(channel=channel).update(faults=F("faults") + 1, reason=reason[:500])
    Outlet.objects.filter(channel=channel, down_since__isnull=True).update(down_since=now)
    outlet = Outlet.objects.get(channel=channel)
    beyond = outlet.faults - settings.PAUSE_AFTER_FAULTS
    if beyond >= 0:
        pauses = settings.PAUSES_SECONDS
        pause = datetime.timedelta(seconds=pauses[min(beyond, len(pauses) - 1)])
        Outlet.objects.filter(pk=channel, faults=outlet.faults).update(paused_until=now + pause)


def untried(channel: str, now: datetime.datetime) -> None:
    """Give back a try that found nobody to send to."""
    Outlet.objects.filter(channel=channel, down_since__isnull=False).update(paused_until=now)


def paused(organisation: Organisation | None = None) -> list[Outlet]:
    """List the ways out whose provider does not answer and which therefore wait, for an organisation's pages."""
    down = Outlet.objects.filter(faults__gte=settings.PAUSE_AFTER_FAULTS, paused_until__isnull=False)
    if organisation is not None:
        own = f"email:{organisation.public_id.hex}"
        down = down.exclude(Q(channel__contains=":") & ~Q(channel=own))
        down = down.exclude(channel="email") if has_own_account(organisation.slug) else down
    return list(down.order_by("channel"))
