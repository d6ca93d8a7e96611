"""Ask providers what became of messages of which nothing final was heard: a post may have been lost.

1. Those of the last days that were handed over more than an hour ago, every quarter of an hour; statutory ones
   each night, as far back as a month. Also unconfirmed ones: the provider knows whether it has them.
2. What a provider tells about them is kept as a receipt, an event each, and read like what it posts by itself:
   the ids of events are the same, so what was heard already adds nothing.
3. A provider that does not answer is asked again the next time.

A provider is added by a function in ASK: account, since, until → (id, event), and one that names its message.
"""

import datetime
import json
import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

import requests
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from comms.channels.accounts import Account, account_of
from comms.models import Communication, Delivery, DeliveryEvent
from comms.receipts import mailgun_events, raw
from comms.receipts.sources import ASKED
from portfolio.models import Organisation

log = logging.getLogger(__name__)
Item = dict[str, object]
LATELY = datetime.timedelta(days=3)
LONG_SINCE = datetime.timedelta(days=30)
PATIENCE = datetime.timedelta(hours=1)  # in which a post may still come
OPEN = (Delivery.Status.SENT, Delivery.Status.DEFERRED, Delivery.Status.UNCONFIRMED)


class Asking(NamedTuple):
    ask: Callable[[Account, datetime.datetime, datetime.datetime], Iterator[tuple[str, Item]]]
    names: Callable[[Item], set[str]]


ASK: dict[str, Asking] = {"mailgun": Asking(mailgun_events.ask, mailgun_events.names)}


def run(now: datetime.datetime, back: datetime.timedelta, statutory: bool = False) -> int:
    """Ask for every organisation whose provider can be asked; give how many events were kept."""
    with scopes_disabled():
        organisations = list(Organisation.objects.order_by("pk"))
    kept = 0
    for organisation in organisations:
        account = account_of(organisation.slug)
        if account.provider in ASK:
            with scope(organisation=organisation):
                kept += _ask(organisation, account, now, back, statutory)
    return kept


def _ask(
    organisation: Organisation,
    account: Account,
    now: datetime.datetime,
    back: datetime.timedelta,
    statutory: bool,
) -> int:
    """Ask for one organisation. Nobody is asked where nothing is open."""
    asking = ASK[account.provider]
    wanted, since = _open(account.provider, now, back, statutory)
    kept = 0
    try:
        for key, item in asking.ask(account, since, now) if wanted else ():
            if asking.names(item) & wanted:
                body = json.dumps(item, ensure_ascii=False).encode()
                kept += (
                    raw.keep(organisation, account.provider + ASKED, headers={}, body=body, key=key)
                    is not None
                )
    except (requests.RequestException, ValueError, KeyError) as fault:
        log.warning("%s could not be asked: %s", account.provider, type(fault).__name__)
    return kept


def _open(
    provider: str, now: datetime.datetime, back: datetime.timedelta, statutory: bool
) -> tuple[set[str], datetime.datetime]:
    """Give by which names the messages go of which nothing final was heard, and since when to ask."""
    open_ones = Delivery.objects.filter(
        status__in=OPEN, channel="email", at__gte=now - back, at__lt=now - PATIENCE
    )
    if statutory:
        by_law = Q(type__in=Communication.STATUTORY_TYPES) | Q(communication__statutory=True)
        open_ones = open_ones.filter(by_law)
    handed = DeliveryEvent.objects.filter(
        entry__in=open_ones.values("entry"), source=provider, kind__in=["sent", "unconfirmed"]
    )
    columns = ("entry__public_id", "provider_message_id", "happened_at")
    found = list(handed.order_by("happened_at").values_list(*columns))
    wanted = {str(entry) for entry, _, _ in found} | {name.strip("<>") for _, name, _ in found if name}
    # A little before: the other side's clock is not ours.
    return wanted, (found[0][2] if found else now) - datetime.timedelta(minutes=5)
