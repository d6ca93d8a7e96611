"""Who has a part in which flat and when; a sale in one step, and what it changes for what is still to be sent."""

import datetime

import pytest
from django.utils import timezone

from comms.drafting import audience
from comms.models import Communication
from contacts.models import Contact, Occupancy
from tests.contacts.test_editing import form, office

__all__ = ["office"]
DAY = datetime.date


def part(cast, unit, contact, since=None, until=None, **more):
    return Occupancy.objects.create(
        organisation=cast.organisation, unit=unit, contact=contact, since=since, until=until, **more
    )


def test_who_lived_here_on_a_day(office, inside):
    unit, (ada, bob, _) = inside.units[0], inside.contacts
    Occupancy.objects.filter(unit=unit).delete()
    part(inside, unit, ada, DAY(2011, 3, 4), DAY(2024, 3, 3))
    part(inside, unit, bob, DAY(2024, 3, 4))

    def there(path: str) -> set[str]:
        page = office.get(path)
        table = page.split("</caption>")[1].split("</table>")[0]
        return {one.name for one in (ada, bob) if one.name in table}

    root = f"units/{unit.public_id}/"
    assert there(f"{root}?on=2024-03-03") == {ada.name}
    assert there(f"{root}?on=2024-03-04") == {bob.name} == there(root)
    assert "on 3 Mar 2024" in office.get(f"{root}?on=2024-03-03")
    block = office.get(f"blocks/{inside.block.public_id}/?on=2024-03-03")
    assert ada.name in block.split("Flat 2")[0] and bob.name not in block.split("Flat 2")[0]
    assert "Give the date" in office.get(f"{root}?on=2024-02-31")
    assert "Nobody on record" in office.get(f"{root}?on=2001-01-01")


def test_a_person_is_given_a_part_in_a_flat_from_either_side(office, inside):
    unit, bob = inside.units[0], inside.contacts[1]
    assert bob.name in office.get(f"occupancies/new/?unit={unit.public_id}&q=person2")
    assert "Flat 1" in office.get(f"occupancies/new/?contact={bob.public_id}&q=flat+1+acacia")

    office.post(
        f"occupancies/new/?unit={unit.public_id}&contact={bob.public_id}", role="tenant", since="2026-01-01"
    )

    made = Occupancy.objects.get(unit=unit, contact=bob)
    assert (made.role, made.since, made.until) == ("tenant", DAY(2026, 1, 1), None)


def test_somebody_new_is_added_on_the_way(office, inside):
    unit = inside.units[0]
    response = office.client.post(
        f"/o/{inside.organisation.slug}/contacts/new/?unit={unit.public_id}", form()
    )
    made = Contact.objects.get(last_name="O’Neill-Okafor")

    assert response["Location"].endswith(f"occupancies/new/?unit={unit.public_id}&contact={made.public_id}")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"role": "tenant", "since": "2026-02-01", "until": "2026-01-01"},
            "It ends before it starts, on 1 Feb 2026",
        ),
        (
            {"role": "leaseholder", "ownership": "sole"},
            "Person1 OfLarch is leaseholder of Flat 1 in that time too",
        ),
        ({"role": "tenant", "ownership": "joint"}, "Only a leaseholder or a freeholder owns"),
        ({"role": "tenant", "since": "31/02/2026"}, "Give the date as day, month and year"),
        ({"role": "tenant", "since": "0001-01-01"}, "Look at the year"),
        ({"role": "king"}, "Select a valid choice"),
    ],
)
def test_a_part_that_cannot_be_is_refused_in_a_sentence(office, inside, asked, sentence):
    unit, bob = inside.units[0], inside.contacts[1]
    page = office.post(f"occupancies/new/?unit={unit.public_id}&contact={bob.public_id}", status=422, **asked)

    assert sentence in page
    assert not Occupancy.objects.filter(unit=unit, contact=bob).exists()


def test_the_same_part_twice_in_one_time_is_refused(office, inside):
    unit, ada = inside.units[0], inside.contacts[0]
    page = office.post(
        f"occupancies/new/?unit={unit.public_id}&contact={ada.public_id}", status=422, role="leaseholder"
    )

    assert "in that time already" in page


def test_joint_owners_stand_beside_each_other_but_not_beside_a_sole_one(office, inside):
    unit, (ada, bob, _) = inside.units[0], inside.contacts
    office.post(
        f"occupancies/new/?unit={unit.public_id}&contact={bob.public_id}",
        role="leaseholder",
        ownership="joint",
    )
    first = Occupancy.objects.get(unit=unit, contact=ada)

    page = office.post(f"occupancies/{first.public_id}/", status=422, role="leaseholder", ownership="sole")

    assert "there is no sole owner" in page


def test_a_flat_has_one_first_contact(office, inside):
    unit, bob = inside.units[0], inside.contacts[1]
    office.post(
        f"occupancies/new/?unit={unit.public_id}&contact={bob.public_id}", role="tenant", is_primary="on"
    )

    assert [o.contact for o in Occupancy.objects.filter(unit=unit, is_primary=True)] == [bob]


def test_a_part_that_never_was_is_taken_out_and_stays_in_the_activity(office, inside):
    first = Occupancy.objects.get(unit=inside.units[0])
    office.post(f"occupancies/{first.public_id}/remove/")

    assert not Occupancy.objects.filter(unit=inside.units[0]).exists()
    assert "Removed: Person1 OfLarch, leaseholder of Flat 1" in office.get(
        f"units/{inside.units[0].public_id}/activity/"
    )


# ------------------------------------------------------------------------------------ a sale


def newcomers(*people: dict[str, str]) -> dict[str, str]:
    made = {"new-TOTAL_FORMS": str(len(people)), "new-INITIAL_FORMS": "0"}
    for n, person in enumerate(people):
        made |= {f"new-{n}-{name}": value for name, value in person.items()}
    return made


def test_a_sale_is_one_step_and_shows_what_is_still_to_be_sent_to_whom(office, inside):
    unit, ada = inside.units[0], inside.contacts[0]
    held = Occupancy.objects.get(unit=unit)
    scheduled = Communication.objects.create(
        organisation=inside.organisation,
        subject="Service charge demand",
        created_by=inside.alice,
        block=inside.block,
    )
    audience.add(audience.plan(scheduled, [unit], "leaseholder", timezone.localdate()))
    scheduled.schedule(at=timezone.now() + datetime.timedelta(days=30), by=inside.alice)
    before = office.client.get(
        f"/o/{inside.organisation.slug}/units/{unit.public_id}/waiting/", headers={"HX-Request": "true"}
    ).content.decode()
    assert "Service charge demand" in before and "<html" not in before

    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    response = office.post(
        f"units/{unit.public_id}/move/",
        on=tomorrow.isoformat(), role="leaseholder", leaving=[str(held.public_id)],
        **newcomers({"name": "Ben Carter", "email": "ben@simulator.example"}, {"name": "Zoe Carter", "phone": "07700 900321"}),
    )  # fmt: skip

    held.refresh_from_db()
    assert held.until == timezone.localdate() and not held.is_primary
    came = Occupancy.objects.filter(unit=unit, since=tomorrow).order_by("pk")
    assert [(o.contact.name, o.ownership, o.is_primary) for o in came.select_related("contact")] == [
        ("Ben Carter", "joint", True),
        ("Zoe Carter", "joint", False),
    ]
    page = office.client.get(response["Location"]).content.decode()
    assert ada.name in page and "who will have left" in page and "Send to 2 newcomers instead" in page

    office.post(f"units/{unit.public_id}/waiting/", communication=str(scheduled.public_id))
    assert sorted(r.name for r in scheduled.recipients.all()) == ["Ben Carter", "Zoe Carter"]
    assert "goes to somebody who has left" in office.get(f"units/{unit.public_id}/waiting/")


def test_who_is_known_already_is_recognised_and_who_is_not_alone_of_that_name_is_asked_about(office, inside):
    unit, bob = inside.units[0], inside.contacts[1]
    data = {"on": "2026-11-01", "role": "tenant"}
    office.post(f"units/{unit.public_id}/move/", **data, **newcomers({"name": "person2 oflarch"}))
    assert Occupancy.objects.filter(unit=unit, contact=bob, role="tenant").exists()

    for _ in range(2):
        Contact.objects.create(organisation=inside.organisation, name="John Smith")
    page = office.post(
        f"units/{unit.public_id}/move/", status=422, **data, **newcomers({"name": "John Smith"})
    )
    assert "2 contacts are called John Smith" in page


def test_a_sale_that_cannot_be_changes_nothing(office, inside):
    unit = inside.units[0]
    held = Occupancy.objects.get(unit=unit)
    Occupancy.objects.filter(pk=held.pk).update(since=DAY(2026, 6, 1))
    before = Contact.objects.count()
    root = f"units/{unit.public_id}/move/"

    early = office.post(root, status=422, on="2026-05-01", role="leaseholder", leaving=[str(held.public_id)], **newcomers({"name": "Ben"}))  # fmt: skip
    nobody = office.post(root, status=422, on="2026-07-01", role="leaseholder", **newcomers({}))
    nameless = office.post(root, status=422, on="2026-07-01", role="tenant", **newcomers({"email": "ben@simulator.example"}))  # fmt: skip
    Occupancy.objects.filter(pk=held.pk).update(ownership="sole")
    sole = office.post(root, status=422, on="2026-07-01", role="leaseholder", **newcomers({"name": "Ben"}))

    assert "came after that day" in early and "Tick who leaves" in nobody and "Give the name" in nameless
    assert "no sole owner" in sole
    assert Contact.objects.count() == before and Occupancy.objects.get(pk=held.pk).until is None
