"""A reply to a post: kept as it came, on the post's ticket, shown back to who wrote it."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from comms.models import Content, Ticket, TicketMessage
from comms.portal import replies
from tests.comms.residents import PHONE, link_of, once, page, phone, post
from tests.portfolio import pictures

PNG = pictures.png()


@pytest.fixture
def posted(inside):
    """A post, and the address of its page."""
    entry = post(inside)
    return entry, page(link_of(inside), entry)


def write(address, words="The lift is still broken.", **more):
    return phone().post(address, {"words": words, "once": str(uuid.uuid4()), **more})


def test_a_reply_opens_a_ticket_and_is_shown_back(posted, inside):
    entry, address = posted

    response = write(address, "The lift is still broken.\n\nFlat 1")

    ticket, message = Ticket.objects.get(), TicketMessage.objects.get()
    assert (ticket.title, ticket.entry, ticket.block) == ("Reply: Lift out of service", entry, inside.block)
    assert (message.ticket, message.entry, message.contact) == (ticket, entry, inside.contacts[0])
    assert (message.via, message.from_name) == ("portal", "Person1 OfLarch")
    assert message.words == "The lift is still broken.\n\nFlat 1"
    assert response.status_code == 302 and response["Location"].endswith(f"#{message.public_id}")
    shown = phone().get(response["Location"].partition("#")[0]).content.decode()
    assert "Your reply is with Larch Management" in shown
    assert "<p>The lift is still broken.</p>" in shown and f'id="{message.public_id}"' in shown


def test_further_replies_stand_on_the_same_ticket_and_open_it_again(posted):
    _, address = posted
    write(address)
    Ticket.objects.update(state="closed")

    write(address, "And again")

    assert Ticket.objects.get().state == "open"
    assert TicketMessage.objects.count() == 2


def test_a_post_that_belongs_to_a_ticket_has_its_replies_there(inside):
    ticket = Ticket.objects.create(organisation=inside.organisation, title="Lift 2", state="closed")
    entry = post(inside, ticket=ticket)

    write(page(link_of(inside), entry))

    ticket.refresh_from_db()
    assert TicketMessage.objects.get().ticket == ticket == Ticket.objects.get()
    assert ticket.state == "open"


def test_files_come_with_it_and_can_be_had_back(posted):
    _, address = posted
    photo = SimpleUploadedFile("door.png", PNG, "text/html")

    write(address, attached=[photo, SimpleUploadedFile("note.txt", b"Noted")])

    message = TicketMessage.objects.get()
    assert [(f["name"], f["media_type"], f["size"]) for f in message.attachments] == [
        ("door.png", "image/png", len(PNG)),
        ("note.txt", "text/plain", 5),
    ]
    assert bytes(Content.objects.get(sha256=message.attachments[0]["sha256"]).data) == PNG
    back = phone().get(f"{address}replies/{message.public_id}/files/1/")
    assert b"".join(back) == PNG and back["Content-Disposition"].startswith("attachment")
    assert phone().get(f"{address}replies/{message.public_id}/files/3/").status_code == 404


def test_the_same_form_sent_twice_is_one_reply(posted):
    _, address = posted
    form = {"words": "Once", "once": once(phone().get(address))}

    first, second = phone().post(address, form), phone().post(address, form)

    assert first["Location"] == second["Location"]
    assert TicketMessage.objects.count() == 1


def test_the_same_form_at_another_post_is_another_reply(posted, inside):
    _, address = posted
    other = page(link_of(inside), post(inside, title="Another"))
    word = str(uuid.uuid4())

    for each in (address, other):
        assert phone().post(each, {"words": "Hello", "once": word}).status_code == 302

    assert TicketMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Write your reply first."),
        ("  \n ", "Write your reply first."),
        ("x" * 5001, "Your reply is 5001 characters long; 5000 is the most. Shorten it."),
    ],
)
def test_no_words_or_too_many_are_refused(posted, words, said):
    _, address = posted

    response = write(address, words)

    assert response.status_code == 422 and said in response.content.decode()
    assert not TicketMessage.objects.exists() and not Ticket.objects.exists()


def test_line_breaks_count_once_as_they_do_while_typing(posted):
    _, address = posted
    words = "\r\n".join(["x" * 99] * 50)  # 4,999 characters as a person counts

    assert write(address, words).status_code == 302
    assert TicketMessage.objects.get().words == words.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("virus.exe", b"MZ")], "is of a type that is not sent"),
        ([("door.png", b"MZ this is no picture")], "is not what its name says"),
        ([("empty.txt", b"")], "is empty"),
        ([(f"{n}.txt", b"x") for n in range(6)], "6 files are chosen; 5 is the most"),
        ([("large.txt", b"x" * 3000)], "is larger than"),
        ([(f"{n}.txt", b"x" * 1500) for n in range(3)], "Together they are larger"),
    ],
)
def test_files_beyond_the_limits_are_refused_with_the_words_kept(posted, settings, files, said):
    settings.ATTACHMENT_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES = 2000, 4000
    _, address = posted

    response = write(address, "My words", attached=[SimpleUploadedFile(*file) for file in files])

    shown = response.content.decode()
    assert response.status_code == 422 and said in shown and "My words</textarea>" in shown
    assert not TicketMessage.objects.exists()


def test_a_script_in_a_reply_is_shown_as_text(posted):
    _, address = posted
    write(address, "<script>alert(1)</script>", attached=[SimpleUploadedFile("<img src=x>.txt", b"x")])

    shown = phone().get(address).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown and "<img" not in shown


def test_a_line_break_reaches_no_header(inside):
    entry = post(inside, title="Lift\r\nBcc: x@example.com")
    address = page(link_of(inside), entry)
    name = "a\r\nSet-Cookie: x=1.txt"
    body = (
        f'--b\r\nContent-Disposition: form-data; name="words"\r\n\r\nHi\r\nBcc: y@example.com\r\n'
        f'--b\r\nContent-Disposition: form-data; name="once"\r\n\r\n{uuid.uuid4()}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="attached"; filename="{name}"\r\n\r\nx\r\n--b--\r\n'
    )

    response = phone().generic("POST", address, body.encode(), "multipart/form-data; boundary=b")

    assert "Bcc" not in str(response.headers)
    for message in TicketMessage.objects.all():
        assert all(not set("\r\n") & set(file["name"]) for file in message.attachments)
        back = phone().get(f"{address}replies/{message.public_id}/files/1/")
        assert "Set-Cookie" not in str(back.headers)


def test_the_twenty_first_within_an_hour_is_refused_and_the_words_are_kept(posted, monkeypatch):
    _, address = posted
    for number in range(replies.MOST_AN_HOUR):
        assert write(address, f"Reply {number}").status_code == 302

    refused = write(address, "One more")

    assert refused.status_code == 429
    assert "Wait a while" in refused.content.decode() and "One more</textarea>" in refused.content.decode()
    assert TicketMessage.objects.count() == replies.MOST_AN_HOUR
    later = timezone.now() + datetime.timedelta(minutes=61)
    monkeypatch.setattr(replies.timezone, "now", lambda: later)
    assert write(address, "One more").status_code == 302


def test_what_others_wrote_on_the_ticket_is_not_shown(posted, inside):
    entry, address = posted
    write(address, "Mine")
    TicketMessage.objects.create(
        organisation=inside.organisation,
        ticket=Ticket.objects.get(),
        entry=entry,
        contact=inside.contacts[1],
        via="email",
        words="A word of somebody else",
        received_at=timezone.now(),
    )

    shown = phone().get(address).content.decode()

    assert "Mine" in shown and "somebody else" not in shown


def test_without_the_word_of_the_form_it_is_refused_as_forged(posted):
    _, address = posted
    careful = Client(enforce_csrf_checks=True, headers={"User-Agent": PHONE})
    form = {"words": "Hello", "once": str(uuid.uuid4())}

    assert careful.post(address, form).status_code == 403
    careful.get(address)
    form["csrfmiddlewaretoken"] = careful.cookies["csrftoken"].value
    assert careful.post(address, form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert careful.post(address, form, headers={"Origin": "http://testserver"}).status_code == 302


def test_the_office_cannot_reply_as_the_resident(posted, inside, client_of):
    _, address = posted
    office = client_of(inside.alice)

    assert "Send the reply" not in office.get(address).content.decode()
    assert office.post(address, {"words": "As Ada", "once": str(uuid.uuid4())}).status_code == 403
    assert not TicketMessage.objects.exists()


def test_somebody_of_another_organisation_who_holds_the_link_is_its_bearer(posted, cast, client_of):
    _, address = posted

    assert client_of(cast.mallory).get(address).status_code == 200
    with scope(organisation=cast.organisation):
        assert not TicketMessage.objects.exists()
