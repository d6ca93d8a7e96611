"""The words of the API: S3's five for what became of a message, beside our finer ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers

from comms.drafting.saving import Meanwhile
from comms.models import Communication, Delivery, Recipient
from comms.models.communication import Refused
from portfolio.api.problems import Conflict

FIVE = ("pending", "delivered", "bounced", "failed", "opened")
STATUS = Delivery.Status
READS_AS: dict[str, str] = {
    STATUS.QUEUED: "pending",
    STATUS.DEFERRED: "pending",
    STATUS.SENT: "pending",
    STATUS.UNCONFIRMED: "pending",
    STATUS.DELIVERED: "delivered",
    STATUS.SPAM: "delivered",  # it arrived, and then they complained
    STATUS.OPENED: "opened",
    STATUS.CLICKED: "opened",
    STATUS.BOUNCED: "bounced",
    STATUS.FAILED: "failed",
    STATUS.DROPPED: "failed",
}
# What the API calls something in place of what a page's form calls it.
NAMES = {
    "type": "communication_type",
    "block": "block_id",
    "unit": "unit_id",
    "template": "template_id",
    "body": "body_html",
    "word": "channel",
    **dict.fromkeys(("rule", "second", "third"), "channel"),
}


def at(name: str) -> dict[str, str]:
    """Lead what a form says about a date and a time to the one field in which the API takes both."""
    return dict.fromkeys(("date", "time", "which"), name)


def finer(five: str) -> list[str]:
    """Give our statuses that one of the five stands for."""
    return [status for status, word in READS_AS.items() if word == five]


@contextmanager
def refusing() -> Iterator[None]:
    """Tell what is not possible now as a conflict (409), in the sentence that the page would show."""
    try:
        yield
    except (Refused, Meanwhile) as refused:
        raise Conflict(str(refused)) from refused


class Outcome(serializers.Serializer):
    """What became of a message, in five words and in ours."""

    delivery_status = serializers.SerializerMethodField(help_text="In five words.")
    status = serializers.SerializerMethodField(help_text="In ours.")
    failure_reason = serializers.SerializerMethodField()

    def delivery(self, row: Any) -> Delivery | None:
        if isinstance(row, Recipient):
            entry = getattr(row, "entry", None)
            return entry.delivery if entry else None
        return row if isinstance(row, Delivery) else row.delivery

    def get_status(self, row: Any) -> str:
        delivery = self.delivery(row)
        return str(delivery.status) if delivery else STATUS.QUEUED.value

    def get_delivery_status(self, row: Any) -> str:
        return READS_AS[self.get_status(row)]

    def get_failure_reason(self, row: Any) -> str:
        delivery = self.delivery(row)
        return delivery.reason if delivery and self.get_delivery_status(row) in ("bounced", "failed") else ""


TYPES = Communication.Type.choices
WRITTEN = [choice for choice in TYPES if choice[0] in Communication.WRITTEN]
