"""Copies of signed heads where nobody of the firm can change them: who keeps them, and which they have."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class KeeperQuerySet(models.QuerySet):
    def standing(self) -> "KeeperQuerySet":
        """Those who are still sent heads."""
        return self.filter(ended_at__isnull=True)


class Keeper(Owned):
    """A mailbox outside the firm that heads are sent to: a solicitor's, an accountant's, a director's own."""

    email = models.EmailField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its reader said that they keep them."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="Not before: after a refusal it is tried again later."
    )
    problem = models.CharField(max_length=500, blank=True, help_text="Why the last one was not taken.")

    objects = scoped(KeeperQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"], condition=Q(ended_at__isnull=True), name="keeper_once"
            )
        ]

    def __str__(self) -> str:
        return self.email

    def confirm(self, now: datetime.datetime) -> bool:
        """Note that its reader has what was sent; false where that is known already."""
        found = Keeper.objects.filter(pk=self.pk, confirmed_at__isnull=True, ended_at__isnull=True)
        return bool(found.update(confirmed_at=now))

    def end(self, now: datetime.datetime) -> bool:
        return bool(Keeper.objects.filter(pk=self.pk, ended_at__isnull=True).update(ended_at=now))


class OutsideCopy(Owned, Permanent):
    """A head that left the building: where to, and what the other side said."""

    class Kind(models.TextChoices):
        MAIL = "mail", "Mail"
        TIMESTAMP = "timestamp", "Time-stamp"

    checkpoint = inside("comms.Checkpoint", related_name="copies")
    kind = models.CharField(max_length=9, choices=Kind)
    target = models.CharField(max_length=500, help_text="The mailbox, or the authority's address.")
    at = models.DateTimeField(help_text="When it was taken, or the authority's own time.")
    evidence = models.BinaryField(help_text="The time-stamp (RFC 3161), or what the mail server answered.")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "outside copies"
        indexes = [models.Index(fields=["organisation", "kind", "target", "-id"], name="outside_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target}"
