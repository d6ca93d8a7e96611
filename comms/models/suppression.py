import datetime

from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, scoped


class SuppressionQuerySet(models.QuerySet):
    def standing(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at__isnull=True)


class Suppression(Owned):
    """An address that is not sent to, since something that happened to it. It can be lifted once, and stays on record."""

    channel = models.CharField(max_length=50)
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=500)
    event = inside("comms.DeliveryEvent", null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_because = models.CharField(max_length=500, blank=True)

    objects = scoped(SuppressionQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "channel", "address"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_standing_suppression",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "created_at", "id"], name="suppression_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"

    def lift(self, by: User, why: str, now: datetime.datetime) -> bool:
        """Let it be sent to again; false where somebody else had lifted it."""
        mine = Suppression.objects.standing().filter(pk=self.pk)
        return bool(mine.update(lifted_at=now, lifted_by=by, lifted_because=why))
