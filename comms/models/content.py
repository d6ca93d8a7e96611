import hashlib
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models

from portfolio.models import Organisation
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import scoped

STORE = "content"  # the alias among Django's storages


class Altered(OSError):
    """Raised when what the store gives is not what was put there."""


class Content(Permanent):
    """Bytes that many messages share, kept once an organisation by their SHA-256.

    They are in the row, or, where settings name a store and they are large, in that store under their SHA-256: then
    the row says so, and what is read from there is believed only if its SHA-256 is the row's.
    """

    organisation = models.ForeignKey("portfolio.Organisation", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField(help_text="Empty where they are in the store.")
    stored = models.BooleanField(default=False, db_default=False, help_text="Whether they are in the store.")
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
        there = Content.objects.defer("data").filter(organisation=organisation, sha256=sha256).first()
        if there:
            return there
        stored = bool(settings.CONTENT_STORE) and len(data) >= settings.CONTENT_STORE_FROM_BYTES
        if stored:  # first there, then in the table: a row never names what is not there
            _put(_name(organisation.pk, sha256), data)
        row = Content(
            organisation=organisation,
            sha256=sha256,
            data=b"" if stored else data,
            stored=stored,
            size=len(data),
        )
        Content.objects.bulk_create([row], ignore_conflicts=True)
        return Content.objects.defer("data").get(organisation=organisation, sha256=sha256)

    @staticmethod
    def read_all(hashes: Iterable[str]) -> dict[str, bytes]:
        """Give the bytes of many by their SHA-256, in one query. Raises Altered."""
        return {row.sha256: row.read() for row in Content.objects.filter(sha256__in=set(hashes))}

    def read(self) -> bytes:
        """Give the bytes, from wherever they are. Raises Altered."""
        if not self.stored:
            return bytes(self.data)
        return _get(_name(self.organisation_id, self.sha256), self.sha256)


def _name(organisation: int, sha256: str) -> str:
    return f"{organisation}/{sha256[:2]}/{sha256}"


def _put(name: str, data: bytes) -> None:
    store = storages[STORE]
    if not store.exists(name):
        store.save(name, ContentFile(data))


@lru_cache(maxsize=8)  # a circular reads the same attachment for each of its recipients
def _get(name: str, sha256: str) -> bytes:
    with storages[STORE].open(name) as file:
        data: bytes = file.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Altered(f"The store gives other bytes for {sha256} than were put there.")
    return data
