"""The list of communications, newest first, and writing to a contact from their page."""

import datetime

from django.urls import reverse
from django.utils import timezone

from comms.models import Communication


def test_newest_first_and_every_row_once(inside, client_of):
    now = timezone.now()
    for number in range(120):  # written in another order than that of their keys
        Communication.objects.create(
            organisation=inside.organisation,
            subject=f"Number {number:03}",
            created_by=inside.alice,
            created_at=now - datetime.timedelta(minutes=number * 7 % 120),
        )
    client, seen, address = client_of(inside.sam), [], reverse("comms:communications", args=["larch"])

    while address:
        page = client.get(address).context["page"]
        seen += [row.created_at for row in page.rows]
        address = page.after and f"{reverse('comms:communications', args=['larch'])}?after={page.after}"

    assert len(seen) == 120
    assert seen == sorted(seen, reverse=True)


def test_back_leads_to_the_page_before(inside, client_of):
    for number in range(60):
        Communication.objects.create(
            organisation=inside.organisation, subject=f"Number {number}", created_by=inside.alice
        )
    client, address = client_of(inside.sam), reverse("comms:communications", args=["larch"])
    first = client.get(address).context["page"]

    second = client.get(f"{address}?after={first.after}").context["page"]

    assert client.get(f"{address}?before={second.before}").context["page"].rows == first.rows


def test_nonsense_shows_the_first_page(inside, client_of):
    address = reverse("comms:communications", args=["larch"])

    for query in (
        "?after=x",
        "?before=7b9b5a10-0000-4000-8000-000000000000",
        "?block=1",
        "?status=%00",
        "?type=lost",
    ):
        assert client_of(inside.sam).get(address + query).status_code == 200


def test_writing_from_a_contacts_page_has_them_as_recipient(inside, client_of):
    contact = inside.contacts[1]
    address = reverse("comms:write", args=["larch"]) + f"?contact={contact.public_id}"

    client_of(inside.alice).post(address, {"type": "message", "subject": "Your question"})

    recipient = Communication.objects.get().recipients.get()
    assert (recipient.contact, recipient.unit, recipient.email) == (contact, inside.units[1], contact.email)
