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
from comms.receipts import letters, mail
from comms.receipts.heard import Odd, Parser, Said, unread
from comms.receipts.hooks.came import CUT, Came
from comms.receipts.hooks.checks import View
from comms.receipts.hooks.oneline import on_one_line

FETCHED = "This provider posts only that a mail came, not the mail. Let it forward to the mailbox instead."
AT_BREVO = (
    "“{}” came with this mail. Brevo keeps it, and posts only its name: look for it in Brevo’s list of mails."
)
TOO_LARGE = (
    "It has {:,.0f} MB, which is too much to keep. Here is its beginning; the provider has the whole of it."
)
NO_MAIL = "There is no mail in it."


class Inbound(NamedTuple):
    """The parser of a provider's posts of mail, and what its class insists on and parsing does not use."""

    view: View
    given: Mapping[str, Any] = {}


class BrevoMail(brevo.BrevoInboundWebhookView):
    """django-anymail's, without its asking Brevo for each file: a parser asks nobody, and words must not wait for files."""

    def _fetch_attachment(self, attachment: Mapping[str, Any]) -> AnymailInboundMessage:
        name = str(attachment.get("Name") or "file")
        made: AnymailInboundMessage = AnymailInboundMessage.construct_attachment(
            "text/plain; charset=utf-8", AT_BREVO.format(name).encode(), filename=f"{name} (at Brevo).txt"
        )
        return made


VIEWS: dict[str, Inbound] = {
    "brevo": Inbound(BrevoMail, {"api_key": "not used"}),
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
    if whole := receipt.headers.get(CUT):
        yield Odd(TOO_LARGE.format(int(whole) / 1e6))
        return
    found = 0
    try:
        for data in mails(Came(receipt.headers, bytes(receipt.body))):
            found += 1
            yield from mail.said_in(data)
    except Exception as fault:
        yield unread(fault)
    else:
        if not found:
            yield Odd(NO_MAIL)


def of_view(how: Inbound, came: Came) -> Iterator[bytes]:
    """Take the mails out of a post with django-anymail's parser."""
    view = how.view(webhook_secret=["not used"], **how.given)
    try:
        events = view.parse_events(came.request())
    except ValueError:  # a line break in a header, or anything else: then it is the same again
        events = view.parse_events(on_one_line(came).request())
    for event in events:
        message = getattr(event, "message", None)
        if isinstance(message, AnymailInboundMessage):
            letters.lightened(message)
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
