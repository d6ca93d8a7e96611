"""Work to follow up after a message, and what was done about it."""

import datetime
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from portfolio.days import usual_due_on
from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class TicketQuerySet(models.QuerySet):
    def unsettled(self) -> "TicketQuerySet":
        """Those that are not closed."""
        return self.exclude(state=Ticket.State.CLOSED)

    def overdue(self, today: datetime.date) -> "TicketQuerySet":
        return self.unsettled().filter(due_on__lt=today)


class Ticket(Owned):
    """Work to follow up after a message. What is done to it stands in its changes, which nobody can change."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting"
        CLOSED = "closed", "Closed"

    class Reason(models.TextChoices):
        """Why there is a ticket; an entry raises one of each at most."""

        HARD_BOUNCE = "hard_bounce", "Came back for good"
        REFUSED = "refused", "Refused as spam"
        COMPLAINT = "complaint", "Marked as spam"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"
        DEFERRED = "deferred", "Put off for a day"
        REPLY = "reply", "Reply"
        MAIL = "mail", "Mail that answers nothing"
        BY_HAND = "", "Opened by hand"

    class Outcome(models.TextChoices):
        RESENT = "resent", "Sent again"
        POSTED = "posted", "Posted or handed over"
        WAIVED = "waived", "Nothing needs doing"
        OTHER = "other", "Something else was done"

    title = models.CharField(max_length=500)
    reason = models.CharField(max_length=50, blank=True, choices=Reason)
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="tickets")
    block = inside("portfolio.Block", null=True, blank=True, related_name="tickets")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="tickets")
    contact = inside("contacts.Contact", null=True, blank=True, related_name="tickets")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(default=usual_due_on)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(TicketQuerySet)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["organisation", "due_on", "id"], name="ticket_by_day"),
            models.Index(
                fields=["organisation", "assignee"], condition=models.Q(state="open"), name="ticket_waiting"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "reason"],
                condition=models.Q(entry__isnull=False) & ~models.Q(reason=""),
                name="one_ticket_per_reason",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("comms:ticket", args=[self.organisation.slug, self.public_id])

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def is_overdue(self) -> bool:
        return not self.is_closed and self.due_on < timezone.localdate()

    def swap(self, seen: tuple[str, ...], **changes: Any) -> bool:
        """Change it if it is in one of the states seen, and say whether nobody was there first."""
        moved = Ticket.objects.filter(pk=self.pk, state__in=seen).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(moved)


class TicketChange(Owned, Permanent):
    """One thing that was done to a ticket: by a person, or by Blockpost itself where there is none."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened"
        COMMENT = "comment", "Comment"
        ASSIGNED = "assigned", "Given to"
        DUE = "due", "Due"
        WAITING = "waiting", "Waiting"
        RESUMED = "resumed", "No longer waiting"
        SENT_AGAIN = "sent_again", "Sent again"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        REOPENED = "reopened", "Opened again"

    ticket = inside("comms.Ticket", related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = models.TextField(blank=True, help_text="Plain text.")
    outcome = models.CharField(max_length=10, blank=True, choices=Ticket.Outcome, help_text="Of a closing.")
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="+")
    communication = inside("comms.Communication", null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_kind_display()
