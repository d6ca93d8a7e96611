"""What every row of an organisation has in common: its owner, and queries that fail closed without one."""

import uuid

from django.db import models
from django_scopes import ScopedManager


def inside(to: str, **options: object) -> models.ForeignKey:
    """Make a foreign key that stays inside the organisation.

    The database's own constraint is the composite one, (organisation_id, key), which migrations add
    with `guard.inside_sql`; Django's single-column constraint would only check half of it, twice.
    """
    options.setdefault("on_delete", models.PROTECT)
    return models.ForeignKey(to, db_constraint=False, **options)  # type: ignore[arg-type]


def inside_one(to: str, **options: object) -> models.OneToOneField:
    """Make a one-to-one key that stays inside the organisation, as `inside` does."""
    options.setdefault("on_delete", models.PROTECT)
    return models.OneToOneField(to, db_constraint=False, **options)  # type: ignore[arg-type]


def scoped(queryset: type[models.QuerySet] = models.QuerySet) -> models.Manager:
    """Make a manager whose queries raise ScopeError outside an organisation's scope."""
    return ScopedManager(organisation="organisation", _manager_class=models.Manager.from_queryset(queryset))


class Owned(models.Model):
    """A row that belongs to one organisation."""

    organisation = models.ForeignKey("portfolio.Organisation", on_delete=models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
