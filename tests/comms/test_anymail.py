"""Mail through providers' interfaces: the kept message, once, and what their answers mean."""

import base64
import dataclasses
import datetime
import hashlib
import json
import logging

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from comms.channels import provider, registry, wire
from comms.channels.base import File, Message, Outgoing, Party
from comms.channels.email import EmailChannel
from comms.channels.provider import ProviderSettings
from comms.channels.smtp import SmtpSettings
from comms.models import LogEntry
from comms.receipts import parsing
from comms.sending import compose, due, handover, trial
from tests.comms import hooks
from tests.comms.centre import with_people
from tests.comms.mail_providers import OPTIONS, PATHS, TAKEN, TO, fields_of, json_of
from tests.comms.servers import CLOSE, HANG, RESET, Answer, nobody, said, serving
from tests.comms.test_hooks import address, post

NAMES = sorted(OPTIONS)
ENTRY = "5f0c7d1e-0000-4000-8000-000000000001"
PDF = b"%PDF-1.7 \x00\xff the plan" * 50


def channel(name, at, **changes):
    return EmailChannel(
        ProviderSettings(name, {**OPTIONS[name], "api_url": f"{at}/"}, **{"timeout": 2, **changes})
    )


def outgoing(made, **changes):
    written = Message(
        subject="Lift: “out” of order – Größe",
        html="<html><body><p>The lift is <b>out</b>. £5 – naïve</p></body></html>",
        text="The lift is out. £5 – naïve\n\n-- \nLarch\n",
        sender=Party("Larch Management", "office@mail.example"),
        to=Party("Ada Flint", TO),
        message_id=f"<{ENTRY}@mail.example>",
        date=datetime.datetime(2026, 11, 20, 9, tzinfo=datetime.UTC),
        reply_to="replies@mail.example",
        headers={"X-Blockpost-Entry": ENTRY},
        attachments=[File("plan für alle.pdf", "application/pdf", PDF)],
    )
    given = Outgoing(
        entry=ENTRY,
        token="t0k3n",
        to=written.to,
        envelope_from="bounces+t0k3n@mail.example",
        envelope_to=TO,
        message_id=written.message_id,
        data=b"".join(part.data for part in made.compose(written)),
    )
    return dataclasses.replace(given, **changes)


def outcome(name, answer, **changes):
    with serving(lambda asked: answer) as server:
        made = channel(name, server.address, **changes)
        with made.line() as line:
            return line.send(outgoing(made)), server.asked


@pytest.mark.parametrize("name", NAMES)
def test_each_provider_is_handed_the_message_once_with_our_own_id(name):
    sent, (asked,) = outcome(name, TAKEN[name])

    assert (sent.kind, bool(sent.provider_id), sent.reason) == ("sent", True, ""), sent
    assert asked.path == PATHS[name]
    if name != "mailersend":
        assert ENTRY.encode() in asked.body or ENTRY.encode() in base64.b64decode(json_of(asked)["data"])
    digest = hashlib.sha256(asked.body).hexdigest()
    assert (
        f"{len(asked.body)} bytes, SHA-256 {digest}" in sent.reply
    )  # which request it was that was answered


@pytest.mark.parametrize("name", ["mailgun", "sparkpost", "postal"])
def test_where_a_provider_takes_a_mail_whole_it_gets_the_kept_bytes(name):
    _, (asked,) = outcome(name, TAKEN[name])
    kept = outgoing(channel(name, "")).data

    if name == "mailgun":
        fields = fields_of(asked)
        assert b"\r\n\r\n" + kept + b"\r\n--" in asked.body
        del fields["message"]
        assert fields == {
            "to": b"Ada Flint <ada@example.com>",
            "v:entry": ENTRY.encode(),
            "o:tracking-clicks": b"no",
            "o:tracking-opens": b"no",
        }
    elif name == "sparkpost":
        whole = json_of(asked)
        assert whole["content"] == {"email_rfc822": kept.decode()}
        assert whole["metadata"] == {"entry": ENTRY}
        assert whole["options"] == {"click_tracking": False, "open_tracking": False}
        assert [one["address"]["email"] for one in whole["recipients"]] == [TO]
    else:
        whole = json_of(asked)
        assert base64.b64decode(whole.pop("data")) == kept
        assert whole == {
            "mail_from": "bounces+t0k3n@mail.example",
            "rcpt_to": ["Ada Flint <ada@example.com>"],
        }


def test_where_it_is_taken_in_parts_they_are_those_of_the_kept_bytes():
    _, (asked,) = outcome("postmark", TAKEN["postmark"])
    parts = json_of(asked)

    assert asked.headers["x-postmark-server-token"] == "key"
    assert parts["Subject"] == "Lift: “out” of order – Größe"
    assert parts["TextBody"] == "The lift is out. £5 – naïve\n\n-- \nLarch\n"
    assert parts["HtmlBody"].strip() == "<html><body><p>The lift is <b>out</b>. £5 – naïve</p></body></html>"
    assert (parts["From"], parts["To"]) == (
        "Larch Management <office@mail.example>",
        "Ada Flint <ada@example.com>",
    )
    assert (parts["ReplyTo"], parts["Metadata"]) == ("replies@mail.example", {"entry": ENTRY})
    assert (parts["TrackOpens"], parts["TrackLinks"]) == (False, "None")
    (attached,) = parts["Attachments"]
    assert (attached["Name"], attached["ContentType"]) == ("plan für alle.pdf", "application/pdf")
    assert base64.b64decode(attached["Content"]) == PDF
    headers = {one["Name"]: one["Value"] for one in parts["Headers"]}
    assert headers == {
        "X-Blockpost-Entry": ENTRY,
        "Message-ID": f"<{ENTRY}@mail.example>",
        "X-PM-KeepID": "true",
    }


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"mailgun", "sparkpost", "postal"}))
def test_no_provider_is_handed_less_than_the_whole_message(name):
    _, (asked,) = outcome(name, TAKEN[name])
    whole = json.dumps(json_of(asked), ensure_ascii=False)

    for word in ("“out” of order – Größe".replace("“", "“"), "naïve", "<b>out</b>", "plan für alle.pdf", TO):
        assert word in whole or word.replace("ü", "u") in whole, word
    assert base64.b64encode(PDF).decode() in whole
    assert "replies@mail.example" in whole


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("status", "kind", "no_line", "reason"),
    [
        (302, "deferred", True, wire.ELSEWHERE),
        (400, "failed", False, wire.REFUSED),
        (401, "deferred", True, wire.CREDENTIALS),
        (429, "deferred", False, wire.TOO_FAST),
        (500, "deferred", False, wire.AWAY),
        (503, "deferred", False, wire.AWAY),
        (504, "unconfirmed", False, wire.SILENT),
    ],
)
def test_a_refusal_means_what_its_status_says(name, status, kind, no_line, reason):
    answer = said(
        status, {"message": "No", "Message": "No", "ErrorCode": 9}, Location="http://elsewhere.example/"
    )
    result, asked = outcome(name, answer)

    assert (result.kind, result.no_line, result.reason) == (kind, no_line, reason), result
    assert result.reply.startswith(f"{status} ")
    assert len(asked) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", [CLOSE, RESET, HANG])
def test_a_break_after_the_request_is_unconfirmed_and_nothing_is_said_twice(name, how):
    result, asked = outcome(name, how, timeout=0.5)

    assert (result.kind, result.reason, len(asked)) == ("unconfirmed", wire.SILENT, 1)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_there_keeps_everything_waiting(name):
    made = channel(name, nobody())
    with made.line() as line:
        result = line.send(outgoing(made))

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, wire.UNREACHABLE)


@pytest.mark.parametrize(
    "name", sorted(set(NAMES) - {"mailersend", "sendgrid"})
)  # which say it by the status alone
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'"x"', b"null", b"7"])
def test_a_promise_that_cannot_be_read_may_be_one(name, body):
    result, _ = outcome(name, Answer(200, body))

    assert result.kind == "unconfirmed", result


@pytest.mark.parametrize(
    ("name", "answer", "kind", "bounce"),
    [
        ("postmark", said(422, {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: ada@example.com. Inactive recipients are ones that have generated a hard bounce."}), "failed", ""),
        ("postmark", said(422, {"ErrorCode": 300, "Message": "Error parsing 'To': Illegal email address 'ada@example.com'."}), "bounced", "hard"),
        ("mandrill", said(200, [{"email": TO, "status": "rejected", "reject_reason": "hard-bounce", "_id": "1"}]), "failed", ""),
        ("mandrill", said(200, [{"email": TO, "status": "invalid", "_id": "1"}]), "bounced", "hard"),
        ("sparkpost", said(200, {"results": {"total_accepted_recipients": 0, "total_rejected_recipients": 1, "id": "1"}}), "failed", ""),
    ],
)  # fmt: skip
def test_a_recipient_who_is_refused_is_told_from_a_message_that_is(name, answer, kind, bounce):
    result, _ = outcome(name, answer)

    assert (result.kind, result.bounce) == (kind, bounce), result
    assert result.reason in (provider.BLOCKED, provider.NO_SUCH_ADDRESS)


def test_after_a_break_the_next_message_goes_over_a_new_line():
    answers = [CLOSE, TAKEN["postmark"]]
    with serving(lambda asked: answers.pop(0)) as server:
        made = channel("postmark", server.address)
        with made.line() as line:
            kinds = [line.send(outgoing(made)).kind for _ in range(2)]

    assert kinds == ["unconfirmed", "sent"]


def test_many_messages_go_over_one_connection():
    with serving(lambda asked: TAKEN["postmark"]) as server:
        made = channel("postmark", server.address)
        with made.line() as line:
            for _ in range(5):
                assert line.send(outgoing(made)).kind == "sent"

    assert (len(server.asked), server.connections) == (5, 1)


@pytest.mark.parametrize("name", ["postmark", "nobody", "../../etc"])
def test_settings_that_are_not_whole_keep_everything_waiting_and_say_so(name, settings):
    made = EmailChannel(ProviderSettings(name))
    with made.line() as line:
        result = line.send(outgoing(made))
    settings.EMAIL_PROVIDER, settings.PROVIDER_VALUES = name, {}

    assert (result.kind, result.no_line, result.reason) == ("deferred", True, provider.NOT_SET_UP)
    assert [fault for fault in run_checks() if fault.id == "comms.E020"]


def test_no_words_addresses_or_keys_are_in_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        outcome("postmark", TAKEN["postmark"])
        outcome("postmark", Answer(200, b"{}"))
        outcome("mailgun", said(400, {"message": f"to parameter is not valid: {TO}"}))

    text = "".join(record.getMessage() for record in caplog.records)
    assert TO not in text and "naïve" not in text and "key" not in text.replace("KeyError", "")
    assert "key" not in repr(ProviderSettings("postmark", OPTIONS["postmark"]))


class TestSes:
    """Amazon's interface takes a mail whole; its library must ask but once."""

    def channel(self, at):
        session = {"aws_access_key_id": "AK", "aws_secret_access_key": "key", "region_name": "eu-west-2"}
        client = {"endpoint_url": at, "config": {"read_timeout": 0.5, "connect_timeout": 0.5}}
        options = {"session_params": json.dumps(session), "client_params": json.dumps(client)}
        return EmailChannel(ProviderSettings("amazon_ses", options, 2))

    def outcome(self, answer):
        with serving(lambda asked: answer) as server:
            made = self.channel(server.address)
            with made.line() as line:
                return line.send(outgoing(made)), server.asked

    def test_it_gets_the_kept_bytes(self):
        sent, (asked,) = self.outcome(said(200, {"MessageId": "ses-1"}))

        assert (sent.kind, sent.provider_id) == ("sent", "ses-1"), sent
        whole = json_of(asked)
        assert base64.b64decode(whole["Content"]["Raw"]["Data"]) == outgoing(self.channel("")).data
        assert whole["Destination"] == {"ToAddresses": [TO]}

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (said(400, {"message": "Email address is not verified."}), "failed"),
            (said(403, {"message": "The security token is not valid."}), "deferred"),
            (said(429, {"message": "Too many"}), "deferred"),
            (said(503, {"message": "Away"}), "deferred"),
            (CLOSE, "unconfirmed"),
            (HANG, "unconfirmed"),
        ],
    )
    def test_its_answers_mean_what_they_say_and_it_is_asked_once(self, answer, kind):
        result, asked = self.outcome(answer)

        assert (result.kind, len(asked)) == (kind, 1), result

    def test_nobody_there_keeps_everything_waiting(self):
        made = self.channel(nobody())
        with made.line() as line:
            result = line.send(outgoing(made))

        assert (result.kind, result.no_line) == ("deferred", True), result


class TestThePipeline:
    @pytest.fixture
    def postmark(self, settings):
        answered = []

        def answer(asked):
            answered.append(json_of(asked))
            number = len(answered)
            to = answered[-1]["To"].partition("<")[2].rstrip(">")
            return said(200, {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{number}", "To": to})

        with serving(answer) as server:
            settings.ORGANISATION_PROVIDERS = {
                "larch": {
                    "EMAIL_PROVIDER": "postmark",
                    "ANYMAIL_POSTMARK_SERVER_TOKEN": "key",
                    "ANYMAIL_POSTMARK_API_URL": server.address,
                    "ANYMAIL_WEBHOOK_SECRET": hooks.WORDS,
                }
            }
            settings.BASE_URL = "https://blockpost.example"
            yield server

    def send(self, one, by):
        one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
        due.start_due(timezone.now())
        handover.run(5)

    def test_an_organisation_sends_by_its_own_provider_and_hears_from_it(self, inside, postmark):
        one = with_people(inside, body="<p>Dear {{first_name}}, the water is off.</p>")
        self.send(one, inside.alice)

        entry = LogEntry.objects.filter(communication=one).order_by("id")[0]
        sent = entry.events.get(kind="sent")
        assert (sent.source, sent.provider_message_id) == ("postmark", "pm-1")
        assert len(postmark.asked) == one.recipients.count()

        said = hooks.Post(entry="", to=entry.to_address, secret=hooks.WORDS, kind="bounced")
        headers, body = hooks.postmark(said)
        body = body.replace(b'"pm"', b'"pm-1"')
        assert post(address(inside.organisation, "postmark"), headers, body).status_code == 200
        parsing.run(5)

        entry.delivery.refresh_from_db()
        assert (entry.delivery.status, entry.delivery.bounce) == ("bounced", "hard")

    def test_a_test_goes_by_the_same_provider(self, inside, postmark):
        outcome = trial.trial(with_people(inside, body="<p>Hello</p>"), inside.alice)

        assert (outcome.kind, len(postmark.asked)) == ("sent", 1)

    def test_other_organisations_keep_to_the_mail_server(self, inside, postmark):
        ours = registry.get("email", firm=compose.firm_of(inside.organisation))
        others = registry.get("email", firm=compose.firm_of(inside.other))

        assert isinstance(ours.settings, ProviderSettings)
        assert isinstance(others.settings, SmtpSettings)


def test_texts_ask_for_receipts_at_the_address_of_their_organisation(inside, settings):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = (
        "AC1",
        "t",
        "+447700900999",
    )
    firm = compose.firm_of(inside.organisation)
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert registry.get("sms", firm=firm).settings.callback == ""
    settings.BASE_URL = "https://blockpost.example"
    assert registry.get("sms", firm=firm).settings.callback == address(inside.organisation, "twilio")
    settings.TWILIO_STATUS_CALLBACK = "https://elsewhere.example/"
    assert registry.get("sms", firm=firm).settings.callback == "https://elsewhere.example/"
