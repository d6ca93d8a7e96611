"""Whatever becomes of a contact afterwards, what was sent reads as it was sent."""

import datetime

from django.utils import timezone

from comms.drafting import audience, moves
from comms.models import Communication, LogEntry
from comms.record import entries, events
from comms.sending import compose
from contacts.models import AddressFlag, Contact, Occupancy
from portfolio.models import Block, Unit
from tests.contacts.test_editing import form, office, rows

__all__ = ["office"]
BODY = "<p>Dear {{salutation}}, the lift of {{block_name}} stands still. Your flat: {{unit_name}}.</p>"


def sent_to(cast, contact, unit) -> LogEntry:
    """Record one message as sending does, with its exact bytes."""
    communication = Communication.objects.create(
        organisation=cast.organisation,
        block=cast.block,
        subject="Lift for {{full_name}}",
        body=BODY,
        created_by=cast.alice,
    )
    audience.add(audience.plan(communication, [unit], "leaseholder", timezone.localdate()))
    entry, why = compose.entry_for(
        compose.Wording.of(communication), communication.recipients.get(contact=contact)
    )
    assert not why
    entries.write([entry])
    events.append(entry, "sent", happened_at=timezone.now(), source="smtp")
    return LogEntry.objects.get(pk=entry.pk)


def test_entry_snapshot_preview_and_export_read_as_before(committed, inside, office):
    ada, unit = inside.contacts[0], inside.units[0]
    entry = sent_to(inside, ada, unit)
    root = f"log/{entry.public_id}/"
    recipient = entry.recipient

    def seen() -> dict[str, object]:
        download = office.client.get(f"/o/{inside.organisation.slug}/{root}original")
        export = office.client.post(f"/o/{inside.organisation.slug}/log/export.csv", {"sent": "all"})
        recipient.refresh_from_db()
        return {
            "page": office.get(root).split("<main")[1].split("Linked to")[0],
            "frame": office.get(f"{root}message.html"),
            "bytes": b"".join(download.streaming_content),
            "export": b"".join(export.streaming_content).decode().splitlines()[1],
            "snapshot": (recipient.name, recipient.email, recipient.address, recipient.merge_values),
        }

    before = seen()
    assert "OfLarch" in str(before["frame"]) and b"person1@simulator.example" in before["bytes"]
    office.post(
        f"contacts/{ada.public_id}/edit/",
        **form(**rows("email", "other@simulator.example"), name="Dr Siân O’Neill-Okafor"),
    )
    held = Occupancy.objects.get(unit=unit)
    office.post(
        f"units/{unit.public_id}/move/", on=timezone.localdate().isoformat(), role="leaseholder",
        leaving=[str(held.public_id)], **{"new-TOTAL_FORMS": "0", "new-INITIAL_FORMS": "0"},
    )  # fmt: skip
    Occupancy.objects.create(organisation=inside.organisation, unit=inside.units[1], contact=ada)
    office.post(f"units/{unit.public_id}/edit/", name="Penthouse", reference="", position="1")

    assert Contact.objects.get(pk=ada.pk).email == "other@simulator.example"
    assert Unit.objects.get(pk=unit.pk).name == "Penthouse"
    assert Block.objects.get(pk=inside.block.pk).name == "Acacia Court"
    office.get(root)  # says what was saved
    after = seen()
    assert {name: after[name] == before[name] for name in before} == dict.fromkeys(before, True)


def test_what_comes_back_for_good_flags_the_address_once(inside):
    ada = inside.contacts[0]
    entry = sent_to(inside, ada, inside.units[0])
    for reason in ("550 5.1.1 No such mailbox", "550 5.1.1 Still none"):
        events.append(
            entry, "bounced", happened_at=timezone.now(), source="smtp", bounce="hard", reason=reason
        )

    flag = AddressFlag.objects.get()
    assert (flag.address, flag.reason) == (ada.email.lower(), "550 5.1.1 No such mailbox")
    assert list(Contact.objects.flagged()) == [ada]


def test_what_comes_back_for_now_flags_nothing(inside):
    entry = sent_to(inside, inside.contacts[0], inside.units[0])
    events.append(entry, "bounced", happened_at=timezone.now(), source="smtp", bounce="soft", reason="Full")

    assert not AddressFlag.objects.exists()


def test_nobody_who_comes_later_is_taken_for_who_has_left(inside):
    """A draft that goes out after a sale names who will have left by then, not who has left today."""
    unit, today = inside.units[0], timezone.localdate()
    draft = Communication.objects.create(
        organisation=inside.organisation, subject="Lift", created_by=inside.alice
    )
    audience.add(audience.plan(draft, [unit], "leaseholder", today))
    Occupancy.objects.filter(unit=unit).update(until=today + datetime.timedelta(days=5))
    assert moves.affected(unit, today) == []
    draft.schedule(at=timezone.now() + datetime.timedelta(days=30), by=inside.alice)

    (one,) = moves.affected(unit, today)
    assert [recipient.contact for recipient in one.leaving] == [inside.contacts[0]] and one.coming == []
