"""Adding, changing, archiving and joining contacts, and who acts for whom."""

import pytest
from django_scopes import scope

from comms.models import Communication, LogEntry
from comms.record import entries
from contacts.models import AddressFlag, Contact, ContactRelation, Occupancy, OtherAddress


@pytest.fixture
def office(inside, client_of):
    """The manager's browser: get and post below the organisation's address."""

    class Office:
        client = client_of(inside.alice)

        def get(self, path: str) -> str:
            response = self.client.get(f"/o/{inside.organisation.slug}/{path}")
            assert response.status_code == 200, response
            return response.content.decode()

        def post(self, path: str, status: int = 302, **data):
            response = self.client.post(f"/o/{inside.organisation.slug}/{path}", data)
            assert response.status_code == status, response.content.decode()[-3000:]
            return response if status == 302 else response.content.decode()

    return Office()


def rows(prefix: str, *values: str, first: int = 0, labels: tuple[str, ...] = ()) -> dict[str, str]:
    """Give the fields of a form's rows of emails or phones."""
    made = {
        f"{prefix}-TOTAL_FORMS": str(len(values)),
        f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-first": str(first),
    }
    for n, value in enumerate(values):
        made[f"{prefix}-{n}-value"] = value
        made[f"{prefix}-{n}-label"] = labels[n] if n < len(labels) else ""
    return made


def form(**changes: str) -> dict[str, str]:
    return {
        "kind": "person",
        "title": "Dr",
        "first_name": "Siân",
        "last_name": "O’Neill-Okafor",
        "language": "cy",
        **rows("email", "sian@simulator.example"),
        **rows("phone", "07700 900123"),
        **changes,
    }


def test_a_contact_is_added_with_several_addresses_of_which_one_is_first(office, inside):
    emails = rows(
        "email", "work@simulator.example", "Home@Simulator.Example", "", first=1, labels=("Work", "Home")
    )
    office.post(
        "contacts/new/", **form(**emails, large_print="on", preferred_channel="post", reference="C-7")
    )

    made = Contact.objects.get(reference="C-7")
    assert (made.name, made.email, made.phone) == (
        "Siân O’Neill-Okafor",
        "Home@simulator.example",
        "+447700900123",
    )
    assert [(o.value, o.label) for o in made.others] == [("work@simulator.example", "Work")]
    page = office.get(f"contacts/{made.public_id}/")
    for words in ("Welsh", "Wants large print", "Letter", "07700 900123", "work@simulator.example", "C-7"):
        assert words in page
    assert made.name in office.get("contacts/?q=work@simul") and made.name in office.get("contacts/?q=C-7")


def test_another_first_address_and_an_emptied_row_are_kept_so(office, inside):
    office.post("contacts/new/", **form(**rows("email", "a@simulator.example", "b@simulator.example")))
    made = Contact.objects.get(last_name="O’Neill-Okafor")

    office.post(
        f"contacts/{made.public_id}/edit/", **form(**rows("email", "a@simulator.example", "b@simulator.example", first=1), **rows("phone", ""))
    )  # fmt: skip

    made = Contact.objects.get(pk=made.pk)
    assert (made.email, made.phone) == ("b@simulator.example", "")
    assert [o.value for o in made.others] == ["a@simulator.example"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (rows("email", "nonsense"), "There is no @ in it"),
        (rows("email", "a@simulator.example", "a@simulator.example"), "here twice"),
        (rows("phone", "call me"), "digits only"),
        ({"first_name": "", "last_name": ""}, "Give a name."),
        ({"kind": "company", "name": ""}, "Give the name of the company."),
        ({"address": "\n".join(f"line {n}" for n in range(9))}, "An envelope shows 7"),
        ({"language": "tlh"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_the_form_and_nothing_typed_is_lost(office, change, sentence):
    before = Contact.objects.count()
    page = office.post("contacts/new/", status=422, **form(notes="Rings at noon", **change))

    assert sentence in page and "Rings at noon" in page
    assert Contact.objects.count() == before


def test_an_email_that_somebody_has_is_asked_about(office, inside):
    ada = inside.contacts[0]
    page = office.post("contacts/new/", status=422, **form(**rows("email", ada.email.upper())))
    assert f"{ada.name} has this email too" in page and 'name="shared"' in page

    office.post("contacts/new/", **form(**rows("email", ada.email), shared="on"))
    assert Contact.objects.filter(email__iexact=ada.email).count() == 2


def test_a_reference_is_given_once(office, inside):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(reference="C-7")

    assert "Another contact has this reference" in office.post(
        "contacts/new/", status=422, **form(reference="c-7")
    )


def test_an_address_without_a_postcode_is_kept_and_warned_of(office):
    office.post("contacts/new/", **form(address="4 rue de la Paix\nParis"))
    made = Contact.objects.get(last_name="O’Neill-Okafor")

    assert made.address == "4 rue de la Paix\nParis"
    assert "No letter can go there yet" in office.get(f"contacts/{made.public_id}/")


def test_who_still_has_a_flat_is_not_archived(office, inside):
    ada = inside.contacts[0]
    office.post(f"contacts/{ada.public_id}/archive/")
    assert Contact.objects.get(pk=ada.pk).archived_at is None
    assert "End that first" in office.get(f"contacts/{ada.public_id}/")

    ada.occupancies.all().delete()
    office.post(f"contacts/{ada.public_id}/archive/")
    office.get("contacts/")  # says that it was done
    assert ada.name not in office.get("contacts/") and ada.name in office.get("contacts/?archived=yes")
    office.post(f"contacts/{ada.public_id}/archive/")
    assert ada.name in office.get("contacts/")


def test_a_flagged_address_is_in_the_list_until_it_is_kept_or_corrected(office, inside):
    ada, bob = inside.contacts[:2]
    for one in (ada, bob):
        AddressFlag.objects.create(
            organisation=inside.organisation,
            kind="email",
            address=one.email.lower(),
            reason="No such mailbox.",
        )
    page = office.get("contacts/flagged/")
    assert ada.name in page and bob.name in page and "No such mailbox." in page
    assert "2 contacts with an address to look at" in office.get("contacts/")
    assert "Check this email address" in office.get(f"contacts/{ada.public_id}/")

    office.post(f"contacts/{ada.public_id}/flags/{ada.flags[0].public_id}/keep/")
    Contact.objects.filter(pk=bob.pk).update(email="new@simulator.example")

    assert "No address needs a look" in office.get("contacts/flagged/")


def test_who_acts_for_whom_is_added_changed_and_taken_out(office, inside):
    ada, son = inside.contacts[:2]
    root = f"contacts/{ada.public_id}/relations/new/"
    assert son.name in office.get(f"{root}?q=person2")
    office.post(f"{root}?by={son.public_id}", kind="attorney", copies="on")
    relation = ContactRelation.objects.get()
    assert (relation.contact, relation.acts_for, relation.copies) == (son, ada, True)
    assert "on record already" in office.post(f"{root}?by={son.public_id}", status=422, kind="attorney")

    office.post(f"relations/{relation.public_id}/", kind="agent")
    relation.refresh_from_db()
    assert (relation.kind, relation.copies) == ("agent", False)
    office.post(f"relations/{relation.public_id}/remove/")
    assert not ContactRelation.objects.exists()


def test_nobody_acts_for_themselves(office, inside):
    ada = inside.contacts[0]
    page = office.get(f"contacts/{ada.public_id}/relations/new/?by={ada.public_id}")

    assert "Who acts for" in page  # asked again


# ------------------------------------------------------------------------------------ one of two


def entry_to(cast, contact):
    (entry,) = entries.write(
        [LogEntry(organisation=cast.organisation, channel="email", title=f"To {contact.pk}", sender_label="Alice",
                  contact=contact, to_name=contact.name, to_address=contact.email)]
    )  # fmt: skip
    return entry


def test_two_are_made_one_and_the_record_is_not_touched(office, inside):
    ada, twin = inside.contacts[0], inside.contacts[1]
    Contact.objects.filter(pk=twin.pk).update(phone="+447700900555", notes="Deaf in one ear.")
    son = inside.contacts[2]
    ContactRelation.objects.create(
        organisation=inside.organisation, contact=son, acts_for=twin, kind="attorney"
    )
    ContactRelation.objects.create(organisation=inside.organisation, contact=twin, acts_for=ada, kind="agent")
    OtherAddress.objects.create(
        organisation=inside.organisation, contact=twin, kind="email", value="old@simulator.example"
    )
    mine, theirs = entry_to(inside, ada), entry_to(inside, twin)
    page = office.get(f"contacts/{ada.public_id}/merge/?with={twin.public_id}")
    assert "Nothing in the log is touched" in page

    office.post(f"contacts/{ada.public_id}/merge/?with={twin.public_id}")

    ada, twin = Contact.objects.get(pk=ada.pk), Contact.objects.get(pk=twin.pk)
    assert twin.archived_at and twin.merged_into == ada
    assert ada.phone == "+447700900555" and ada.notes == "Deaf in one ear."
    assert {o.value for o in ada.others} == {"old@simulator.example", "person2@simulator.example"}
    assert {part.unit.name for part in ada.occupancies.select_related("unit")} == {"Flat 1", "Flat 2"}
    assert [(r.contact, r.acts_for) for r in ContactRelation.objects.all()] == [(son, ada)]
    assert LogEntry.objects.get(pk=theirs.pk).contact == twin
    log = office.get(f"contacts/{ada.public_id}/communications/")
    assert mine.title in log and theirs.title in log
    assert ada.name in office.get(f"contacts/{twin.public_id}/")


def test_three_made_one_in_two_steps_lead_to_the_last(office, inside):
    ada, bob, cat = inside.contacts
    office.post(f"contacts/{bob.public_id}/merge/?with={ada.public_id}")
    office.post(f"contacts/{cat.public_id}/merge/?with={bob.public_id}")

    assert {c.merged_into_id for c in Contact.objects.filter(pk__in=[ada.pk, bob.pk])} == {cat.pk}


def test_duplicates_are_found_by_name_email_and_phone_but_couples_are_two(office, inside):
    make = lambda name, **more: Contact.objects.create(organisation=inside.organisation, name=name, **more)  # noqa: E731
    make("Jo Marsh"), make("JO MARSH", email="jo@simulator.example")
    make("Graham Webb", email="webb@simulator.example"), make("Helen Webb", email="webb@simulator.example")
    make("G. Webb", email="WEBB@simulator.example")
    make("Liam Fox", phone="+447700900777"), make("L Fox", phone="+447700900777")

    page = office.get("contacts/duplicates/")

    assert page.count("Compare") == 3
    assert "Helen Webb" not in page


def test_what_is_of_another_organisation_cannot_be_joined(office, inside, cast, client_of):
    with scope(organisation=cast.other):
        stranger = Contact.objects.first()
    office.post(f"contacts/{inside.contacts[0].public_id}/merge/?with={stranger.public_id}", status=200)

    with scope(organisation=cast.other):
        assert Contact.objects.get(pk=stranger.pk).merged_into is None


# ------------------------------------------------------------------------------------ writing to them


def test_write_begins_a_draft_with_the_contact_and_who_gets_copies(office, inside):
    ada, son = inside.contacts[:2]
    ContactRelation.objects.create(
        organisation=inside.organisation, contact=son, acts_for=ada, kind="attorney", copies=True
    )
    office.post(f"communications/new/?contact={ada.public_id}", type="message", subject="Your key")

    draft = Communication.objects.get()
    assert [(r.contact, r.regarding) for r in draft.recipients.order_by("pk")] == [(ada, None), (son, ada)]


def test_write_to_who_acts_for_another_is_about_that_one(office, inside):
    ada, son = inside.contacts[:2]
    office.post(
        f"communications/new/?contact={son.public_id}&about={ada.public_id}", type="message", subject="Key"
    )

    recipient = Communication.objects.get().recipients.get()
    assert (recipient.contact, recipient.regarding, recipient.unit) == (son, ada, inside.units[0])


@pytest.mark.parametrize(("whose", "count"), [("unit", 1), ("block", 3)])
def test_write_to_a_flat_or_a_block_begins_with_its_leaseholders(office, inside, whose, count):
    of = inside.units[0] if whose == "unit" else inside.block
    page = office.get(f"communications/new/?{whose}={of.public_id}")
    assert '<option value="leaseholder" selected>' in page

    office.post(
        "communications/new/", type="circular", subject="Lift", people="leaseholder", **{whose: of.public_id}
    )
    assert Communication.objects.get().recipients.count() == count


def test_a_communication_to_a_block_has_a_copy_for_who_acts(office, inside):
    ada, agent = (
        inside.contacts[0],
        Contact.objects.create(organisation=inside.organisation, name="Agents Ltd"),
    )
    ContactRelation.objects.create(
        organisation=inside.organisation, contact=agent, acts_for=ada, kind="agent", copies=True
    )
    office.post(
        "communications/new/",
        type="circular",
        subject="Lift",
        people="leaseholder",
        block=inside.block.public_id,
    )

    draft = Communication.objects.get()
    assert draft.recipients.get(contact=agent).regarding == ada
    assert Occupancy.objects.filter(contact=agent).count() == 0
