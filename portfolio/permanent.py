"""Models whose rows are written once. The database refuses change (see guard.py); this says so earlier."""

from typing import Any, NoReturn

from django.apps import apps
from django.db import models


class PermanentRecordError(TypeError):
    """Raised by Python before the database would refuse to change or delete a permanent row."""

    def __init__(self) -> None:
        super().__init__("This is a permanent record: it can be added to, never changed or deleted.")


class PermanentQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise PermanentRecordError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermanentRecordError

    def delete(self) -> NoReturn:
        raise PermanentRecordError

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermanentRecordError


class Permanent(models.Model):
    """A row that is inserted and then stays as it is."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermanentRecordError
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermanentRecordError


def permanent_models() -> list[type[models.Model]]:
    """List the models whose tables the database guards."""
    return [model for model in apps.get_models() if issubclass(model, Permanent)]
