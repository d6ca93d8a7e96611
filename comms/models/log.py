"""The log: entries and events that are only ever added, and what is derived from them."""

import zlib

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from comms.models.content import Content
from portfolio.models import Organisation, User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, inside_one, scoped


class LogEntry(Owned, Permanent):
    """One message to one recipient, written before it leaves. Nobody can change it.

    `personal` holds the zlib-compressed bytes that are this recipient's own; `layout` lists in order
    how many of them come next or which shared Content does: joined, they are the exact bytes that
    were handed over, whose SHA-256 is `sha256`. Where secrets were withheld from the record (system
    mail), `sha256` is still that of the bytes that left and `withheld` says that they differ.
    """

    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    happened_at = models.DateTimeField(null=True, blank=True, help_text="For what happened elsewhere: when.")
    recipient = inside_one("comms.Recipient", null=True, blank=True, related_name="entry")
    communication = inside("comms.Communication", null=True, blank=True, related_name="entries")
    type = models.CharField(max_length=20, blank=True, help_text="The type of its communication.")
    channel = models.CharField(max_length=50)
    manual = models.BooleanField(default=False)
    to_name = models.CharField(max_length=200, blank=True)
    to_address = models.CharField(max_length=500, blank=True, help_text="The address used, as it was used.")
    title = models.CharField(max_length=500)
    snippet = models.CharField(max_length=200, blank=True, help_text="The first words, for lists.")
    words = models.TextField(blank=True, help_text="What it said, as plain text, merge fields filled.")
    html = inside("comms.Content", null=True, blank=True, related_name="+")
    personal = models.BinaryField(default=b"")
    layout = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes handed over.")
    withheld = models.BooleanField(default=False)
    attachments = models.JSONField(default=list, help_text="Name, media type, size and SHA-256 of each.")
    block = inside("portfolio.Block", null=True, blank=True, related_name="+")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="+")
    # What they were called when this was written: links follow new names, files of the log do not.
    block_label = models.CharField(max_length=200, blank=True, db_default="")
    unit_label = models.CharField(max_length=100, blank=True, db_default="")
    contact_label = models.CharField(max_length=200, blank=True, db_default="")
    regarding_label = models.CharField(max_length=200, blank=True, db_default="")
    contact = inside("contacts.Contact", null=True, blank=True, related_name="+")
    regarding = inside("contacts.Contact", null=True, blank=True, related_name="+")
    ticket = inside("comms.Ticket", null=True, blank=True, related_name="entries")
    reference_type = models.CharField(max_length=50, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    sender = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sender_label = models.CharField(
        max_length=200, help_text="Who sent it, in words: a person or a workflow."
    )
    template_version = inside("comms.TemplateVersion", null=True, blank=True, related_name="+")
    template_label = models.CharField(max_length=220, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    token = models.CharField(
        max_length=40, null=True, blank=True, unique=True, help_text="In the envelope sender."
    )
    corrects = inside("comms.LogEntry", null=True, blank=True, related_name="corrections")
    copy_of = inside("comms.LogEntry", null=True, blank=True, related_name="copies")

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "log entries"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("comms:entry", args=[self.organisation.slug, self.public_id])

    def exact_bytes(self) -> bytes:
        """Join the kept parts into the bytes that were handed over."""
        shared = [part for part in self.layout if isinstance(part, str)]
        contents = Content.read_all(shared) if shared else {}
        personal = zlib.decompress(self.personal) if self.personal else b""
        joined, at = [], 0
        for part in self.layout:
            if isinstance(part, str):
                joined.append(contents[part])
            else:
                joined.append(personal[at : at + part])
                at += part
        return b"".join(joined)


class DeliveryEvent(Owned, Permanent):
    """One thing that happened to an entry."""

    class Kind(models.TextChoices):
        ATTEMPTED = "attempted", "Handing over"
        SENT = "sent", "Sent"
        DEFERRED = "deferred", "Deferred"
        DELIVERED = "delivered", "Delivered"
        OPENED = "opened", "Opened"
        CLICKED = "clicked", "Clicked"
        BOUNCED = "bounced", "Bounced"
        SPAM = "spam", "Marked as spam"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"
        PENDING = "pending", "Queued"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    entry = inside("comms.LogEntry", related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    source = models.CharField(max_length=50, help_text="Who says so: smtp, a provider, person, blockpost.")
    provider_event_id = models.CharField(max_length=200, null=True, blank=True)
    provider_message_id = models.CharField(
        max_length=200, blank=True, db_default="", help_text="The other side's name for the message."
    )
    attempt = models.PositiveSmallIntegerField(null=True, blank=True)
    bounce = models.CharField(max_length=4, blank=True, help_text="hard, soft or spam.")
    machine = models.BooleanField(default=False, help_text="An open or a click by a machine.")
    reason = models.CharField(max_length=500, blank=True, help_text="In our words.")
    reply = models.TextField(blank=True, help_text="In theirs.")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    receipt = inside("comms.Receipt", null=True, blank=True, related_name="+")

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "source", "provider_event_id"],
                condition=Q(provider_event_id__isnull=False),
                name="event_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["organisation", "provider_message_id"],
                condition=Q(kind="sent") & ~Q(provider_message_id=""),
                name="event_by_provider_message",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Delivery(models.Model):
    """What became of an entry so far. Derived from the entry and its events; can be made again."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        DEFERRED = "deferred", "Deferred"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        OPENED = "opened", "Opened"
        CLICKED = "clicked", "Clicked"
        BOUNCED = "bounced", "Bounced"
        SPAM = "spam", "Marked as spam"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"

    entry = models.OneToOneField(
        LogEntry, on_delete=models.PROTECT, primary_key=True, related_name="delivery", db_constraint=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    bounce = models.CharField(max_length=4, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    status_at = models.DateTimeField(help_text="When the shown status came about.")
    at = models.DateTimeField(help_text="The log's time: sent, else happened, else recorded.")
    sent_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=50)
    type = models.CharField(max_length=20, blank=True)
    template = inside("comms.Template", null=True, blank=True, related_name="+")
    sender = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sender_label = models.CharField(max_length=200)
    block = inside("portfolio.Block", null=True, blank=True, related_name="+")
    unit = inside("portfolio.Unit", null=True, blank=True, related_name="+")
    contact = inside("contacts.Contact", null=True, blank=True, related_name="+")
    regarding = inside("contacts.Contact", null=True, blank=True, related_name="+")
    communication = inside("comms.Communication", null=True, blank=True, related_name="deliveries")
    ticket = inside("comms.Ticket", null=True, blank=True, related_name="+")
    reference_type = models.CharField(max_length=50, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    content = inside("comms.Content", null=True, blank=True, related_name="+")
    manual = models.BooleanField(default=False)

    objects = scoped()

    class Meta:
        verbose_name_plural = "deliveries"
        # Each filter of the page is an equality in an index that ends in the page's order.
        indexes = [
            models.Index(fields=["organisation", "-at", "-entry"], name="delivery_at"),
            *(
                models.Index(fields=["organisation", column, "-at", "-entry"], name=f"delivery_{column}_at")
                for column in ("status", "channel", "type", "sender_label")
            ),
            *(
                models.Index(
                    fields=["organisation", column, "-at", "-entry"],
                    condition=Q(**{f"{column}__isnull": False}),
                    name=f"delivery_{column}_at",
                )
                for column in ("template", "block", "unit", "contact", "regarding", "ticket")
            ),
            models.Index(
                fields=["organisation", "-at", "-entry"], condition=Q(manual=True), name="delivery_manual_at"
            ),
            models.Index(
                fields=["organisation", "communication", "-at", "-entry"],
                condition=Q(communication__isnull=False),
                name="delivery_comm_at",
            ),
            models.Index(
                fields=["organisation", "reference", "-at", "-entry"],
                condition=~Q(reference=""),
                name="delivery_reference_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.at:%Y-%m-%d %H:%M}"


class Search(models.Model):
    """What an entry can be found by: its words (English), and tokens of its recipient (as written).

    One row an entry, with all its words: a phrase, an AND or a minus must be able to span the shared
    wording and what was merged into it. Derived, like Delivery.
    """

    entry = models.OneToOneField(
        LogEntry, on_delete=models.PROTECT, primary_key=True, related_name="search", db_constraint=False
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    words = SearchVectorField()
    tokens = SearchVectorField()

    objects = scoped()

    class Meta:
        verbose_name_plural = "search rows"
        indexes = [
            GinIndex(fields=["words"], name="search_words"),
            GinIndex(fields=["tokens"], name="search_tokens"),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)
