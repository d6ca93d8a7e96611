"""Providers of mail as they post: shapes from their documentation, signed with keys of our own."""

import base64
import datetime
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from twilio.request_validator import RequestValidator

from comms.receipts.hooks import sns

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
TOPIC = "arn:aws:sns:eu-west-2:123456789012:larch"
CERTIFICATE_URL = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0123abcd.pem"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def public(key) -> str:
    """Give a public key as providers show it: PEM without its first and last line."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "".join(pem.decode().splitlines()[1:-1])


def certificate(days: int = 1) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(RSA.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=3))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(RSA, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@dataclass
class Post:
    """What a provider tells: which message, what, when; and whether it signs as it should."""

    entry: str = ""
    to: str = "priya.raman@example.com"
    kind: str = "delivered"
    number: int = 1
    secret: str = ""
    at: float = field(default_factory=lambda: float(int(time.time())))
    signed_at: float = field(default_factory=time.time)
    url: str = ""

    @property
    def iso(self) -> str:
        return datetime.datetime.fromtimestamp(self.at, datetime.UTC).isoformat()

    @property
    def id(self) -> str:
        return f"event-{self.number}-{self.entry}-{self.kind}"


Made = tuple[dict[str, str], bytes]


def dumps(value) -> bytes:
    return json.dumps(value).encode()


def hexed(secret: str, data: bytes) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def basic(secret: str) -> dict[str, str]:
    return {
        "Content-Type": JSON,
        "Authorization": "Basic " + base64.b64encode(secret.encode()).decode(),
    }


def amazon_ses(post: Post) -> Made:
    mail = {"messageId": "ses-1", "destination": [post.to], "headers": []}
    mail["headers"] = [{"name": "X-Blockpost-Entry", "value": post.entry}]
    said = {
        "eventType": "Delivery",
        "mail": mail,
        "delivery": {"recipients": [post.to], "smtpResponse": "250 ok"},
    }
    if post.kind == "bounced":
        gone = {"emailAddress": post.to, "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
        said = {"eventType": "Bounce", "mail": mail}
        said["bounce"] = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [gone]}
    fields = {
        "Type": "Notification",
        "MessageId": post.id,
        "TopicArn": post.secret,
        "Message": json.dumps(said),
        "Timestamp": post.iso,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    }
    return sns_signed(fields)


def sns_signed(fields: dict[str, str], key=RSA) -> Made:
    algorithm = {"1": hashes.SHA1(), "2": hashes.SHA256()}[fields["SignatureVersion"]]
    signature = key.sign(sns.signed(fields), padding.PKCS1v15(), algorithm)
    body = dumps({**fields, "Signature": base64.b64encode(signature).decode()})
    headers = {"x-amz-sns-message-type": fields["Type"], "x-amz-sns-message-id": fields["MessageId"]}
    return {"Content-Type": "text/plain; charset=UTF-8", **headers}, body


def brevo(post: Post) -> Made:
    said = {
        "event": "delivered",
        "email": post.to,
        "ts_epoch": int(post.at * 1000),
        "message-id": "<b@brevo>",
    }
    said["X-Mailin-custom"] = json.dumps({"entry": post.entry})
    if post.kind == "bounced":
        said |= {"event": "hard_bounce", "reason": "550 5.1.1 user unknown"}
    return basic(post.secret), dumps(said)


def mailersend(post: Post) -> Made:
    data = {"id": post.id, "type": "delivered", "created_at": post.iso, "morph": None}
    data["email"] = {"message": {"id": post.entry}, "recipient": {"email": post.to}}
    if post.kind == "bounced":
        data |= {
            "type": "hard_bounced",
            "morph": {"object": "recipient_bounce", "reason": "550 5.1.1 no user"},
        }
    body = dumps({"type": f"activity.{data['type']}", "data": data})
    return {"Content-Type": JSON, "Signature": hexed(post.secret, body)}, body


def mailgun(post: Post) -> Made:
    data = {"event": "delivered", "id": post.id, "timestamp": post.at, "recipient": post.to}
    data |= {"user-variables": {"entry": post.entry}, "message": {"headers": {"message-id": "x@mg"}}}
    if post.kind == "bounced":
        data |= {"event": "failed", "severity": "permanent", "reason": "bounce"}
        data["delivery-status"] = {"code": 550, "message": "550 5.1.1 user unknown"}
    at, token = str(int(post.signed_at)), hashlib.sha256(post.id.encode()).hexdigest()
    block = {"timestamp": at, "token": token, "signature": hexed(post.secret, (at + token).encode())}
    return {"Content-Type": JSON}, dumps({"signature": block, "event-data": data})


def mailjet(post: Post) -> Made:
    said = {"event": "sent", "time": int(post.at), "MessageID": 1, "email": post.to}
    said["Payload"] = json.dumps({"entry": post.entry})
    if post.kind == "bounced":
        said |= {
            "event": "bounce",
            "hard_bounce": True,
            "error": "user unknown",
            "error_related_to": "recipient",
        }
    return basic(post.secret), dumps([said])


def mailtrap(post: Post) -> Made:
    said = {"event": "delivery", "message_id": "m", "email": post.to, "timestamp": int(post.at)}
    said |= {
        "event_id": post.id,
        "sending_stream": "transactional",
        "custom_variables": {"entry": post.entry},
    }
    if post.kind == "bounced":
        said |= {"event": "bounce", "response": "550 5.1.1 user unknown", "response_code": 550}
    body = dumps({"events": [said]})
    return {"Content-Type": JSON, "Mailtrap-Signature": hexed(post.secret, body)}, body


def mandrill(post: Post) -> Made:
    message = {"email": post.to, "metadata": {"entry": post.entry}, "_id": "m"}
    said = {"event": "send", "ts": int(post.at), "_id": "m", "msg": message}
    if post.kind == "bounced":
        said["event"], message["diag"] = "hard_bounce", "smtp; 550 5.1.1 user unknown"
    form = {"mandrill_events": json.dumps([said])}
    text = post.url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(post.secret.encode(), text.encode(), hashlib.sha1).digest()
    return {"Content-Type": FORM, "X-Mandrill-Signature": base64.b64encode(mac).decode()}, urlencode(
        form
    ).encode()


def postal(post: Post) -> Made:
    message = {"id": 12, "to": post.to, "message_id": f"{post.entry}@demo.example"}
    said = {"event": "MessageSent", "timestamp": post.at, "uuid": post.id}
    said["payload"] = {"status": "Sent", "details": "accepted", "output": "250 ok", "message": message}
    if post.kind == "bounced":
        said["event"] = "MessageBounced"
        said["payload"] = {
            "original_message": message,
            "bounce": {"id": 13},
            "details": "550 5.1.1 user unknown",
        }
    body = dumps(said)
    signature = RSA.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return {"Content-Type": JSON, "X-Postal-Signature": base64.b64encode(signature).decode()}, body


def postmark(post: Post) -> Made:
    said = {"RecordType": "Delivery", "MessageID": "pm", "Recipient": post.to, "DeliveredAt": post.iso}
    said |= {"Details": "250 ok", "Metadata": {"entry": post.entry}, "ServerID": 23, "Tag": "x"}
    if post.kind == "bounced":
        said |= {"RecordType": "Bounce", "ID": post.number, "Type": "HardBounce", "Email": post.to}
        said |= {
            "BouncedAt": post.iso,
            "Details": "smtp;550 5.1.1 user unknown",
            "Description": "Unknown user",
        }
        del said["DeliveredAt"]
    return basic(post.secret), dumps(said)


def resend(post: Post) -> Made:
    headers = [{"name": "X-Metadata", "value": json.dumps({"entry": post.entry})}]
    data = {"email_id": "r", "to": [post.to], "headers": headers}
    said = {"type": "email.delivered", "created_at": post.iso, "data": data}
    if post.kind == "bounced":
        said["type"] = "email.bounced"
        data["bounce"] = {"message": "sent a hard bounce message", "type": "Permanent"}
    body = dumps(said)
    key = base64.b64decode(post.secret.removeprefix("whsec_"))
    at = str(int(post.signed_at))
    mac = hmac.new(key, f"{post.id}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"Content-Type": JSON, "svix-id": post.id, "svix-timestamp": at, "svix-signature": signature}, body


def sendgrid(post: Post) -> Made:
    said = {"event": "delivered", "email": post.to, "timestamp": int(post.at), "sg_event_id": post.id}
    said |= {"entry": post.entry, "response": "250 ok", "anymail_id": "sg"}
    if post.kind == "bounced":
        said |= {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 user unknown", "status": "5.1.1"}
        del said["response"]
    body, at = dumps([said]), str(int(post.signed_at))
    signature = EC.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    name = "X-Twilio-Email-Event-Webhook-"
    return {
        "Content-Type": JSON,
        f"{name}Signature": base64.b64encode(signature).decode(),
        f"{name}Timestamp": at,
    }, body


def sparkpost(post: Post) -> Made:
    said = {"type": "delivery", "timestamp": str(int(post.at)), "rcpt_to": post.to, "event_id": post.id}
    said |= {"transmission_id": "sp", "rcpt_meta": {"entry": post.entry}}
    if post.kind == "bounced":
        said |= {"type": "bounce", "bounce_class": "10", "raw_reason": "550 5.1.1 user unknown"}
    return basic(post.secret), dumps([{"msys": {"message_event": said}}])


def unisender_go(post: Post) -> Made:
    at = datetime.datetime.fromtimestamp(post.at, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    data = {"job_id": "u", "metadata": {"entry": post.entry}, "email": post.to, "event_time": at}
    data["status"] = "delivered"
    if post.kind == "bounced":
        data["status"] = "hard_bounced"
        data["delivery_info"] = {
            "delivery_status": "err_user_unknown",
            "destination_response": "550 5.1.1 user unknown",
        }
    event = {"event_name": "transactional_email_status", "event_data": data}
    said = {"auth": post.secret, "events_by_user": [{"user_id": 1, "events": [event]}]}
    body = dumps(said)
    auth = hashlib.md5(body).hexdigest()
    return {"Content-Type": JSON}, body.replace(post.secret.encode(), auth.encode())


def twilio(post: Post) -> Made:
    form = {
        "MessageSid": f"SM{post.number}",
        "MessageStatus": "delivered",
        "To": post.to,
        "AccountSid": "AC1",
    }
    if post.kind == "bounced":
        form |= {"MessageStatus": "undelivered", "ErrorCode": "30005"}
    signature = RequestValidator(post.secret).compute_signature(post.url, form)
    return {"Content-Type": FORM, "X-Twilio-Signature": signature}, urlencode(form).encode()


@dataclass
class Provider:
    make: Callable[[Post], Made]
    setting: str
    secret: str
    other: str  # a secret that is not ours


WORDS = "user:a-long-password"
SVIX = "whsec_" + base64.b64encode(b"k" * 24).decode()
PROVIDERS = {
    "amazon_ses": Provider(amazon_ses, "AMAZON_SES_TOPIC_ARN", TOPIC, TOPIC.replace("larch", "theirs")),
    "brevo": Provider(brevo, "WEBHOOK_SECRET", WORDS, "user:other"),
    "mailersend": Provider(mailersend, "MAILERSEND_SIGNING_SECRET", "ms-secret", "other"),
    "mailgun": Provider(mailgun, "MAILGUN_WEBHOOK_SIGNING_KEY", "mg-secret", "other"),
    "mailjet": Provider(mailjet, "WEBHOOK_SECRET", WORDS, "user:other"),
    "mailtrap": Provider(mailtrap, "MAILTRAP_TRACKING_SECRET", "mt-secret", "other"),
    "mandrill": Provider(mandrill, "MANDRILL_WEBHOOK_KEY", "md-secret", "other"),
    "postal": Provider(
        postal, "POSTAL_WEBHOOK_KEY", public(RSA), public(rsa.generate_private_key(65537, 2048))
    ),
    "postmark": Provider(postmark, "WEBHOOK_SECRET", WORDS, "user:other"),
    "resend": Provider(
        resend, "RESEND_SIGNING_SECRET", SVIX, "whsec_" + base64.b64encode(b"o" * 24).decode()
    ),
    "sendgrid": Provider(
        sendgrid,
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
        public(EC),
        public(ec.generate_private_key(ec.SECP256R1())),
    ),
    "sparkpost": Provider(sparkpost, "WEBHOOK_SECRET", WORDS, "user:other"),
    "unisender_go": Provider(unisender_go, "UNISENDER_GO_API_KEY", "ug-secret-key", "other-secret"),
    "twilio": Provider(twilio, "TWILIO_AUTH_TOKEN", "tw-secret", "other"),
}
# Whose signature covers the body; the others prove themselves by a password, and Mailgun by a token.
COVERED = sorted(set(PROVIDERS) - {"brevo", "mailjet", "postmark", "sparkpost"})
