from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import inside, scoped


class Access(Permanent):
    """Somebody looked: which entry they opened, what they searched, exported, downloaded or had verified.

    A row for each, and nothing else is read or written for it: looking stays cheap.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened"
        FILE = "file", "Took a file of"
        SEARCHED = "searched", "Searched"
        EXPORTED = "exported", "Exported"
        DOWNLOADED = "downloaded", "Downloaded"
        VERIFIED = "verified", "Had verified"

    organisation = models.ForeignKey(
        "portfolio.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    entry = inside("comms.LogEntry", null=True, blank=True, related_name="+", db_index=False)
    query = models.JSONField(default=dict, help_text="What was searched or exported: the page's filters.")
    export = models.UUIDField(null=True, blank=True, help_text="The number that ExportRecord has.")
    by_token = models.BooleanField(default=False, help_text="Through the API.")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        verbose_name_plural = "accesses"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="access_newest"),
            models.Index(fields=["organisation", "user", "-id"], name="access_by_person"),
            models.Index(
                fields=["organisation", "entry", "-id"],
                condition=Q(entry__isnull=False),
                name="access_of_entry",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
