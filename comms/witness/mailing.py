"""Mail heads to the mailboxes outside that keep them: each as a file, so that it can be kept as it is."""

import datetime

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from comms.models import Checkpoint, Keeper, LogKey, OutsideCopy
from comms.witness import due, links
from portfolio.models import Organisation

AGAIN = datetime.timedelta(hours=1)  # after a mail that was not taken
REFUSED = "The mail could not be handed over; the log says why. It is tried again every hour."


def mail_all(organisation: Organisation, now: datetime.datetime) -> int:
    """Mail the newest head to each mailbox for which it is time; give how many took it. Needs the scope."""
    count = 0
    for keeper in Keeper.objects.standing().order_by("pk"):
        head = due.head_for(organisation, OutsideCopy.Kind.MAIL, keeper.email, now)
        if head and (keeper.next_at is None or keeper.next_at <= now):
            count += _mail(organisation, keeper, head, now)
    return count


def _mail(organisation: Organisation, keeper: Keeper, head: Checkpoint, now: datetime.datetime) -> bool:
    """Dial once; what was taken is written down, what was not is tried again in an hour."""
    # First the time of the next try: who dies in between does not mail it in a loop.
    Keeper.objects.filter(pk=keeper.pk).update(next_at=now + AGAIN)
    if not message(organisation, keeper, head).send():
        Keeper.objects.filter(pk=keeper.pk).update(problem=REFUSED)
        return False
    OutsideCopy.objects.create(
        organisation=organisation,
        checkpoint=head,
        kind=OutsideCopy.Kind.MAIL,
        target=keeper.email,
        at=timezone.now(),
        evidence=b"",
    )
    Keeper.objects.filter(pk=keeper.pk).update(next_at=None, problem="")
    return True


def message(organisation: Organisation, keeper: Keeper, head: Checkpoint) -> EmailMessage:
    """Write the mail, with the head and the public keys as files. Its link is a secret of its reader."""
    link = "" if keeper.confirmed_at else links.address(keeper)
    words = render_to_string(
        "outbound/keeper_mail.txt", {"organisation": organisation, "head": head, "link": link}
    )
    made = EmailMessage(
        f"Keep this: the log of {organisation.name}, {head.size:,} rows", words, to=[keeper.email]
    )
    name = f"checkpoint-{head.log.public_id.hex[:12]}-{head.size}"
    made.attach(f"{name}.txt", head.note, "text/plain")
    keys = LogKey.objects.filter(log=head.log_id).order_by("pk").values_list("vkey", flat=True)
    made.attach(f"{name}-key.txt", "".join(f"{key}\n" for key in keys), "text/plain")
    made.organisation = organisation  # type: ignore[attr-defined]
    made.secrets = [link] if link else []  # type: ignore[attr-defined]
    return made
