"""Providers of mail on this machine: what each answers to a message that it takes, as its documentation has it."""

import email
import json
from email import policy
from email.message import EmailMessage

from tests.comms.servers import Answer, Asked, said

TO = "ada@example.com"
OPTIONS = {
    "brevo": {"api_key": "key"},
    "mailersend": {"api_token": "key"},
    "mailgun": {"api_key": "key", "sender_domain": "mail.example"},
    "mailjet": {"api_key": "key", "secret_key": "secret"},
    "mailtrap": {"api_token": "key"},
    "mandrill": {"api_key": "key"},
    "postal": {"api_key": "key"},
    "postmark": {"server_token": "key"},
    "resend": {"api_key": "key"},
    "sendgrid": {"api_key": "key"},
    "sparkpost": {"api_key": "key"},
    "unisender_go": {"api_key": "key"},
}
TAKEN = {
    "brevo": said(201, {"messageId": "<id@brevo>"}),
    "mailersend": Answer(202, b"", {"X-Message-Id": "id", "Content-Type": "text/html"}),
    "mailgun": said(200, {"id": "<id@mail.example>", "message": "Queued. Thank you."}),
    "mailjet": said(
        200,
        {
            "Messages": [
                {"Status": "success", "To": [{"Email": TO, "MessageID": 1}], "Cc": [], "Bcc": []},
            ]
        },
    ),
    "mailtrap": said(200, {"success": True, "message_ids": ["id"]}),
    "mandrill": said(200, [{"email": TO, "status": "sent", "_id": "id"}]),
    "postal": said(200, {"status": "success", "data": {"messages": {TO: {"id": 12, "token": "t"}}}}),
    "postmark": said(200, {"ErrorCode": 0, "Message": "OK", "MessageID": "id", "To": TO}),
    "resend": said(200, {"id": "id"}),
    "sendgrid": Answer(202, b"", {"X-Message-Id": "id"}),
    "sparkpost": said(
        200, {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "id"}}
    ),
    "unisender_go": said(200, {"status": "success", "job_id": "id", "emails": [TO]}),
}
PATHS = {
    "brevo": "/smtp/email",
    "mailersend": "/email",
    "mailgun": "/mail.example/messages.mime",
    "mailjet": "/send",
    "mailtrap": "/send",
    "mandrill": "/messages/send.json",
    "postal": "/api/v1/send/raw",
    "postmark": "/email",
    "resend": "/emails",
    "sendgrid": "/mail/send",
    "sparkpost": "/transmissions/",
    "unisender_go": "/email/send.json",
}


def form_of(asked: Asked) -> EmailMessage:
    """Read a multipart form as the mail that it nearly is."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    return email.message_from_bytes(head + asked.body, policy=policy.HTTP)


def fields_of(asked: Asked) -> dict[str, bytes]:
    parts = form_of(asked).iter_parts()
    return {
        part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True) for part in parts
    }


def json_of(asked: Asked):
    return json.loads(asked.body)
