"""Every version of an editable row, kept by triggers of the database: the source of the Activity pages."""

from collections.abc import Callable
from typing import Any

import pghistory
from django.db import models
from pghistory.models import Event, EventQuerySet

from portfolio.permanent import Permanent, PermanentQuerySet


class VersionQuerySet(PermanentQuerySet, EventQuerySet):
    pass


class Version(Permanent, Event):
    """What a row was after it was made or changed, or before it was deleted; who did it stands in `pgh_context`."""

    pgh_id = models.BigAutoField(primary_key=True)

    objects = VersionQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        abstract = True


def tracked(*, exclude: list[str] | None = None) -> Callable[[type[models.Model]], type[models.Model]]:
    """Keep each version of a model's rows, whichever way they are changed.

    Who changed it is copied into each version rather than kept in a table of its own, since that table
    would have to be updated, and versions are permanent.
    """
    options: dict[str, Any] = {
        "exclude": exclude,
        "base_model": Version,
        "context_field": pghistory.ContextJSONField(),
        "context_id_field": None,
    }
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), **options
    )
