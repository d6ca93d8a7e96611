import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comms.models import Communication, Ticket
from tests.comms.logbook import days_ago, happen, write


@pytest.fixture
def log(inside, client_of):
    """Open the log as Audrey, or as somebody else."""

    def open_page(query="", by=None, path="log/"):
        return client_of(by or inside.audrey).get(f"/o/{inside.organisation.slug}/{path}{query}")

    return open_page


def titles(response):
    return [row.entry.title for row in response.context["listing"].rows]


def test_shows_every_column(inside, log):
    entry = write(
        inside.organisation,
        at=days_ago(1),
        block=inside.block,
        unit=inside.units[0],
        reference_type="invoice",
        reference="SC-10883",
        sender_label="Service charges",
        template_label="Demand, version 2",
    )
    happen(entry, "sent", days_ago(1))
    happen(entry, "bounced", days_ago(1), bounce="hard", reason="no such mailbox")

    html = log().content.decode()

    for word in (
        "Priya Raman",
        "priya.raman@example.com",
        "Lift out of service",
        "The lift is out of service on Tuesday.",
        "https://accounts.example/invoices/SC-10883",
        "Service charges",
        "Workflow",
        "Hard: no such mailbox",
        "Demand, version 2",
    ):
        assert word in html, word


def test_nobody_sees_another_organisation(inside, log, cast):
    write(inside.organisation, at=days_ago(1))

    assert log(by=cast.mallory).status_code == 404


@pytest.mark.parametrize("who", ["alice", "sam", "audrey", "adam"])
def test_every_role_reads(inside, log, who):
    write(inside.organisation, at=days_ago(1))

    assert titles(log(by=getattr(inside, who))) == ["Lift out of service"]


def test_opens_on_seven_days_and_says_what_is_older(inside, log):
    write(inside.organisation, at=days_ago(2), title="New")
    write(inside.organisation, at=days_ago(20), title="Old")

    response = log()

    assert titles(response) == ["New"]
    assert "1 older matches" in response.content.decode()
    assert titles(log("?sent=all")) == ["New", "Old"]
    assert titles(log("?sent=30d")) == ["New", "Old"]


def test_an_empty_page_says_what_the_dates_hide(inside, log):
    write(inside.organisation, at=days_ago(20))

    assert "Show 1 older" in log().content.decode()


def test_newest_first_and_paged(inside, log):
    for n in range(60):
        write(inside.organisation, at=days_ago(1 + n / 1000), title=f"Message {n}")

    first = log("?per_page=25")
    second = log(first.context["listing"].older_url)
    third = log(second.context["listing"].older_url)
    back = log(third.context["listing"].newer_url)

    assert titles(first) + titles(second) + titles(third) == [f"Message {n}" for n in range(60)]
    assert titles(back) == titles(second)
    assert not third.context["listing"].older_url
    assert not first.context["listing"].newer_url


@pytest.mark.parametrize(
    "query",
    [
        "?after=nonsense",
        "?after=WyJzZW50IiwxLDJd",
        "?before=%00",
        "?sort=nothing",
        "?per_page=many",
        "?per_page=-1",
        "?since=yesterday",
        "?until=2026-02-31",
        "?block=1",
        "?block=7b9b5a10-0000-4000-8000-000000000000",
        "?contact=x&unit=y&ticket=z&communication=u&template=v&about=w",
        "?status=lost",
        "?sent=never",
        "?manual=perhaps",
        "?entry=nothing",
        "?q=%00",
        "?recipient=%00",
        "?channel=%00",
    ],
)
def test_nonsense_is_left_out_and_said(inside, log, query):
    write(inside.organisation, at=days_ago(1))

    response = log(query)

    assert response.status_code == 200
    assert titles(response) == ["Lift out of service"]
    assert "left out" in response.content.decode()


def test_unknown_parameters_are_ignored_quietly(inside, log):
    write(inside.organisation, at=days_ago(1))

    assert not log("?utm_source=mail").context["listing"].problems


def test_sorts_on_every_column_with_empties_last(inside, log):
    write(inside.organisation, at=days_ago(1), title="A", to_name="Zoe", template_label="")
    write(inside.organisation, at=days_ago(2), title="B", to_name="adam", template_label="Beta")
    write(inside.organisation, at=days_ago(3), title="C", to_name="Mia", template_label="Alpha")

    assert titles(log("?sort=recipient")) == ["B", "C", "A"]
    assert titles(log("?sort=-recipient")) == ["A", "C", "B"]
    assert titles(log("?sort=template")) == ["C", "B", "A"]
    assert titles(log("?sort=-template")) == ["B", "C", "A"]
    assert titles(log("?sort=sent")) == ["C", "B", "A"]
    for column in ("channel", "title", "linked", "sender", "status", "type"):
        assert len(titles(log(f"?sort={column}"))) == 3
        assert len(titles(log(f"?sort=-{column}"))) == 3


def test_pages_of_another_order_neither_skip_nor_repeat(inside, log):
    for n in range(60):
        write(
            inside.organisation,
            at=days_ago(1),
            title=f"{n}",
            to_name=["", "Ann", "Bea"][n % 3],
            to_address="",
        )

    for sort in ("recipient", "-recipient"):
        seen, query = [], f"?sort={sort}&per_page=25"
        while query:
            response = log(query)
            seen.append(titles(response))
            query = response.context["listing"].older_url
        back = log(response.context["listing"].newer_url)
        assert sorted(sum(seen, []), key=int) == [str(n) for n in range(60)]
        assert titles(back) == seen[-2]


def test_too_much_to_sort_asks_for_a_filter(inside, log, monkeypatch):
    monkeypatch.setattr("comms.log.listing.SORTED", 1)
    write(inside.organisation, at=days_ago(1), title="New", to_name="Zoe")
    write(inside.organisation, at=days_ago(2), title="Old", to_name="Ann")

    response = log("?sort=recipient")

    assert titles(response) == ["New", "Old"]
    assert "add a filter" in response.content.decode()


def test_a_page_takes_few_queries(inside, client_of):
    ticket = Ticket.objects.create(organisation=inside.organisation, title="Leak")
    circular = Communication.objects.create(
        organisation=inside.organisation, subject="Lift", created_by=inside.alice, block=inside.block
    )
    for n in range(30):
        write(
            inside.organisation,
            at=days_ago(1),
            block=inside.block,
            unit=inside.units[n % 3],
            contact=inside.contacts[n % 3],
            ticket=ticket,
            communication=circular,
        )
    client = client_of(inside.audrey)

    for query in (
        "",
        "?q=lift",
        f"?block={inside.block.public_id}&q=lift&recipient=priya",
        "?q=the",
        "?q=zebra",
        "?q=lift&sort=title",
        "?q=zebra&recipient=nobody&sort=title",
    ):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/o/{inside.organisation.slug}/log/{query}")
        noted = [q for q in queries if q["sql"].startswith('INSERT INTO "comms_access"')]
        assert len(noted) == (1 if query else 0)
        assert len(queries) - len(noted) <= 8, [q["sql"][:80] for q in queries]


def test_shows_the_entry_that_the_address_asks_for(inside, log):
    write(inside.organisation, at=days_ago(1), title="First")
    entry = write(inside.organisation, at=days_ago(2), title="Second")

    html = log(f"?entry={entry.public_id}").content.decode()

    assert "<h2>Second</h2>" in html
    assert html.count('aria-current="true"') >= 1


def test_a_contact_has_what_was_sent_to_them_and_what_is_about_them(inside, log):
    ann, parent = inside.contacts[:2]
    write(inside.organisation, at=days_ago(400), title="To Ann", contact=ann)
    write(inside.organisation, at=days_ago(400), title="To her parent", contact=parent, regarding=ann)
    write(
        inside.organisation,
        at=days_ago(400),
        title="To Ann for another",
        contact=ann,
        regarding=inside.contacts[2],
    )

    path = f"contacts/{ann.public_id}/communications/"

    assert sorted(titles(log(path=path))) == ["To Ann", "To Ann for another"]
    assert sorted(titles(log("?reading=about", path=path))) == ["To Ann", "To her parent"]


def test_a_block_has_its_flats_and_a_flat_its_own(inside, log):
    write(inside.organisation, at=days_ago(400), title="Block", block=inside.block)
    write(inside.organisation, at=days_ago(400), title="Flat", block=inside.block, unit=inside.units[0])

    assert len(titles(log(path=f"blocks/{inside.block.public_id}/communications/"))) == 2
    assert titles(log(path=f"units/{inside.units[0].public_id}/communications/")) == ["Flat"]
    assert log(path=f"blocks/{inside.theirs.public_id}/communications/").status_code == 404
