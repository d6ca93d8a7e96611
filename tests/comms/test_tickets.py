"""Tickets: lists, the page of one, and what is done to it."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from comms.models import Communication, Content, LogEntry, Ticket, TicketChange, TicketMessage
from comms.record import events, tickets
from comms.sending import follow_up
from portfolio.models import Organisation
from tests.comms.centre import told
from tests.comms.test_sending import circular, send


@pytest.fixture
def bounced(inside, sink):
    """A notice that came back for good, with its ticket."""
    one = circular(inside, type="notice", people=inside.contacts[:1])
    send()
    entry = one.recipients.get().entry
    events.append(
        entry,
        "bounced",
        happened_at=timezone.now(),
        source="mailbox",
        bounce="hard",
        reason="No such address.",
    )
    sink.kept.clear()
    return Ticket.objects.select_related("entry").get()


def at(ticket, name=""):
    return reverse(f"comms:ticket{name and '-' + name}", args=[ticket.organisation.slug, ticket.public_id])


def listed(client, cast, query=""):
    return client.get(f"/o/{cast.organisation.slug}/tickets/?{query}").content.decode()


def kinds(ticket):
    return list(ticket.changes.values_list("kind", flat=True))


def test_the_page_shows_the_whole_thread_oldest_first(cast, bounced, client_of):
    kept = Content.keep(cast.organisation, b"photo")
    attached = {"name": "door.png", "media_type": "image/png", "size": 5, "sha256": kept.sha256}
    message = TicketMessage.objects.create(
        organisation=cast.organisation,
        ticket=bounced,
        via="email",
        from_address="ada@else.example",
        words="I moved <b>house</b>",
        received_at=timezone.now(),
        attachments=[attached],
        automatic=True,
    )

    shown = client_of(cast.audrey).get(at(bounced)).content.decode()

    places = [shown.index(words) for words in ("The whole thread", "No such address.", "Automatic reply")]
    assert places == sorted(places)
    assert "I moved &lt;b&gt;house&lt;/b&gt;" in shown
    assert bounced.entry.title in shown and "Person1" in shown and "Acacia Court" in shown
    assert "Close the ticket" not in shown  # an auditor only looks
    file = reverse("comms:ticket-file", args=[cast.organisation.slug, message.public_id, 1])
    response = client_of(cast.sam).get(file)
    assert response["Content-Disposition"] == 'attachment; filename="door.png"'
    assert b"".join(response.streaming_content) == b"photo"
    assert client_of(cast.sam).get(file.replace("/1/", "/2/")).status_code == 404
    assert client_of(cast.mallory).get(file).status_code == 404


def test_entry_and_ticket_lead_to_each_other(cast, bounced, client_of):
    alice = client_of(cast.alice)

    assert at(bounced) in alice.get(bounced.entry.get_absolute_url()).content.decode()
    assert bounced.entry.get_absolute_url() in alice.get(at(bounced)).content.decode()


def test_a_comment_is_kept_once(cast, bounced, client_of):
    form = {"words": "Rang, no answer", "once": str(uuid.uuid4())}

    for _ in range(2):
        client_of(cast.alice).post(at(bounced, "comment"), form)
    assert client_of(cast.alice).post(at(bounced, "comment"), {**form, "words": ""}).status_code == 422

    change = TicketChange.objects.get(kind="comment")
    assert (change.words, change.actor) == ("Rang, no answer", cast.alice)


def test_it_is_given_to_somebody_by_a_day_and_waits(cast, bounced, client_of):
    form = {"assignee": cast.adam.pk, "due_on": "2026-12-01", "waiting": "on"}

    for _ in range(2):
        client_of(cast.alice).post(at(bounced, "change"), form)

    bounced.refresh_from_db()
    assert (bounced.assignee, bounced.due_on, bounced.state) == (
        cast.adam,
        datetime.date(2026, 12, 1),
        "waiting",
    )
    assert kinds(bounced) == ["opened", "assigned", "due", "waiting"]


def test_it_is_given_only_to_those_who_may_act(cast, bounced, client_of):
    for person in (cast.audrey, cast.mallory):
        response = client_of(cast.alice).post(
            at(bounced, "change"), {"assignee": person.pk, "due_on": "2026-12-01"}
        )
        assert response.status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"outcome": "resent"},
        {"outcome": "posted", "words": " "},
        {"outcome": "waived"},
        {"outcome": "other"},
        {"outcome": "nothing", "words": "x"},
    ],
)
def test_closing_needs_what_was_done(cast, bounced, client_of, form):
    response = client_of(cast.alice).post(at(bounced, "close"), form)

    bounced.refresh_from_db()
    assert response.status_code == 422 and bounced.state == "open"


def test_closed_with_what_was_done_once_and_opened_again_it_keeps_all(cast, bounced, client_of):
    alice = client_of(cast.alice)
    alice.post(at(bounced, "close"), {"outcome": "waived", "words": "She has it already"})
    second = alice.post(at(bounced, "close"), {"outcome": "other", "words": "Twice"})
    assert "Somebody else had closed it" in told(second)
    alice.post(at(bounced, "change"), {"assignee": "", "due_on": "2026-12-01"})
    for _ in range(2):
        alice.post(at(bounced, "reopen"))

    bounced.refresh_from_db()
    assert bounced.state == "open" and bounced.assignee == cast.alice
    assert kinds(bounced) == ["opened", "closed", "reopened"]
    closed = bounced.changes.get(kind="closed")
    assert (closed.outcome, closed.words, closed.actor) == ("waived", "She has it already", cast.alice)


def test_closed_as_sent_again_it_names_the_copy(cast, bounced, client_of, inside):
    Organisation.objects.update(channels=["email", "post"])
    cast.contacts[0].address = "1 Mill Lane\nLeeds\nLS1 4AB"
    cast.contacts[0].save()
    alice = client_of(cast.alice)
    alice.post(
        reverse("comms:send-again", args=[cast.organisation.slug, bounced.entry.public_id]),
        {"channel": "post"},
    )
    send()
    copy = LogEntry.objects.get(copy_of=bounced.entry)
    other = circular(inside, people=inside.contacts[1:2])
    send()
    stranger = other.recipients.get().entry

    refused = alice.post(at(bounced, "close"), {"outcome": "resent", "entry": stranger.public_id})
    alice.post(at(bounced, "close"), {"outcome": "resent", "entry": copy.public_id})

    assert refused.status_code == 422
    assert bounced.changes.get(kind="closed").entry == copy
    assert copy.get_absolute_url() in alice.get(at(bounced)).content.decode()


def test_an_answer_goes_through_the_pipeline_and_belongs_to_the_ticket(cast, bounced, client_of, sink):
    cast.contacts[0].email = "new@simulator.example"
    cast.contacts[0].save()
    form = {"words": "Is this the right address?\n<b>Yes</b>", "channel": "email", "once": str(uuid.uuid4())}

    for _ in range(2):
        client_of(cast.alice).post(at(bounced, "answer"), form)
    send()

    (kept,) = sink.kept
    assert kept.rcpt_to == "new@simulator.example"
    entry = LogEntry.objects.get(type="message")
    assert entry.ticket == bounced and entry.title == f"Re: {bounced.entry.title}"
    assert "<b>Yes</b>" in entry.words
    assert entry.get_absolute_url() in client_of(cast.alice).get(at(bounced)).content.decode()
    assert kinds(bounced) == ["opened", "answered"]


def test_who_wrote_from_outside_is_answered_by_email_and_a_machine_is_not(cast, inside, client_of, sink):
    ticket = Ticket.objects.create(organisation=cast.organisation, title="Who are you?")
    form = {"words": "Hello", "channel": "email", "once": str(uuid.uuid4())}
    facts = {
        "organisation": cast.organisation,
        "ticket": ticket,
        "via": "email",
        "received_at": timezone.now(),
    }
    TicketMessage.objects.create(**facts, from_address="robot@else.example", automatic=True)
    assert client_of(cast.alice).post(at(ticket, "answer"), form).status_code == 422

    TicketMessage.objects.create(**facts, from_address="ada@else.example", from_name="Ada")
    client_of(cast.alice).post(at(ticket, "answer"), form)
    send()

    assert [kept.rcpt_to for kept in sink.kept] == ["ada@else.example"]


def test_one_is_opened_by_hand_about_what_the_address_names(cast, inside, client_of):
    address = f"/o/{cast.organisation.slug}/tickets/new/?contact={cast.contacts[0].public_id}&unit={cast.units[0].public_id}"
    form = {"title": "Ring her", "assignee": cast.adam.pk, "due_on": "2026-12-01", "once": str(uuid.uuid4())}
    alice = client_of(cast.alice)
    assert "Person1" in alice.get(address).content.decode()

    for _ in range(2):
        alice.post(address, form)

    ticket = Ticket.objects.get()
    assert (ticket.contact, ticket.unit, ticket.block) == (cast.contacts[0], cast.units[0], cast.block)
    assert ticket.changes.get().actor == cast.alice
    assert alice.post(address, {**form, "title": ""}).status_code == 422


def test_the_list_is_narrowed(cast, inside, client_of):
    facts = {"organisation": cast.organisation, "due_on": datetime.date(2026, 12, 1)}
    Ticket.objects.create(title="Mine", assignee=cast.alice, block=cast.block, **facts)
    Ticket.objects.create(
        title="Late", assignee=cast.adam, reason="failed", **{**facts, "due_on": "2020-01-01"}
    )
    Ticket.objects.create(title="Done", state="closed", **{**facts, "due_on": "2020-01-01"})
    Ticket.objects.create(title="Held", state="waiting", **facts)
    alice = client_of(cast.alice)

    def named(query):
        page = listed(alice, cast, query)
        return [title for title in ("Mine", "Late", "Done", "Held") if f">{title}</a>" in page]

    assert named("") == ["Mine", "Late", "Held"]
    assert named("state=all") == ["Mine", "Late", "Done", "Held"]
    assert named("state=closed") == ["Done"]
    assert named("assignee=me") == ["Mine"] and named("assignee=nobody") == ["Held"]
    assert named(f"assignee={cast.adam.pk}") == named("overdue=yes") == named("reason=failed") == ["Late"]
    assert named(f"block={cast.block.public_id}") == ["Mine"]
    assert named("q=ine") == ["Mine"]
    assert named("q=%00&state=x&assignee=99999999999999999999&block=y") == ["Mine", "Late", "Held"]
    assert "No tickets match" in listed(alice, cast, "q=nothing")


def test_the_most_urgent_comes_first_and_the_pages_hold_still(cast, inside, client_of):
    for number in range(55):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=54 - number)
        Ticket.objects.create(organisation=cast.organisation, title=f"T{number:02}", due_on=day)
    alice = client_of(cast.alice)

    first = listed(alice, cast)
    assert first.index(">T54<") < first.index(">T53<") and ">T04<" not in first
    after = Ticket.objects.order_by("due_on", "pk")[49].public_id
    assert ">T04<" in listed(alice, cast, f"after={after}")
    both = listed(alice, cast, "state=all")
    assert both.index(">T00<") < both.index(">T01<")  # among closed ones the newest come first


def test_each_thing_has_its_tickets_closed_ones_too(cast, inside, client_of):
    facts = {"organisation": cast.organisation, "state": "closed"}
    Ticket.objects.create(title="Of block", block=cast.block, **facts)
    Ticket.objects.create(title="Of unit", unit=cast.units[0], **facts)
    Ticket.objects.create(title="Of contact", contact=cast.contacts[0], **facts)
    sam = client_of(cast.sam)

    for kind, one in (("block", cast.block), ("unit", cast.units[0]), ("contact", cast.contacts[0])):
        page = sam.get(f"/o/{cast.organisation.slug}/{kind}s/{one.public_id}/tickets/").content.decode()
        found = [other for other in ("block", "unit", "contact") if f"Of {other}</a>" in page]
        assert found == [kind]


def test_the_bar_counts_what_waits_for_this_person(cast, inside, client_of):
    facts = {"organisation": cast.organisation, "title": "T"}
    Ticket.objects.create(assignee=cast.alice, **facts)
    Ticket.objects.create(assignee=cast.alice, state="waiting", **facts)
    Ticket.objects.create(assignee=cast.alice, state="closed", **facts)
    Ticket.objects.create(**facts)
    home = f"/o/{cast.organisation.slug}/log/"

    assert '<span class="count">1<' in client_of(cast.alice).get(home).content.decode()
    assert 'class="count"' not in client_of(cast.adam).get(home).content.decode()
    missing = client_of(cast.alice).get(f"/o/{cast.organisation.slug}/log/{uuid.uuid4()}/")
    assert missing.status_code == 404


ACTIONS = ["comment", "change", "close", "reopen", "answer"]


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_not_act_is_refused(cast, bounced, client_of, action):
    form = {
        "words": "x",
        "outcome": "other",
        "due_on": "2026-12-01",
        "once": str(uuid.uuid4()),
        "channel": "email",
    }

    for person, code in ((cast.audrey, 403), (cast.sam, 403), (cast.mallory, 404)):
        assert client_of(person).post(at(bounced, action), form).status_code == code

    assert kinds(bounced) == ["opened"]


@pytest.fixture
def statutory(inside, sink):
    sink.refusals["person1"] = "451 4.3.0 Later"
    sink.silent.add("person2")
    one = circular(inside, type="notice")
    send()
    return one


def test_what_hangs_gets_a_ticket_once_and_not_before_its_time(inside, statutory):
    now = timezone.now()

    assert follow_up.raise_overdue(now) == 0
    assert follow_up.raise_overdue(now + datetime.timedelta(minutes=16)) == 1
    assert follow_up.raise_overdue(now + datetime.timedelta(hours=25)) == 1
    assert follow_up.raise_overdue(now + datetime.timedelta(hours=26)) == 0

    assert set(Ticket.objects.values_list("reason", flat=True)) == {"unconfirmed", "deferred"}
    assert "24 hours" in Ticket.objects.get(reason="deferred").changes.get().words


def test_a_ring_that_has_too_much_to_raise_leaves_the_rest_to_the_next(inside, sink, monkeypatch):
    sink.silent.add("person")
    circular(inside, type="notice")
    send()
    monkeypatch.setattr(follow_up, "MOST", 2)
    later = timezone.now() + datetime.timedelta(minutes=16)

    assert [follow_up.raise_overdue(later) for _ in range(3)] == [2, 1, 0]


def test_what_was_not_even_tried_for_a_day_gets_one_too(inside, sink, settings):
    settings.EMAIL_PORT = 1
    circular(inside, type="notice")
    send()  # the first is put off, and nobody else is tried

    assert follow_up.raise_overdue(timezone.now() + datetime.timedelta(hours=25)) == 3


def test_an_ordinary_one_gets_none_nor_does_a_letter_that_waits_for_a_person(inside, sink):
    sink.silent.add("person1")
    circular(inside)
    circular(inside, type="notice", channel="hand")
    send()

    assert follow_up.raise_overdue(timezone.now() + datetime.timedelta(days=3)) == 0
    assert Communication.objects.count() == 2


def test_a_reply_opens_a_closed_ticket_and_says_so(cast, bounced):
    tickets.close(bounced, cast.alice, outcome="waived", words="x")

    ticket = tickets.for_reply(bounced.entry)
    tickets.close(ticket, cast.alice, outcome="waived", words="x")
    again = tickets.for_reply(bounced.entry)

    assert ticket == again and again.reason == "reply"
    assert kinds(again) == ["opened", "closed", "reopened"]
