"""The list of communications: what it shows of each, and how it is narrowed."""

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
    assert f'value="{inside.units[0].public_id}"' in page(f"block={inside.block.public_id}")
    assert "No communications match" in page(f"unit={inside.units[0].public_id}")
    assert "Of the block" not in page("type=notice") and "Type: <b>Notice</b>" in page("type=notice")
    assert "No communications match" in page("status=sent")
    assert "No communications match" in page("block=%00") and "No communications match" in page("type=%00x")
    assert "Of the block" not in client_of(inside.mallory).get("/o/harbour/communications/").content.decode()


def test_a_failed_one_says_why_in_the_list(inside, client_of):
    one = draft(inside, status="scheduled", scheduled_at="2026-01-01T09:00Z")
    Communication.objects.filter(pk=one.pk).update(status="sending")
    one.status = "sending"
    one.fail("There was nobody to send it to.", one.created_at)

    assert (
        "There was nobody to send it to."
        in client_of(inside.sam).get("/o/larch/communications/").content.decode()
    )
