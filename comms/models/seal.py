"""The sealed record: what each row says in bytes that never change, their order, and the signed heads over it."""

from django.db import models
from django.db.models.functions import Now

from portfolio.models import Organisation
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class Leaf(Permanent):
    """The canonical bytes of one row of the record, written in the transaction of that row.

    Personal and guessable values stand in `data` as commitments only; `salts` are what opens them, 32 bytes
    for each, in the order of the committed fields' names.
    """

    class Kind(models.TextChoices):
        ENTRY = "entry", "Entry"
        EVENT = "event", "Event"
        EXPORT = "export", "Export"
        TICKET = "ticket", "Ticket"
        LOG = "log", "Log opened"
        KEY = "key", "Key"
        CHECKPOINT = "checkpoint", "Checkpoint"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    row_id = models.BigIntegerField(help_text="The key of the row in its own table.")
    data = models.BinaryField()
    hash = models.BinaryField(help_text="SHA-256 of a zero byte and the data (RFC 6962).")
    salts = models.BinaryField(default=b"")

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "leaves"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind", "row_id"], name="leaf_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"


class Log(Owned, Permanent):
    """The sealed log of an organisation: one until a restore has lost its end, then a new one, never a rewind."""

    number = models.PositiveIntegerField()
    origin = models.CharField(
        max_length=300, unique=True, help_text="Its name for the world; says nothing of whose."
    )
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.CharField(max_length=500, blank=True, help_text="Why there is a new one.")
    former = models.TextField(blank=True, help_text="The last known checkpoint of the log before.")

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="log_number_once")]

    def __str__(self) -> str:
        return self.origin


class LogKey(Owned, Permanent):
    """A key that signs the checkpoints of a log, as the world knows it."""

    log = inside("comms.Log", related_name="keys")
    vkey = models.CharField(max_length=400)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["log", "vkey"], name="log_key_once")]

    def __str__(self) -> str:
        return self.vkey


class Pending(models.Model):
    """A leaf that waits for its place. The database puts it here, the sealer takes it out."""

    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, primary_key=True, related_name="pending")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped()

    class Meta:
        verbose_name_plural = "pending"
        indexes = [models.Index(fields=["organisation", "leaf"], name="pending_of")]

    def __str__(self) -> str:
        return str(self.leaf_id)


class Seal(Permanent):
    """The place of a leaf in its log: numbers from 0 without a gap."""

    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, primary_key=True, related_name="seal")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    log = inside("comms.Log", related_name="seals", db_index=False)
    seq = models.BigIntegerField()
    hash = models.BinaryField(help_text="That of the leaf, so that a tile is read from one table.")

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "seq"], name="seal_place_once")]

    def __str__(self) -> str:
        return f"{self.log_id} {self.seq}"


class Tile(Permanent):
    """The root of a full subtree of 256^level leaves (C2SP tlog-tiles); those of level 0 are the seals."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    log = inside("comms.Log", related_name="+", db_index=False)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "level", "index"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.log_id} {self.level}/{self.index}"


class Checkpoint(Owned, Permanent):
    """A signed head of a log."""

    log = inside("comms.Log", related_name="checkpoints", db_index=False)
    number = models.PositiveIntegerField(help_text="From 1 without a gap.")
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField(help_text="As it is given out: a signed note.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        ordering = ["log", "number"]
        constraints = [models.UniqueConstraint(fields=["log", "number"], name="checkpoint_number_once")]

    def __str__(self) -> str:
        return f"{self.log_id} {self.number}"
