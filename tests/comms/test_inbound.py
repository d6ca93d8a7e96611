"""Mail that a provider takes in and posts is read as the mailbox's is."""

import base64
import json
import re
from urllib.parse import urlencode

import pytest

from comms.models import ReceiptParsing, TicketMessage
from comms.receipts import parsing, raw
from comms.receipts.hooks.inbound import VIEWS
from comms.receipts.hooks.providers import PROVIDERS
from comms.receipts.sources import SOURCES
from tests.comms.test_mailbox import TOKEN, answer, bounce, entry, status

__all__ = ["entry"]
TO = f"bounces+{TOKEN}@demo.example"
MAIL = answer("Still stuck.", to="office@demo.example").decode()
HEADERS = [
    ["From", "Ann <ann@flats.example>"],
    ["To", "office@demo.example"],
    ["Subject", "Re: Lift"],
]


def as_json(said) -> tuple[str, bytes]:
    return "application/json", json.dumps(said).encode()


def as_form(**fields) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


POSTS = {
    "amazon_ses": as_json(
        {
            "Type": "Notification",
            "Message": json.dumps(
                {
                    "content": base64.b64encode(MAIL.encode()).decode(),
                    "receipt": {"recipients": [TO], "action": {"encoding": "BASE64"}},
                }
            ),
        }
    ),
    "mailgun": as_form(**{"recipient": TO, "timestamp": 1, "body-mime": MAIL}),
    "mandrill": as_form(
        mandrill_events=json.dumps(
            [
                {
                    "event": "inbound",
                    "ts": 1,
                    "msg": {"raw_msg": MAIL, "email": TO, "from_email": "ann@flats.example"},
                }
            ]
        )
    ),
    "postmark": as_json(
        {
            "OriginalRecipient": TO,
            "From": "ann@flats.example",
            "FromFull": {"Email": "ann@flats.example", "Name": "Ann", "MailboxHash": ""},
            "ToFull": [{"Email": "office@demo.example", "Name": "", "MailboxHash": ""}],
            "CcFull": [],
            "BccFull": [],
            "Subject": "Re: Lift",
            "TextBody": "Still stuck.",
            "HtmlBody": "",
            "Headers": [],
            "Attachments": [],
        }
    ),
    "sendgrid": as_form(
        email=MAIL, envelope=json.dumps({"to": [TO], "from": "ann@flats.example"}), charsets="{}"
    ),
    "sparkpost": as_json(
        [
            {
                "msys": {
                    "relay_message": {
                        "protocol": "smtp",
                        "content": {"email_rfc822": MAIL, "email_rfc822_is_base64": False},
                        "rcpt_to": TO,
                        "msg_from": "ann@flats.example",
                    }
                }
            }
        ]
    ),
}


def come_in(organisation, provider: str, kind: str, body: bytes) -> ReceiptParsing:
    raw.keep(organisation, f"{provider} inbound", headers={"Content-Type": kind}, body=body)
    parsing.run(5)
    return ReceiptParsing.objects.latest("id")


@pytest.mark.parametrize("provider", POSTS)
def test_an_answer_that_a_provider_posts_lands_on_the_ticket(entry, provider):
    row = come_in(entry.organisation, provider, *POSTS[provider])

    assert (row.state, row.reason) == (ReceiptParsing.State.DONE, "")
    message = TicketMessage.objects.get()
    assert (message.entry, message.from_address) == (entry, "ann@flats.example")
    assert message.words.split() == ["Re:", "Lift", "Still", "stuck."]


BROKEN = "Re: x\r\nBcc: evil@x.example"
HEAD = {"From": "Ann <ann@flats.example>", "To": "office@demo.example", "Subject": BROKEN}
WORDS = "First line.\r\nSecond line.\r\n"
IN_PARTS = {
    "postmark": as_json({**json.loads(POSTS["postmark"][1]), "Subject": BROKEN, "TextBody": WORDS}),
    "brevo": as_json({"items": [{"Headers": {**HEAD, "Delivered-To": TO}, "RawTextBody": WORDS}]}),
    "mailjet": as_json({"Headers": HEAD, "Recipient": TO, "Text-part": WORDS}),
    "mailgun": as_form(
        **{
            "recipient": TO,
            "timestamp": 1,
            "message-headers": json.dumps(list(HEAD.items())),
            "body-plain": WORDS,
        }
    ),
}


@pytest.mark.parametrize("provider", IN_PARTS)
def test_a_line_break_in_a_header_is_a_blank_and_the_words_keep_theirs(entry, provider):
    row = come_in(entry.organisation, provider, *IN_PARTS[provider])

    assert (row.state, row.reason) == (ReceiptParsing.State.DONE, "")
    lines = TicketMessage.objects.get().words.splitlines()
    assert lines == ["Re: x Bcc: evil@x.example", "", "First line.", "Second line."]


def test_a_file_that_brevo_keeps_is_named_and_nobody_is_asked_for_it(entry):
    said = json.loads(IN_PARTS["brevo"][1])
    said["items"][0]["Attachments"] = [
        {"Name": "plan.pdf", "ContentType": "application/pdf", "DownloadToken": "x"}
    ]

    come_in(entry.organisation, "brevo", *as_json(said))

    assert TicketMessage.objects.get().attachments[0]["name"] == "plan.pdf (at Brevo).txt"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", [b"[[", b'{"items": 7}', b"[1]", b"[" * 200_000, b"\xff", b"{}"])
@pytest.mark.parametrize("way", ["", " inbound"])
def test_the_reason_for_parking_is_a_sentence_and_no_program_s(entry, provider, body, way):
    raw.keep(entry.organisation, provider + way, headers={"Content-Type": "application/json"}, body=body)
    parsing.run(5)

    for row in ReceiptParsing.objects.filter(state="parked"):
        assert row.reason and not re.search(r"Error|Exception|indices|char \d|\bdict\b", row.reason)


def test_a_mail_with_a_large_file_is_read(entry):
    said = json.loads(POSTS["postmark"][1])
    data = base64.b64encode(b"x" * 6_000_000).decode()
    said["Attachments"] = [
        {"Name": "plan.pdf", "Content": data, "ContentType": "application/pdf", "ContentID": ""}
    ]

    come_in(entry.organisation, "postmark", *as_json(said))

    assert TicketMessage.objects.get().attachments[0]["size"] == 6_000_000


def test_a_bounce_that_a_provider_posts_counts(entry):
    mail = bounce("hard-unknown").decode()

    come_in(entry.organisation, "mailgun", *as_form(**{"recipient": TO, "timestamp": 1, "body-mime": mail}))

    assert status(entry)[:2] == ("bounced", "hard")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_no_provider_has_documented_is_parked(entry, provider):
    row = come_in(entry.organisation, provider, *as_json({"hello": "world"}))

    assert row.state == ReceiptParsing.State.PARKED
    assert row.reason


def test_each_provider_has_a_reader_of_its_mail():
    assert {f"{name} inbound" for name in PROVIDERS} <= set(SOURCES)
    assert set(VIEWS) <= set(PROVIDERS)
