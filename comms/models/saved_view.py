"""Ways of looking at the log that somebody gave a name: filters, columns and order."""

from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, scoped


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """Those that a person may open: their own, and what was shared with the organisation."""
        return self.filter(Q(owner=user) | Q(shared=True))


class SavedView(Owned):
    """Filters, columns and order under a name. It holds no entries: who opens it sees what they may see."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shared = models.BooleanField(default=False)
    query = models.JSONField(default=dict, help_text="The page's address: name and values.")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = scoped(SavedViewQuerySet)

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                "owner",
                Lower("name"),
                name="saved_view_once",
                violation_error_message="You have a view of that name. Choose another one.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("comms:view", args=[self.organisation.slug, self.public_id])

    @property
    def address(self) -> str:
        """Write its query as the log's address has it, with the view itself."""
        pairs = [(name, value) for name, values in self.query.items() for value in values]
        return "?" + urlencode([*pairs, ("view", str(self.public_id))])

    def is_as(self, query: dict[str, Any]) -> bool:
        """Say whether a query is still the one that was saved."""
        return bool({k: sorted(v) for k, v in query.items()} == {k: sorted(v) for k, v in self.query.items()})


class PinnedView(models.Model):
    """A view that somebody has pinned: it stands in their navigation."""

    organisation = models.ForeignKey("portfolio.Organisation", on_delete=models.PROTECT, related_name="+")
    view = inside("comms.SavedView", related_name="pins", on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    objects = scoped()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "view"], name="pinned_once")]

    def __str__(self) -> str:
        return f"{self.view_id} for {self.user_id}"
