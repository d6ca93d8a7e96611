import hashlib

from django.db import models

from portfolio.models import Organisation
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import scoped


class Content(Permanent):
    """Bytes that many messages share, kept once an organisation by their SHA-256."""

    organisation = models.ForeignKey("portfolio.Organisation", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "sha256"], name="content_once")]

    def __str__(self) -> str:
        return self.sha256

    @staticmethod
    def keep(organisation: Organisation, data: bytes) -> "Content":
        """Store the bytes unless they are there, and give their row."""
        sha256 = hashlib.sha256(data).hexdigest()
        row = Content(organisation=organisation, sha256=sha256, data=data, size=len(data))
        Content.objects.bulk_create([row], ignore_conflicts=True)
        return Content.objects.defer("data").get(organisation=organisation, sha256=sha256)
