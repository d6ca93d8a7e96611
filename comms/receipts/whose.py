"""Find whose mail it is that names no message of ours, in a mailbox that several firms share.

1. The one firm that the mail was sent to, by its address for sending or for answers.
2. The one firm that knows the sender as a contact; of the firms that the mail was sent to, where there were several.
3. The firm that settings name for all other mail, or the only one there is.
4. Nobody can tell. The oldest firm keeps it, for its admins alone: it opens no ticket, which everybody there would see.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Lower

from comms.receipts.bounces.mail import Mail
from contacts.models import Contact
from portfolio.models import Organisation

RECIPIENTS = ("to", "cc", "x-original-to", "delivered-to", "x-envelope-to", "envelope-to", "resent-to")


class Whose(NamedTuple):
    organisation: Organisation | None
    told: bool = True


def of(mail: Mail) -> Whose:
    """Give the firm, and whether it was told or only guessed. Asks across all firms, so it stands outside any scope."""
    mailed = _mailed(mail)
    if len(mailed) == 1:
        return Whose(mailed[0])
    knowing = _knowing(mail.addresses("from"), mailed)
    if len(knowing) == 1:
        return Whose(knowing[0])
    if settings.MAIL_ORGANISATION and (named := Organisation.objects.filter(slug=settings.MAIL_ORGANISATION)):
        return Whose(named[0])
    oldest = list(Organisation.objects.order_by("pk")[:2])
    return Whose(oldest[0], len(oldest) == 1) if oldest else Whose(None)


def _mailed(mail: Mail) -> list[Organisation]:
    to = mail.addresses(*RECIPIENTS)  # in small letters
    lowered = Organisation.objects.annotate(sending=Lower("sender_email"), answers=Lower("reply_to"))
    return list(lowered.filter(Q(sending__in=to) | Q(answers__in=to))[:100]) if to else []


def _knowing(sender: list[str], among: list[Organisation]) -> list[Organisation]:
    """List the firms that have the sender among their contacts, two at most."""
    if len(sender) != 1:
        return []
    contacts = Contact.objects.current().filter(email__iexact=sender[0])
    found = Organisation.objects.filter(pk__in=contacts.values("organisation"))
    return list((found.filter(pk__in=[one.pk for one in among]) if among else found)[:2])


def doubts() -> Iterator[str]:
    """Say in a sentence what keeps mail of nobody from everybody's list of tickets; nothing before tables are there."""
    try:
        slugs = list(Organisation.objects.values_list("slug", flat=True)[:10_000])
    except DatabaseError:
        return
    if settings.MAIL_ORGANISATION and settings.MAIL_ORGANISATION not in slugs:
        yield "MAIL_ORGANISATION is the word in the addresses of no organisation."
    elif len(slugs) > 1 and not settings.MAIL_ORGANISATION:
        yield "Several organisations share the mailbox, and MAIL_ORGANISATION does not say which one sees mail of nobody."
