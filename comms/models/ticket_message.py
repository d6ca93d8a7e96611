from django.db import models
from django.db.models.functions import Now

from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class TicketMessage(Owned, Permanent):
    """What somebody wrote to the office, as it came in: a reply on the residents' page, later also by mail.

    The contact is empty where the sender is nobody that is known; name and address are as they were given.
    """

    class Via(models.TextChoices):
        PORTAL = "portal", "Residents' page"
        EMAIL = "email", "Email"

    ticket = inside("comms.Ticket", related_name="messages")
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="replies")
    contact = inside("contacts.Contact", null=True, blank=True, related_name="+")
    receipt = inside("comms.Receipt", null=True, blank=True, related_name="+")
    via = models.CharField(max_length=20, choices=Via)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    words = models.TextField(blank=True, help_text="Plain text.")
    attachments = models.JSONField(default=list, help_text="Name, media type, size and SHA-256 of each.")
    automatic = models.BooleanField(
        default=False, db_default=False, help_text="A machine wrote it for somebody."
    )
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["entry", "id"], name="ticket_message_by_entry"),
            models.Index(fields=["contact", "received_at"], name="ticket_message_by_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.from_name}, {self.get_via_display()}"
