"""A mail with a file of 50 MB, as providers post it: the words land on the ticket, the file is named, nothing is lost."""

import base64
import hashlib
import hmac
import json
import re
import time

import pytest
from django.core.cache import cache

from comms.models import Receipt, ReceiptParsing, TicketMessage
from comms.receipts import parsing
from comms.receipts.hooks import form
from tests.comms import hooks
from tests.comms.test_hooks import address, post
from tests.comms.test_inbound import MAIL, POSTS, TO
from tests.comms.test_mailbox import entry

__all__ = ["entry"]
FILE = b"\x00\x01\r\n-" * 10 * 1024 * 1024
LINE = "X-of-the-form"


@pytest.fixture(autouse=True)
def account(settings):
    settings.BASE_URL = "https://blockpost.example"
    settings.PROVIDER_VALUES = {"WEBHOOK_SECRET": hooks.WORDS, "MAILGUN_WEBHOOK_SIGNING_KEY": "mg"}
    cache.clear()


def multipart(fields, files=()):
    """Write a form as browsers and providers do; `files` are name, filename and bytes."""
    parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        f'form-data; name="{name}"; filename="{said}"\r\nContent-Type: application/pdf\r\n\r\n'.encode()
        + data
        for name, said, data in files
    ]
    line = f"--{LINE}\r\nContent-Disposition: ".encode()
    return b"".join(line + part + b"\r\n" for part in parts) + f"--{LINE}--\r\n".encode()


def raw_mail(data) -> str:
    """The mail of the other tests, with a file."""
    head, _, words = MAIL.replace("\n", "\r\n").partition("\r\n\r\n")
    head = re.sub("Content-Type: .*\r\n|Content-Type: .*$", "", head).strip()
    encoded = base64.encodebytes(data).decode()
    return (
        f"{head}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename=plan.pdf\r\n\r\n{encoded}\r\n--b--\r\n"
    )


def postmark():
    said = json.loads(POSTS["postmark"][1])
    data = base64.b64encode(FILE).decode()
    said["Attachments"] = [{"Name": "plan.pdf", "Content": data, "ContentType": "application/pdf"}]
    return hooks.basic(hooks.WORDS), json.dumps(said).encode()


def sendgrid():
    fields = {"headers": "From: ann@flats.example\nSubject: Re: Lift", "text": "Still stuck."}
    fields |= {"envelope": json.dumps({"to": [TO], "from": "x"}), "attachment-info": '{"attachment1": {}}'}
    kind = {"Content-Type": f"multipart/form-data; boundary={LINE}"}
    return hooks.basic(hooks.WORDS) | kind, multipart(fields, [("attachment1", "plan.pdf", FILE)])


def mailgun():
    at, token = str(int(time.time())), "t" * 50
    signature = hmac.new(b"mg", (at + token).encode(), hashlib.sha256).hexdigest()
    fields = {"recipient": TO, "timestamp": at, "token": token, "signature": signature}
    body = multipart(fields | {"body-mime": raw_mail(FILE)})
    return {"Content-Type": f"multipart/form-data; boundary={LINE}"}, body


@pytest.mark.parametrize("provider", [postmark, sendgrid, mailgun])
def test_a_mail_with_a_file_of_50_mb_lands_on_its_ticket_and_names_the_file(entry, provider):
    headers, body = provider()

    assert post(address(entry.organisation, provider.__name__) + "inbound/", headers, body).status_code == 200
    parsing.run(30)

    row = ReceiptParsing.objects.get()
    assert row.state == ReceiptParsing.State.DONE, row.reason
    message = TicketMessage.objects.get()
    assert message.attachments == []
    assert "Still stuck." in message.words
    assert "“plan.pdf” (52.4 MB) is too large to show" in message.words
    assert bytes(Receipt.objects.get().body) == body


def test_a_form_is_read_byte_for_byte():
    odd = bytes(range(256)) + b"\r\n--" + b"\r\n\r\n--X\r\n"
    body = multipart({"words": "Grüße\r\nand more\r\n", "large": "x" * 6_000_000}, [("file", "", odd)])

    fields, files = form.read(b"before\r\n" + body, LINE)

    assert (fields["words"], len(fields["large"])) == ("Grüße\r\nand more\r\n", 6_000_000)
    assert (files["file"].name, files["file"].read()) == ("file", odd)


@pytest.mark.parametrize(
    "body", [multipart({"a": "1"})[:-10], b"", multipart({str(n): "1" for n in range(1001)})]
)
def test_a_form_that_does_not_end_or_has_too_many_parts_is_none(body):
    with pytest.raises(ValueError, match="does not end"):
        form.read(body, LINE)
