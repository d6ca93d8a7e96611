"""Sending begins in the midst of a request: the request comes too late, says so, and changes nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from comms.demo import pdf
from comms.drafting import audience
from comms.models import Communication, LogEntry
from tests.comms.centre import address, draft, told


@pytest.fixture
def overtaken(inside, monkeypatch):
    """A communication that a worker begins to send as soon as a page has looked at it."""
    one = draft(inside, people=2)
    one.schedule(at=timezone.now(), by=inside.alice)
    looked = Communication.is_editable.fget

    def look(self):
        editable = looked(self)
        if editable:
            Communication.objects.get(pk=self.pk).begin(timezone.now())
        return editable

    monkeypatch.setattr(Communication, "is_editable", property(look))
    return one


def untouched(one):
    one.refresh_from_db()
    return (
        one.status == "sending"
        and one.subject == "Lift 2"
        and one.recipients.count() == 2
        and not one.attachments.exists()
        and not LogEntry.objects.exists()
    )


def test_words_and_files_are_not_saved(overtaken, inside, client_of):
    plan = SimpleUploadedFile("plan.pdf", pdf.page(["Plan"]))

    answer = client_of(inside.alice).post(
        address(overtaken), {"subject": "Too late", "body": "<p>x</p>", "attachments": [plan]}
    )

    assert "It was not saved: sending has begun." in told(answer)
    assert untouched(overtaken)


def test_nobody_is_added(overtaken, inside, client_of):
    answer = client_of(inside.alice).post(
        address(overtaken, "recipients/"), {"role": "leaseholder", "block": inside.block.public_id}
    )

    assert "Nobody was added: sending has begun." in answer.content.decode() + told(answer)
    assert answer.status_code in (302, 422)
    assert untouched(overtaken)


def test_nobody_is_removed(overtaken, inside, client_of):
    overtaken.begin(timezone.now())
    someone = overtaken.recipients.first()

    answer = client_of(inside.alice).post(address(overtaken, f"recipients/{someone.public_id}/remove/"))

    assert "Nobody was removed: sending has begun." in told(answer)
    assert untouched(overtaken)


@pytest.mark.parametrize("typed", [{"now": "1"}, {"date": "2099-07-01", "time": "09:00"}])
def test_it_is_not_scheduled_anew(overtaken, inside, client_of, typed):
    answer = client_of(inside.alice).post(address(overtaken, "check/"), typed)

    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        assert "It is already being sent" in told(answer)
    assert untouched(overtaken)


def test_it_is_not_marked_as_sent(overtaken, inside, client_of):
    answer = client_of(inside.alice).post(
        address(overtaken, "mark-sent/"), {"date": "2026-01-05", "time": "10:00"}
    )

    assert answer.status_code == 422
    assert "It is already being sent" in answer.content.decode()
    assert untouched(overtaken)


def test_two_who_add_the_same_block_at_once_add_each_person_once(inside, client_of, monkeypatch):
    one, add, client = draft(inside), audience.add, client_of(inside.alice)

    def after_the_other(made):
        monkeypatch.setattr(audience, "add", add)
        client_of(inside.adam).post(address(one, "recipients/"), typed)
        return add(made)

    typed = {"role": "leaseholder", "block": inside.block.public_id}
    monkeypatch.setattr(audience, "add", after_the_other)

    answer = client.post(address(one, "recipients/"), typed)

    assert answer.status_code == 302
    assert "3 skipped, already among the recipients." in told(answer)
    assert one.recipients.count() == 3
