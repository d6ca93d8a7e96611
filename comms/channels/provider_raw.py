"""django-anymail's backends for providers that take a mail whole: the kept bytes go out as they are.

Mailgun /messages.mime, SparkPost content.email_rfc822, Postal /send/raw; SES takes them whole in anymail already.
"""

import base64
from typing import Any

from anymail.backends import mailgun, postal, sparkpost

from comms.channels.provider_message import KeptMail


class MailgunMime(mailgun.MailgunPayload):
    message: KeptMail

    def get_api_endpoint(self) -> str:
        return f"{super().get_api_endpoint()}.mime"

    def serialize_data(self) -> dict[str, Any]:
        self.files = [("message", ("message.mime", self.message.data, "message/rfc822"))]
        return {
            name: value for name, value in self.data.items() if name == "to" or name.startswith(("v:", "o:"))
        }


class Mailgun(mailgun.EmailBackend):
    def build_message_payload(self, message: KeptMail, defaults: dict[str, Any]) -> MailgunMime:
        return MailgunMime(message, defaults, self)


class SparkPostMime(sparkpost.SparkPostPayload):
    message: KeptMail

    def serialize_data(self) -> str:
        whole = {"content": {"email_rfc822": self.message.data.decode()}}
        said: str = self.serialize_json({**self.data, **whole})
        return said


class SparkPost(sparkpost.EmailBackend):
    def build_message_payload(self, message: KeptMail, defaults: dict[str, Any]) -> SparkPostMime:
        return SparkPostMime(message, defaults, self)


class PostalMime(postal.PostalPayload):
    message: KeptMail

    def get_api_endpoint(self) -> str:
        return "api/v1/send/raw"

    def serialize_data(self) -> str:
        said: str = self.serialize_json(
            {
                "mail_from": self.message.envelope_from,
                "rcpt_to": self.data["to"],
                "data": base64.b64encode(self.message.data).decode(),
            }
        )
        return said


class Postal(postal.EmailBackend):
    def build_message_payload(self, message: KeptMail, defaults: dict[str, Any]) -> PostalMime:
        return PostalMime(message, defaults, self)


WHOLE: dict[str, Any] = {"mailgun": Mailgun, "sparkpost": SparkPost, "postal": Postal}
