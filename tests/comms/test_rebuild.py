"""Deliveries can be made again from entries and events, and what differs is told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from comms.models import Delivery, LogEntry
from comms.record import entries, events


@pytest.fixture
def delivered(inside):
    written = entries.write(
        [
            LogEntry(
                organisation=inside.organisation, channel="email", title=f"Lift {n}", sender_label="Alice"
            )
            for n in range(3)
        ]
    )
    for entry in written:
        events.append(entry, "sent", happened_at=timezone.now(), source="smtp")
        events.append(entry, "delivered", happened_at=timezone.now(), source="smtp")
    return written


def check():
    out = StringIO()
    call_command("rebuild_deliveries", "--check", stdout=out)
    return out.getvalue()


def test_what_was_appended_needs_no_mending(delivered):
    assert "Every delivery" in check()


def test_a_spoiled_delivery_is_told_and_mended(delivered):
    Delivery.objects.filter(pk=delivered[1].pk).update(status="bounced", sender_label="Eve")
    out = StringIO()

    with pytest.raises(CommandError, match="1 deliveries"):
        call_command("rebuild_deliveries", "--check", stdout=out)
    assert f"entry {delivered[1].public_id}: status is 'bounced', should be 'delivered'" in out.getvalue()
    assert Delivery.objects.get(pk=delivered[1].pk).status == "bounced"

    call_command("rebuild_deliveries", stdout=out)

    assert "1 mended" in out.getvalue()
    assert Delivery.objects.get(pk=delivered[1].pk).status == "delivered"
    assert "Every delivery" in check()


def test_a_missing_delivery_is_made(delivered):
    Delivery.objects.filter(pk=delivered[2].pk).delete()

    call_command("rebuild_deliveries", stdout=StringIO())

    assert Delivery.objects.get(pk=delivered[2].pk).status == "delivered"
    assert "Every delivery" in check()
