"""What is under way: a circular of these days with every kind of outcome, a draft, and one that waits for its time."""

import datetime

from comms.demo import history, wording
from comms.demo.history import Past
from comms.demo.wording import Mailing
from comms.models import Communication, Recipient

# What became of the circular, by whom it is told of; everybody else took it, and some opened it.
BY_ADDRESS = {"bounce.": "hard", "full.": "deferred", "grey.": "greylisted", "spam.": "refused_as_spam"}
OTHERS = (
    "opened",
    "opened_by_machine",
    "complained",
    "unconfirmed",
    "sent",
    "clicked",
    "late",
    "opened",
    "sent",
)
DAYS_AGO = 2


def write(past: Past) -> None:
    recent(past)
    waiting(past)


def recent(past: Past) -> None:
    """Send a circular to the first block a few days ago; all that can become of a message became of it."""
    at = past.at(DAYS_AGO, 9, 12, working=False)
    mailing = Mailing(0, "circular", "Lift 2 out of service on {DAY}", wording.LIFT, track=True)
    communication = history.draft(
        past, mailing._replace(template="Lift out of service"), past.estate.blocks[0], at
    )
    recipients = history.leaseholders(past, communication, at)
    others, stories = list(OTHERS), []
    for recipient in recipients:
        beginning = next((start for start in BY_ADDRESS if recipient.email.startswith(start)), "")
        if not recipient.email:
            stories.append("no_email")
        elif ("email", recipient.email) in past.bounced:
            stories.append("dropped")
        elif beginning:
            stories.append(BY_ADDRESS[beginning])
        else:
            stories.append(
                others.pop() if others else past.chance.choice(["delivered", "delivered", "opened"])
            )
    history.send(past, communication, recipients, at, stories=stories)


def waiting(past: Past) -> None:
    """Leave a draft with its recipients, and a notice that goes out next week."""
    draft = history.draft(
        past,
        Mailing(0, "circular", "New lock on the bin store", wording.BINS),
        past.estate.blocks[1],
        past.now,
    )
    at = past.at(-7, 9, 0)
    notice = history.draft(
        past,
        Mailing(0, "agm_notice", "Notice of annual general meeting of {{block_name}}", wording.AGM, template="AGM notice"),
        past.estate.blocks[0],
        at,
    )  # fmt: skip
    for communication in (draft, notice):
        communication.created_at = past.now - datetime.timedelta(hours=3)
        Recipient.objects.bulk_create(history.leaseholders(past, communication, past.now))
    by = past.estate.people["manager"]
    notice.swap(Communication.EDITABLE, must_arrive_by=at + datetime.timedelta(days=14))
    notice.schedule(at=at, by=by)
