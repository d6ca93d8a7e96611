"""What the tests of the Communications Centre have in common: a draft, and the addresses of its pages."""

import datetime

from django.contrib.messages import get_messages
from django.urls import reverse

from comms.drafting import audience
from comms.models import Communication, Recipient
from portfolio.models import Unit


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


def with_people(cast, **facts):
    """A draft with the three leaseholders of the block, added as the page adds them."""
    one = draft(cast, **facts)
    units = Unit.objects.filter(block=cast.block).select_related("block")
    audience.add(audience.plan(one, units, "leaseholder", datetime.date.today()))
    return one


def address(one, below=""):
    return f"/o/{one.organisation.slug}/communications/{one.public_id}/{below}"


def told(response):
    """Give what the next page would say on top."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def last_sunday(year, month):
    """The day on which the clock changes in Europe, for March and October."""
    day = datetime.date(year, month, 31)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)
