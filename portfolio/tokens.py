"""What the API keeps of itself: tokens, answers that are given again, and calls that were refused."""

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_scopes import scopes_disabled
from knox.crypto import create_token_string, hash_token

from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped

PREFIX = "bp_"  # by which scanners of source code find one that was let out
SHOWN = 9  # characters by which people tell their tokens apart; the rest is unguessable without them
USE_NOTED_EVERY = datetime.timedelta(minutes=1)


class TokenQuerySet(models.QuerySet):
    def alive(self) -> "TokenQuerySet":
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())


class ApiToken(Owned):
    """A key to one organisation in the name of one member. Only its hash (SHA-512) is kept."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"
        ADMIN = "admin", "All that an admin may"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, help_text="What uses it.")
    scope = models.CharField(max_length=5, choices=Scope)
    machine = models.BooleanField(default=False, help_text="Its member is a machine, made with it.")
    beginning = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = scoped(TokenQuerySet)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def used(self) -> None:
        """Note that it was used, once a minute at most, so that reading does not write each time."""
        now = timezone.now()
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=self.pk).update(last_used_at=now)

    def revoke(self) -> bool:
        """End it for good; false if it was ended before."""
        return bool(
            ApiToken.objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
        )


class RememberedAnswer(Owned):
    """The answer to a create that named an Idempotency-Key: given again for a day to the same request."""

    token = inside("portfolio.ApiToken", related_name="+", on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["token", "created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return self.key


class RefusedCall(Owned, Permanent):
    """A message that another system asked for and that was refused: the line that a person finds."""

    token = inside("portfolio.ApiToken", related_name="refused")
    at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    workflow = models.CharField(max_length=100, blank=True)
    recipient = models.CharField(max_length=254, blank=True, help_text="As the call named it.")
    reference_type = models.CharField(max_length=50, blank=True)
    reference = models.CharField(max_length=200, blank=True)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-id"], name="refused_newest")]

    def __str__(self) -> str:
        return self.reason


def make(**facts: Any) -> tuple[ApiToken, str]:
    """Make a token; give it and its secret, which nobody can read again. Takes the columns of ApiToken."""
    secret = PREFIX + create_token_string()
    made: ApiToken = ApiToken.objects.create(
        beginning=secret[:SHOWN], digest=hash_token(secret), public_id=uuid.uuid4(), **facts
    )
    return made, secret


def find(secret: str) -> ApiToken | None:
    """Find whose token this is, in any organisation: the secret is all that its bearer has."""
    with scopes_disabled():
        tokens = ApiToken.objects.select_related("organisation", "user")
        found: ApiToken | None = tokens.filter(digest=hash_token(secret)).first()
    return found
