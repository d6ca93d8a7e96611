"""The list of communications: what it shows, how it is narrowed, how its pages turn."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from comms.models import Communication
from tests.comms.centre import draft, with_people


def test_the_list_asks_a_fixed_number_of_questions(inside, client_of):
    client = client_of(inside.sam)
    counts = []
    for _ in range(2):
        with_people(inside)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/o/larch/communications/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_list_is_filtered_and_shows_what_it_is_filtered_by(inside, client_of):
    draft(inside, subject="Of the block")
    draft(inside, subject="Of nobody", block=None, type="notice")
    client = client_of(inside.sam)

    def page(query):
        return client.get(f"/o/larch/communications/?{query}").content.decode()

    assert "Of nobody" not in page(f"block={inside.block.public_id}")
    assert "Of the block" not in page("type=notice") and "Type: <b>Notice</b>" in page("type=notice")
    assert "No communications match" in page("status=sent")
    assert "No communications match" in page("block=%00") and "No communications match" in page("type=%00x")
    assert "Of the block" not in client_of(inside.mallory).get("/o/harbour/communications/").content.decode()


def test_the_list_turns_its_pages(inside, client_of):
    for number in range(52):
        draft(inside, subject=f"Number {number:02}")
    client = client_of(inside.sam)

    first = client.get("/o/larch/communications/")
    older = client.get("/o/larch/communications/" + first.context["page"].older)

    assert [one.subject for one in older.context["page"].rows] == ["Number 01", "Number 00"]
    newer = client.get("/o/larch/communications/" + older.context["page"].newer)
    assert newer.context["page"].rows == first.context["page"].rows


def test_a_failed_one_says_why_in_the_list(inside, client_of):
    one = draft(inside, status="scheduled", scheduled_at="2026-01-01T09:00Z")
    Communication.objects.filter(pk=one.pk).update(status="sending")
    one.status = "sending"
    one.fail("There was nobody to send it to.", one.created_at)

    assert (
        "There was nobody to send it to."
        in client_of(inside.sam).get("/o/larch/communications/").content.decode()
    )
