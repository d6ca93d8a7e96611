import hashlib
import zlib
from email.message import EmailMessage

import pytest

from tests.comms.logbook import NOW, days_ago, happen, write

PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def browse(inside, client_of):
    def get(entry, tail="", by=None, **extra):
        path = f"/o/{inside.organisation.slug}/log/{entry.public_id}/{tail}"
        return client_of(by or inside.audrey).get(path, **extra)

    return get


def mail() -> bytes:
    message = EmailMessage()
    message["From"] = "Larch Management <office@larch.example>"
    message["To"] = "Priya Raman <priya.raman@example.com>"
    message["Subject"] = "Lift out of service"
    message["X-Long"] = "word " * 40
    message.set_content("Dear Priya, the lift.")
    message.add_alternative(
        '<p onclick="evil()">Dear <b>Priya</b></p><script>evil()</script>'
        '<img src="https://tracker.example/p.gif"><img src="cid:logo">',
        subtype="html",
    )
    message.get_payload()[1].add_related(PICTURE, "image", "png", cid="<logo>")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Programme.pdf")
    return bytes(message).replace(b"\n", b"\r\n")


def with_bytes(organisation, data=None, **facts):
    data = mail() if data is None else data
    facts = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), **facts}
    return write(organisation, personal=zlib.compress(data), layout=[len(data)], **facts)


def test_shows_the_facts_and_the_record(inside, browse):
    entry = with_bytes(inside.organisation, block=inside.block, at=days_ago(1))

    html = browse(entry).content.decode()

    for word in (
        "Priya Raman",
        "priya.raman@example.com",
        "Acacia Court",
        "office@larch.example",
        entry.sha256,
    ):
        assert word in html, word
    assert "Download .eml" in html


def test_another_organisations_entry_is_not_there(inside, browse, cast):
    entry = with_bytes(inside.organisation)

    assert browse(entry, by=cast.mallory).status_code == 404
    for tail in ("message.html", "original", "files/1/"):
        assert browse(entry, tail, by=cast.mallory).status_code == 404


def test_the_frame_runs_nothing_and_fetches_nothing(inside, browse):
    entry = with_bytes(inside.organisation)

    response = browse(entry, "message.html")
    html = response.content.decode()

    assert "<b>Priya</b>" in html
    assert "evil" not in html
    assert "data:image/png;base64," in html
    assert "sandbox; default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "not loaded" in browse(entry).content.decode()


def test_the_tabs_show_text_headers_and_attachments(inside, browse):
    entry = with_bytes(inside.organisation)

    assert "Dear Priya, the lift." in browse(entry, "?tab=text").content.decode()
    headers = browse(entry, "?tab=headers").content.decode()
    assert "X-Long" in headers and "MIME-Version" in headers
    assert "Programme.pdf" in browse(entry, "?tab=attachments").content.decode()


def test_an_attachment_is_handed_out_as_a_download(inside, browse):
    entry = with_bytes(inside.organisation)

    response = browse(entry, "files/1/")

    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Disposition"].startswith("attachment")
    assert browse(entry, "files/9/").status_code == 404


def test_the_exact_bytes_are_handed_out(inside, browse):
    entry = with_bytes(inside.organisation)

    response = browse(entry, "original")

    data = b"".join(response.streaming_content)
    assert data == mail_of(entry) and hashlib.sha256(data).hexdigest() == entry.sha256
    assert response["X-Content-SHA256"] == entry.sha256


def mail_of(entry):
    return zlib.decompress(entry.personal)


def test_bytes_that_differ_from_the_record_are_not_handed_out(inside, browse):
    entry = with_bytes(inside.organisation, sha256="0" * 64)

    response = browse(entry, "original")

    assert response.status_code == 500
    assert "0" * 64 in response.content.decode()


def test_what_was_withheld_is_said_on_the_page_and_in_the_files_name(inside, browse):
    entry = with_bytes(inside.organisation, withheld=True, sha256="0" * 64)

    assert "withheld" in browse(entry).content.decode()
    response = browse(entry, "original")
    assert b"".join(response.streaming_content) == mail_of(entry)
    assert f"{entry.public_id}-withheld.eml" in response["Content-Disposition"]


def test_a_manual_entry_has_no_bytes(inside, browse):
    entry = write(inside.organisation, manual=True, channel="phone")

    html = browse(entry).content.decode()

    assert "recorded by hand" in html
    assert "Manual" in html
    assert "The lift is out of service on Tuesday." in html
    assert "Download .eml" not in html


def test_the_timeline_tells_each_event_with_its_source(inside, browse):
    entry = write(inside.organisation)
    happen(entry, "sent", NOW, reply="250 2.0.0 Ok, queued as 4F1C2A")
    happen(entry, "opened", NOW, source="tracking", machine=True)
    happen(entry, "delivered", NOW, source="person", actor=inside.alice, reason="She rang to say so")

    html = browse(entry).content.decode()

    assert "250 2.0.0 Ok, queued as 4F1C2A" in html
    assert "by a machine" in html
    assert "Alice Marsh" in html and "She rang to say so" in html


def test_corrections_are_linked_both_ways(inside, browse):
    wrong = write(inside.organisation, manual=True, channel="phone", title="Rang flat 4")
    right = write(inside.organisation, manual=True, channel="phone", title="Rang flat 5", corrects=wrong)

    assert "Rang flat 5" in browse(wrong).content.decode()
    assert "Rang flat 4" in browse(right).content.decode()


def test_a_script_gets_the_pane_alone(inside, browse):
    entry = with_bytes(inside.organisation)

    response = browse(entry, headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"Content-Type: text/html; charset=nonsense\r\n\r\n\xff"]
)
def test_bytes_that_are_no_mail_do_not_break_the_page(inside, browse, data):
    entry = with_bytes(inside.organisation, data)

    for tail in ("", "?tab=headers", "?tab=text", "original"):
        assert browse(entry, tail).status_code == 200
