"""A million entries: every filter finds its page through an index, in few queries. Nothing here asserts a time."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from bench.load import COMMON, RARE, load
from contacts.models import Contact
from portfolio.models import Block, Membership, Organisation, Unit, User
from tests.conftest import as_owner

ENTRIES = 1_000_000
READ_WHOLE = re.compile(r'Seq Scan on "?comms_(delivery|logentry|search)')


@pytest.fixture
def big(committed):
    """The largest organisation of a log of a million, and a browser of its auditor."""
    with as_owner(committed) as owner:
        owner.autocommit = False
        load(owner, ENTRIES, shortest=8, longest=40, texts=2000)
    organisation = Organisation.objects.get(slug="bench-1")
    user = User.objects.create(email="audrey@bench.example", name="Audrey", password="!")
    Membership.objects.create(organisation=organisation, user=user, role=Membership.Role.AUDITOR)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return organisation, client


def combinations(organisation):
    with scope(organisation=organisation):
        block, unit, contact = Block.objects.first(), Unit.objects.first(), Contact.objects.first()
    return [
        "",
        "sent=all",
        "sent=today",
        "since=2024-03-01&until=2024-03-02",
        "sent=all&channel=email",
        "sent=all&channel=whatsapp&channel=portal",
        "sent=all&status=bounced",
        "sent=all&status=bounced&status=failed&status=spam",
        "sent=all&status=unconfirmed&channel=sms",
        "sent=all&bounce=hard",
        "sent=all&recipient=person12%40mail.example",
        "sent=all&recipient=07700+000012",
        "sent=all&recipient=person",
        "sent=all&sender=Manager+2",
        f"sent=all&block={block.public_id}",
        f"sent=all&block={block.public_id}&status=bounced",
        f"sent=all&unit={unit.public_id}",
        f"sent=all&contact={contact.public_id}",
        f"sent=all&about={contact.public_id}",
        "sent=all&reference=SC-100&reference_type=invoice",
        "sent=all&type=notice&status=failed",
        "sent=all&manual=yes",
        f"sent=all&q={RARE}",
        f"sent=all&q={COMMON}",
        f"sent=all&q={COMMON}+-roof&channel=email",
        'sent=all&q="fire+door"',
        f"q={COMMON}",
        "sent=all&status=dropped&sort=recipient",
        "sent=all&sort=-title",
    ]


def test_every_filter_is_served_from_an_index(big):
    organisation, client = big

    for query in combinations(organisation):
        for page in pages(client, f"/o/{organisation.slug}/log/?{query}"):
            assert len(page) <= 8, (query, [sql[:60] for sql in page])
            for sql in page:
                if sql.startswith("SELECT") and "comms_" in sql:
                    assert not READ_WHOLE.search(plan(sql)), (query, sql, plan(sql))


def pages(client, url):
    """Give the queries of the first page and of the one after it."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        assert response.status_code == 200
        yield [query["sql"] for query in queries]
        listing = response.context["listing"]
        if not listing.older_url:
            return
        url = url.split("?")[0] + listing.older_url


def plan(sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return "\n".join(row[0] for row in cursor.fetchall())
