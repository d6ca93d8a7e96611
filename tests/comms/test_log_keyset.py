"""Walking the log page by page meets each entry once, however many arrive meanwhile."""

import base64
import datetime

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comms.log import columns, keyset
from comms.log.listing import Listing
from comms.models import Delivery
from tests.comms.logbook import write

START = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
NAMES = ["", "ann", "Ann", "Bea", "Zoë"]
entries = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(NAMES)), max_size=6)


def arrive(inside, arriving):
    return [
        write(
            inside.organisation,
            at=START + datetime.timedelta(hours=hour),
            to_name=name,
            to_address="",
            title=name or "-",
        ).pk
        for hour, name in arriving
    ]


def page(order, cursor, forward, size):
    rows = keyset.keyed(Delivery.objects.all(), order)
    if cursor:
        rows = rows.filter(keyset.beyond(order, cursor, forward))
    rows = list(keyset.arrange(rows, order, forward)[:size])
    return rows if forward else rows[::-1]


def place(order, row):
    """Through the address and back."""
    return keyset.decode(order, keyset.encode(order, keyset.value_of(order, row), row.pk))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(["sent", "-sent", "recipient", "-recipient", "status", "-linked"]),
    size=st.integers(1, 4),
    there=entries,
    arriving=st.lists(entries, max_size=4),
)
def test_neither_skips_nor_repeats_while_others_arrive(inside, sort, size, there, arriving):
    Delivery.objects.all().delete()  # derived rows only; the entries stay
    order = columns.order_by(sort)
    before = arrive(inside, there)
    arriving = list(arriving)

    seen, cursor, last = [], None, None
    while rows := page(order, cursor, True, size):
        seen += [row.pk for row in rows]
        cursor, last = place(order, rows[-1]), rows
        if arriving:
            arrive(inside, arriving.pop())

    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    if last:
        back, cursor = [], place(order, last[0])
        while rows := page(order, cursor, False, size):
            back = [row.pk for row in rows] + back
            cursor = place(order, rows[0])
        everything = [row.pk for row in page(order, None, True, 10_000)]
        assert back == everything[: everything.index(last[0].pk)]


@given(text=st.text(max_size=60), param=st.sampled_from(["sent", "-sent", "recipient"]))
def test_no_word_in_the_address_breaks_it(text, param):
    keyset.decode(columns.order_by(param), text)


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        "{}",
        '["-sent",1]',
        '["-sent",1e999,1]',
        '["-sent",99999999999999999999,1]',
        '["-sent",1,-1]',
        '["-sent",null,1]',
        '["-sent",true,true]',
    ],
)
def test_forged_places_are_no_places(value):
    text = base64.urlsafe_b64encode(value.encode()).decode()

    assert keyset.decode(columns.NEWEST, text) is None


def test_new_arrivals_do_not_move_the_older_page(inside):
    for hour in range(60):
        write(inside.organisation, at=START + datetime.timedelta(minutes=hour), title=str(hour))

    def listing(query):
        now = START + datetime.timedelta(days=1)
        return Listing(QueryDict(query), inside.organisation, now=now)

    url = listing("per_page=25").older_url.lstrip("?")
    first = [row.pk for row in listing(url).rows]
    write(inside.organisation, at=START + datetime.timedelta(hours=2))

    assert [row.pk for row in listing(url).rows] == first
