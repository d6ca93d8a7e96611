"""What an event brings about beside the status, in the same transaction."""

from comms.models import DeliveryEvent, LogEntry
from contacts.models import AddressFlag


def of(event: DeliveryEvent, entry: LogEntry) -> None:
    """Flag the address that something came back from for good, so that somebody looks at it."""
    if event.kind != DeliveryEvent.Kind.BOUNCED or event.bounce != "hard" or entry.channel != "email":
        return
    if entry.to_address:
        AddressFlag.objects.bulk_create(
            [
                AddressFlag(
                    organisation_id=entry.organisation_id,
                    kind=AddressFlag.Kind.EMAIL,
                    address=entry.to_address.lower(),
                    reason=(event.reason or "It came back for good.")[:500],
                    flagged_at=event.happened_at,
                )
            ],
            ignore_conflicts=True,  # it may be flagged already
        )
