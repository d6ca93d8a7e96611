"""Mail that a provider took in for us and posted: django-anymail's parsers make it a mail again, which is read as any."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from anymail.inbound import AnymailInboundMessage
from anymail.webhooks import (
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mandrill,
    postal,
    postmark,
    sendgrid,
    sparkpost,
)

from comms.models import Receipt
from comms.receipts import mail
from comms.receipts.heard import Odd, Parser, Said, clean
from comms.receipts.hooks.came import Came
from comms.receipts.hooks.checks import View

FETCHED = "This provider posts only that a mail came, not the mail. Let it forward to the mailbox instead."
NO_MAIL = "There is no mail in it."


class Inbound(NamedTuple):
    """The parser of a provider's posts of mail, and what its class insists on and parsing does not use."""

    view: View
    given: Mapping[str, Any] = {}


VIEWS: dict[str, Inbound] = {
    "brevo": Inbound(brevo.BrevoInboundWebhookView),
    "mailersend": Inbound(mailersend.MailerSendInboundWebhookView, {"inbound_secret": "not used"}),
    "mailgun": Inbound(mailgun.MailgunInboundWebhookView, {"webhook_signing_key": "not used"}),
    "mailjet": Inbound(mailjet.MailjetInboundWebhookView),
    "mandrill": Inbound(mandrill.MandrillCombinedWebhookView, {"webhook_key": "not used"}),
    "postal": Inbound(postal.PostalInboundWebhookView, {"webhook_key": "not used"}),
    "postmark": Inbound(postmark.PostmarkInboundWebhookView),
    "sendgrid": Inbound(sendgrid.SendGridInboundWebhookView),
    "sparkpost": Inbound(sparkpost.SparkPostInboundWebhookView),
}
Mails = Callable[[Came], Iterator[bytes]]


def parser(provider: str) -> Parser:
    """Give what reads a provider's posts of mail."""
    if provider == "amazon_ses":
        return partial(read, of_sns)
    return partial(read, partial(of_view, VIEWS[provider])) if provider in VIEWS else not_in_it


def not_in_it(receipt: Receipt) -> Iterator[Said]:
    yield Odd(FETCHED)


def read(mails: Mails, receipt: Receipt) -> Iterator[Said]:
    """Read the mails in a post; what cannot be read is odd and the others count."""
    found = 0
    try:
        for data in mails(Came(receipt.headers, bytes(receipt.body))):
            found += 1
            yield from mail.said_in(data)
    except Exception as fault:
        yield Odd(f"It could not be read ({type(fault).__name__}: {clean(fault, 200)}).")
    else:
        if not found:
            yield Odd(NO_MAIL)


def of_view(how: Inbound, came: Came) -> Iterator[bytes]:
    """Take the mails out of a post with django-anymail's parser."""
    view = how.view(webhook_secret=["not used"], **how.given)
    for event in view.parse_events(came.request()):
        message = getattr(event, "message", None)
        if isinstance(message, AnymailInboundMessage):
            yield to(message.envelope_recipient or "", message.as_bytes())


def of_sns(came: Came) -> Iterator[bytes]:
    """Take the mail out of what SES posts through SNS, where it is there and not in a bucket."""
    said = json.loads(json.loads(came.body)["Message"])
    content, encoding = said.get("content", ""), said.get("receipt", {}).get("action", {}).get("encoding", "")
    if content:
        data = base64.b64decode(content) if encoding == "BASE64" else content.encode()
        yield to(" ".join(said["receipt"].get("recipients", [])), data)


def to(recipient: str, data: bytes) -> bytes:
    """Write into a mail for whom it was handed over, which its own To need not say."""
    line = "".join(letter for letter in recipient if letter.isprintable())
    return f"X-Original-To: {line}\r\n".encode() + data
