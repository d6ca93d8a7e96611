"""What became of it: counts, who needs a person, the live part, and a status that a person sets."""

import datetime
import uuid

import pytest
from django.utils import timezone

from comms.models import Communication, DeliveryEvent, Recipient
from comms.record import entries, events
from comms.sending import compose
from tests.comms.centre import address, told, with_people

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def sending(inside):
    """A communication that is being sent: one bounced, one was sent, one is still queued."""
    one = with_people(inside, status="scheduled", scheduled_at=timezone.now() - HOUR)
    one.begin(timezone.now())
    wording = compose.Wording.of(one)
    for recipient, kind, bounce in zip(
        one.recipients.all()[:2], ("sent", "bounced"), ("", "hard"), strict=True
    ):
        [entry] = entries.write([compose.entry_for(wording, recipient)[0]])
        events.append(entry, kind, happened_at=timezone.now(), source="smtp", bounce=bounce)
        Recipient.objects.filter(pk=recipient.pk).update(state="done")
    return one


def status_form(client, recipient):
    path = f"/o/larch/recipients/{recipient.public_id}/status/"
    return path, client.get(path)


def set_status(client, recipient, **words):
    moment = timezone.localtime() - HOUR
    words = {
        "status": "delivered",
        "reason": "",
        "date": str(moment.date()),
        "time": f"{moment:%H:%M}",
        **words,
    }
    return client.post(f"/o/larch/recipients/{recipient.public_id}/status/", {"once": uuid.uuid4(), **words})


def test_the_counts_and_those_who_need_a_person_first(sending, inside, client_of):
    response = client_of(inside.audrey).get(address(sending, "progress/"))

    counts = dict(response.context["counts"])
    assert (counts["queued"], counts["sent"], counts["bounced"]) == (1, 1, 1)
    assert [person.now for person in response.context["shown"]] == ["bounced", "sent", "queued"]
    assert "2 of 3 tried" in response.content.decode()


def test_a_status_narrows_the_list(sending, inside, client_of):
    client = client_of(inside.sam)

    queued = client.get(address(sending, "progress/?status=queued")).context["shown"]
    anything = client.get(address(sending, "progress/?status=nonsense&after=x")).context["shown"]

    pending = client.get(address(sending, "progress/?status=pending")).context["shown"]
    assert [person.now for person in queued] == [person.now for person in pending] == ["queued"]
    assert len(anything) == 3


def test_the_live_part_is_asked_for_again_until_it_is_over(sending, inside, client_of):
    client = client_of(inside.sam)
    live = address(sending, "progress/?live=1")

    running = client.get(live, headers={"HX-Request": "true"})
    sending.finish(timezone.now())
    over = client.get(live, headers={"HX-Request": "true"})

    assert running.status_code == 200 and 'hx-trigger="every 2s"' in running.content.decode()
    assert over.status_code == 286 and "hx-trigger" not in over.content.decode()
    assert "<html" not in over.content.decode()
    whole = client.get(address(sending, "progress/")).content.decode()
    assert "1 of 3 failed" in whole and "hx-trigger" not in whole


def test_one_that_is_due_next_month_is_not_asked_about_every_other_second(inside, client_of):
    one = with_people(inside, status="scheduled", scheduled_at=timezone.now() + datetime.timedelta(days=30))

    assert "hx-trigger" not in client_of(inside.sam).get(address(one, "progress/")).content.decode()


def test_many_recipients_stand_on_pages(inside, client_of):
    one = with_people(inside)
    Recipient.objects.bulk_create(
        Recipient(organisation=inside.organisation, communication=one, name=f"Person {n}") for n in range(150)
    )
    client = client_of(inside.sam)

    first = client.get(address(one, "progress/"))
    second = client.get(address(one, f"progress/?after={first.context['next']}"))

    names = [person.name for page in (first, second) for person in page.context["shown"]]
    assert len(names) == len(set(names)) == 153


def test_a_person_sets_a_status_and_what_was_said_before_stays(sending, inside, client_of):
    bounced = sending.recipients.all()[1]

    response = set_status(client_of(inside.alice), bounced, status="delivered", reason="She rang")

    assert "It stands in the log under your name." in told(response)
    bounced.entry.delivery.refresh_from_db()
    assert bounced.entry.delivery.status == "delivered"
    said = bounced.entry.events.values_list("kind", "source", "actor")
    assert list(said) == [("bounced", "smtp", None), ("delivered", "person", inside.alice.pk)]


def test_the_same_form_sent_twice_is_one_word(sending, inside, client_of):
    person, client = sending.recipients.first(), client_of(inside.alice)
    once = str(uuid.uuid4())

    for _ in range(2):
        assert set_status(client, person, once=once).status_code == 302

    assert DeliveryEvent.objects.filter(source="person").count() == 1


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"status": "bounced"}, "reason"),
        ({"status": "failed", "reason": "  "}, "reason"),
        ({"status": "spam"}, "status"),
        ({"date": "2099-01-01"}, "date"),
        ({"time": "noon"}, "time"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_a_status_that_cannot_be_is_refused_at_its_field(sending, inside, client_of, words, field):
    response = set_status(client_of(inside.alice), sending.recipients.first(), **words)

    assert response.status_code == 422 and response.context["form"].errors[field]
    assert not DeliveryEvent.objects.filter(source="person").exists()


def test_before_sending_no_status_is_set(sending, inside, client_of):
    waiting = sending.recipients.last()

    response = set_status(client_of(inside.alice), waiting)

    assert response.status_code == 302 and "has not been sent to them yet" in told(response)
    assert not DeliveryEvent.objects.filter(source="person").exists()


def test_those_in_doubt_are_listed_and_counted(sending, inside, client_of):
    person, client = sending.recipients.last(), client_of(inside.sam)
    entries.write([compose.entry_for(compose.Wording.of(sending), person)[0]])
    assert "unconfirmed" not in client.get("/o/larch/communications/").content.decode().lower()
    events.append(person.entry, "unconfirmed", happened_at=timezone.now(), source="blockpost")
    Recipient.objects.filter(pk=person.pk).update(state="unconfirmed")

    page = client.get("/o/larch/unconfirmed/").content.decode()

    assert person.name in page and person.entry.to_address in page and "Each may have arrived." in page
    assert "1 unconfirmed." in client.get("/o/larch/communications/").content.decode()
    theirs = client_of(inside.mallory).get("/o/harbour/unconfirmed/").content.decode()
    assert "Nothing is in doubt" in theirs and person.name not in theirs


def test_a_recipient_of_another_organisation_is_not_there(sending, inside, client_of):
    path = f"/o/harbour/recipients/{sending.recipients.first().public_id}/status/"

    assert client_of(inside.mallory).get(path).status_code == 404
    assert client_of(inside.mallory).post(path, {"status": "delivered"}).status_code == 404
    assert Communication.objects.get().status == "sending"
