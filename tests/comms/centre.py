"""What the tests of the Communications Centre have in common: a draft, and the addresses of its pages."""

from django.urls import reverse

from comms.models import Communication, Recipient


def draft(cast, people=0, **facts):
    """A circular to the first so many people of the block, not yet scheduled."""
    facts = {"type": "circular", "block": cast.block, "subject": "Lift 2", "body": "<p>Dear all</p>", **facts}
    one = Communication.objects.create(organisation=cast.organisation, created_by=cast.alice, **facts)
    for contact, unit in list(zip(cast.contacts, cast.units, strict=True))[:people]:
        Recipient.objects.create(
            organisation=cast.organisation,
            communication=one,
            contact=contact,
            unit=unit,
            name=contact.name,
            email=contact.email,
            merge_values={"salutation": contact.salutation},
        )
    return one


def page(name, one):
    """The address of a page about a communication, a recipient or an attachment."""
    return reverse(f"comms:{name}", args=[one.organisation.slug, one.public_id])
