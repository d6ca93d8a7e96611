from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, scoped


class Ticket(Owned):
    """Work to follow up after a message."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    title = models.CharField(max_length=500)
    reason = models.CharField(max_length=50, blank=True)
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="tickets")
    block = inside("portfolio.Block", null=True, blank=True, related_name="tickets")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "reason"],
                condition=models.Q(entry__isnull=False),
                name="one_ticket_per_reason",
            )
        ]

    def __str__(self) -> str:
        return self.title
