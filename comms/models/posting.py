from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.scoping import Owned, inside, inside_one, scoped


class PostingRun(Owned):
    """Letters that are printed and taken to the post together."""

    class PostClass(models.TextChoices):
        """What Royal Mail sells to a letter writer; the words are theirs."""

        FIRST = "first", "1st Class"
        SECOND = "second", "2nd Class"
        SIGNED_FIRST = "signed_first", "Signed For 1st Class"
        SIGNED_SECOND = "signed_second", "Signed For 2nd Class"
        SPECIAL = "special", "Special Delivery Guaranteed"

    communication = inside("comms.Communication", related_name="posting_runs")
    number = models.PositiveIntegerField(help_text="Which run of its communication it is.")
    post_class = models.CharField(max_length=20, choices=PostClass, default=PostClass.SECOND)
    duplex = models.BooleanField(default=True, help_text="Printed on both sides.")
    print_file = inside("comms.Content", null=True, related_name="+")  # none until it is made
    fault = models.CharField(max_length=500, blank=True, help_text="Why its print file cannot be made.")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = scoped()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["communication", "number"], name="posting_run_once")]

    def __str__(self) -> str:
        return f"Posting run {self.number}"


class PostedLetter(Owned):
    """One letter of a run, and its tracking number where it has one."""

    run = inside("comms.PostingRun", related_name="letters", on_delete=models.CASCADE)
    recipient = inside_one("comms.Recipient", related_name="posted")
    tracking = models.CharField(max_length=40, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.recipient)
