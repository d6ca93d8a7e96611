from django.db import models
from django.utils import timezone


class Outlet(models.Model):
    """The way out by one channel, shared by all workers: how fast it may go, and whether it is shut for a while.

    It is nobody's in particular: all organisations of an installation use it; but one with an account of its own
    has a way out of its own, “email:” and its public id. Kept here rather than in the
    cache, so that emptying that opens nothing.
    """

    channel = models.CharField(max_length=50, primary_key=True)
    free_at = models.DateTimeField(null=True, blank=True, help_text="When the next message may go.")
    faults = models.PositiveIntegerField(default=0, help_text="How often nobody answered, in a row.")
    down_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="Then one message is tried.")
    reason = models.CharField(max_length=500, blank=True)

    @property
    def name(self) -> str:
        """Give the channel without whose account it is."""
        return str(self.channel).partition(":")[0]

    @property
    def waits(self) -> bool:
        """Whether nothing is tried yet; afterwards one message is, as soon as one is due."""
        return self.paused_until is not None and self.paused_until > timezone.now()

    def __str__(self) -> str:
        return self.channel
