import hashlib

from django.db import models

from portfolio.models import Organisation
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, scoped


class LinkTarget(Owned, Permanent):
    """Where a link of watched mails leads, once an organisation. Nobody can make it lead elsewhere."""

    url = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of the URL.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "sha256"], name="link_target_once")]

    def __str__(self) -> str:
        return self.url

    @staticmethod
    def keep(organisation: Organisation, url: str) -> "LinkTarget":
        """Store a URL unless it is there, and give its row."""
        sha256 = hashlib.sha256(url.encode()).hexdigest()
        row = LinkTarget(organisation=organisation, url=url, sha256=sha256)
        LinkTarget.objects.bulk_create([row], ignore_conflicts=True)
        found: LinkTarget = LinkTarget.objects.get(organisation=organisation, sha256=sha256)
        return found
