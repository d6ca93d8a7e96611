"""What speaks for and against that a message arrived whose handover broke off."""

from dataclasses import dataclass, field

from django.utils import timezone

from comms.models import Delivery, DeliveryEvent

HEARD = ("delivered", "opened", "clicked", "spam")
LATER = 3  # later messages to the same address that are looked at


@dataclass
class Evidence:
    """The two sides, each point a sentence."""

    delivery: Delivery
    attempts: list[DeliveryEvent] = field(default_factory=list)
    broke: DeliveryEvent | None = None
    arrived: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def of(delivery: Delivery) -> Evidence:
    """Gather what is known of one message, of the others that went with it, and of later ones to the same address."""
    events = list(delivery.entry.events.order_by("id"))
    found = Evidence(delivery, [event for event in events if event.kind == "attempted"])
    found.broke = next((event for event in reversed(events) if event.kind == "unconfirmed"), None)
    _the_line(found)
    _the_silence(found)
    _the_others(found)
    _later_ones(found)
    return found


def _the_line(found: Evidence) -> None:
    if found.broke is None:
        return
    if found.broke.source == "blockpost":
        found.lost.append("Our side stopped during the handover, perhaps before the message was through.")
    else:
        found.arrived.append("The whole message was handed over; only the answer to it is missing.")


def _the_silence(found: Evidence) -> None:
    hours = int((timezone.now() - found.delivery.status_at).total_seconds() // 3600)
    if hours >= 1:
        long = f"{hours} hour{'s' if hours > 1 else ''}" if hours < 48 else f"{hours // 24} days"
        found.arrived.append(f"Nothing has come back in {long}. What cannot be delivered mostly does.")


def _the_others(found: Evidence) -> None:
    delivery = found.delivery
    if not delivery.communication_id:
        return
    others = Delivery.objects.filter(communication=delivery.communication, channel=delivery.channel)
    others = others.exclude(pk=delivery.pk).exclude(status__in=("queued", "dropped"))
    all_of_them, heard = others.count(), others.filter(status__in=HEARD).count()
    if heard:
        found.lost.append(
            f"Of {all_of_them} others that went with it, {heard} were reported as delivered; this one was not."
        )
    elif all_of_them:
        found.arrived.append(
            "None of those that went with it was reported as delivered, so silence says little."
        )


def _later_ones(found: Evidence) -> None:
    entry = found.delivery.entry
    same = Delivery.objects.filter(
        contact=found.delivery.contact,
        channel=entry.channel,
        entry__to_address=entry.to_address,
        at__gt=found.delivery.at,
    )
    if not found.delivery.contact_id:
        return
    later = list(same.order_by("at", "pk")[:LATER])
    if any(one.status in HEARD for one in later):
        found.arrived.append("A later message to the same address was delivered, so the address is right.")
    if any(one.status == "bounced" and one.bounce == "hard" for one in later):
        found.lost.append("A later message to the same address came back for good.")
