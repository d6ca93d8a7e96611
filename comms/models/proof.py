from django.db import models
from django.utils import timezone

from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class Proof(Owned, Permanent):
    """A file that shows what an event says: a photo of a notice on a door, a certificate of posting."""

    event = inside("comms.DeliveryEvent", related_name="proofs")
    content = inside("comms.Content", related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
