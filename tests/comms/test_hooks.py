"""Posts of providers: the authentic ones are kept and understood, all others leave nothing behind."""

import datetime
import io
import json
import re
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.channels import hook_address
from comms.models import Receipt, ReceiptParsing
from comms.receipts import parsing
from comms.receipts.hooks import body as hook_body
from comms.receipts.hooks import refusals, sns
from comms.receipts.hooks.refusals import Why
from comms.record import events
from tests.comms import hooks
from tests.comms.centre import draft
from tests.comms.hooks import COVERED, PROVIDERS, Post
from tests.comms.logbook import write

NAMES = sorted(PROVIDERS)
FETCHED = sns.fetched


@pytest.fixture(autouse=True)
def account(settings, monkeypatch):
    """An installation that knows every provider's secret, and Amazon's certificate."""
    settings.BASE_URL = "https://blockpost.example"
    settings.PROVIDER_VALUES = {p.setting: p.secret for p in PROVIDERS.values()}
    settings.TWILIO_AUTH_TOKEN = PROVIDERS["twilio"].secret
    monkeypatch.setattr(sns, "fetched", lambda url: hooks.certificate())
    cache.clear()


@pytest.fixture
def entry(inside):
    return write(inside.organisation, to_address="priya.raman@example.com", at=timezone.now())


def address(organisation, name, query=""):
    return hook_address.address_of(organisation.public_id, name) + query


def made(organisation, name, entry="", **facts):
    """Give the address, headers and body of a post as the provider would make it."""
    url = address(organisation, name, f"?entry={entry}" if name == "twilio" and entry else "")
    facts.setdefault("secret", PROVIDERS[name].secret)
    return url, *PROVIDERS[name].make(Post(entry=str(entry), url=url, **facts))


def post(url, headers, body, **wire):
    headers = dict(headers)
    path, kind = url.removeprefix("https://blockpost.example"), headers.pop("Content-Type")
    wire = {"CONTENT_TYPE": kind, **wire}
    return Client().generic("POST", path, body, content_type=kind, headers=headers, **wire)


def refused(inside):
    return refusals.of_days(inside.organisation, timezone.now().date())


def kept():
    with scopes_disabled():
        return Receipt.objects.count()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["delivered", "bounced"])
def test_what_a_provider_tells_reaches_the_entry(name, kind, inside, entry):
    named = str(entry.public_id)
    if name == "mailersend":  # it gives nothing back but its own id
        events.append(
            entry, "sent", happened_at=timezone.now(), source="mailersend", provider_message_id=named
        )

    assert post(*made(inside.organisation, name, named, kind=kind)).status_code == 200
    parsing.run(10)

    row = ReceiptParsing.objects.get()
    assert (row.state, row.entry) == ("done", entry), row.reason
    expected = "sent" if (name, kind) == ("mandrill", "delivered") else kind
    event = entry.events.get(source=name, receipt__isnull=False)
    assert event.kind == expected
    if kind == "bounced":
        assert (event.bounce, bool(event.reason)) == ("hard", True)
        assert event.reason in (
            "There is no such address.",
            "It came back for good.",
            "No phone has this number.",
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_same_again_is_harmless(name, inside, entry):
    first = made(inside.organisation, name, entry.public_id)

    assert [post(*first).status_code for _ in range(3)] == [200, 200, 200]

    assert kept() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_post_with_another_secret_is_refused_counted_and_not_kept(name, inside, entry, settings):
    url, headers, body = made(inside.organisation, name, entry.public_id)
    settings.PROVIDER_VALUES = {**settings.PROVIDER_VALUES, PROVIDERS[name].setting: PROVIDERS[name].other}
    settings.TWILIO_AUTH_TOKEN = PROVIDERS["twilio"].other

    assert post(url, headers, body).status_code == 403

    assert kept() == 0
    assert refused(inside) == {name: {Why.FORGED: 1}}


@pytest.mark.parametrize("name", NAMES)
def test_a_post_without_any_proof_is_refused(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)
    bare = {"Content-Type": headers["Content-Type"]}
    if name in ("mailgun", "unisender_go"):  # whose proof stands in the body
        body = b'{"event-data": {}, "events_by_user": []}'

    assert post(url, bare, body).status_code == 403
    assert kept() == 0


@pytest.mark.parametrize("name", NAMES)
def test_where_no_secret_is_set_nothing_is_trusted(name, inside, entry, settings):
    settings.PROVIDER_VALUES, settings.TWILIO_AUTH_TOKEN = {}, ""

    assert post(*made(inside.organisation, name, entry.public_id)).status_code == 403
    assert kept() == 0


@pytest.mark.parametrize("name", COVERED)
def test_a_body_that_was_altered_is_refused(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)
    altered = body.replace(b"priya", b"price").replace(b"%40", b"%41", 1)
    if name == "mailgun":
        assert post(url, headers, body).status_code == 200
    else:
        assert altered != body

    assert post(url, headers, altered).status_code == 403
    assert kept() == (name == "mailgun")


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"mailgun", "unisender_go"}))
def test_a_header_that_was_altered_is_refused(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)
    for header in set(headers) - {"Content-Type"}:
        middle = len(headers[header]) // 2  # at the ends of base64 not every bit counts
        other = "A" if headers[header][middle] != "A" else "B"
        altered = {**headers, header: headers[header][:middle] + other + headers[header][middle + 1 :]}
        assert post(url, altered, body).status_code == 403, header

    assert kept() == 0


@pytest.mark.parametrize("name", NAMES)
def test_both_secrets_count_while_one_takes_the_place_of_the_other(name, inside, entry, settings):
    setting, old, new = PROVIDERS[name].setting, PROVIDERS[name].secret, PROVIDERS[name].other
    settings.PROVIDER_VALUES = {setting: new, f"{setting}_OLD": old}
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD = new, old

    assert post(*made(inside.organisation, name, entry.public_id, secret=old)).status_code == 200
    if name not in ("postal", "sendgrid"):  # whose private key we have only one of
        assert (
            post(*made(inside.organisation, name, entry.public_id, secret=new, number=2)).status_code == 200
        )


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"twilio"}))
def test_the_secret_of_another_organisation_is_refused(name, inside, entry, settings):
    setting = PROVIDERS[name].setting
    settings.ORGANISATION_PROVIDERS = {
        "larch": {f"ANYMAIL_{setting}": PROVIDERS[name].other},
        "harbour": {f"ANYMAIL_{setting}": PROVIDERS[name].secret},
    }

    assert post(*made(inside.organisation, name, entry.public_id)).status_code == 403
    assert post(*made(inside.other, name, entry.public_id)).status_code == 200

    with scope(organisation=inside.other):
        parsing.run(5)
        assert ReceiptParsing.objects.get().state == "waiting"  # it is none of theirs
    assert not entry.events.exists()


@pytest.mark.parametrize("name", ["resend", "mailgun"])
@pytest.mark.parametrize("hours", [-25, 25])
def test_a_signature_of_another_time_is_refused(name, hours, inside, entry):
    came = made(inside.organisation, name, entry.public_id, signed_at=time.time() + hours * 3600)

    assert post(*came).status_code == 403
    assert kept() == 0


def test_the_address_of_one_provider_or_organisation_is_none_of_another(inside, entry):
    url, headers, body = made(inside.organisation, "postmark", entry.public_id)
    token = hook_address.token_of(inside.organisation.public_id, "postmark")
    theirs = hook_address.token_of(inside.other.public_id, "postmark")
    swapped = theirs[:21] + token[21:]

    for wrong in (
        url.replace("postmark", "brevo"),
        url.replace("postmark", "nobody"),
        url.replace(token, swapped),
        url.replace(token, token[:-4] + "AAAA"),
        url.replace(token, "x"),
        url.replace(token, token + "é"),
    ):
        assert post(wrong, headers, body).status_code == 404, wrong

    assert kept() == 0


def test_addresses_of_the_former_key_open_while_it_is_set(inside, entry, settings):
    came = made(inside.organisation, "postmark", entry.public_id)
    settings.HOOKS_KEY, settings.HOOKS_KEY_OLD = "new", settings.HOOKS_KEY
    assert post(*came).status_code == 200
    settings.HOOKS_KEY_OLD = ""
    assert post(*came).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_a_body_cut_short_is_refused_or_parked(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)

    answer = post(url, headers, body[: len(body) // 2])
    parsing.run(5)

    assert answer.status_code in (200, 403)
    assert kept() == (answer.status_code == 200)
    assert not ReceiptParsing.objects.exclude(state="parked").exists()
    assert not entry.events.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_body_cut_short_on_the_wire_is_asked_for_again(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)
    wire = {"wsgi.input": io.BytesIO(body[:-1]), "CONTENT_LENGTH": str(len(body))}

    assert post(url, headers, b"", **wire).status_code == 400
    assert kept() == 0
    assert post(url, headers, body).status_code == 200


@pytest.mark.parametrize("told", ["-1", "1_0", "\u0661", "x"])
def test_a_length_that_is_no_number_is_no_post(told, inside, entry):
    url, headers, body = made(inside.organisation, "postmark", entry.public_id)

    assert post(url, headers, body, CONTENT_LENGTH=told).status_code == 400


class Pieces(io.BytesIO):
    """A body in pieces, as a server gives it that reads them; it may break off."""

    def __init__(self, body, breaks=False):
        super().__init__(body)
        self.breaks = breaks

    def read(self, size=-1):
        found = super().read(min(size, 100))
        if self.breaks and not found:
            raise ValueError("the last piece never came")
        return found


def in_pieces(body, **broken):
    return {
        "wsgi.input": Pieces(body, **broken),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_comes_in_pieces_is_taken_whole_or_not_at_all(name, inside, entry, settings):
    url, headers, body = made(inside.organisation, name, entry.public_id)

    assert post(url, headers, b"", **in_pieces(body[:-1], breaks=True)).status_code == 400
    settings.HOOK_MAX_BYTES = len(body) - 1
    assert post(url, headers, b"", **in_pieces(body)).status_code == 413
    assert kept() == 0
    settings.HOOK_MAX_BYTES = len(body)
    assert post(url, headers, b"", **in_pieces(body)).status_code == 200
    assert kept() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_is_too_long_is_not_even_read(name, inside, entry):
    url, headers, body = made(inside.organisation, name, entry.public_id)

    assert post(url, headers, body + b" " * 5 * 1024 * 1024).status_code == 413
    assert post(url, headers, b"").status_code in (400, 403)
    assert kept() == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", [b"null", b"[]", b"{}", b"[[]]", b"\xff\xfe\x00", b"a" * 1000, b'{"signature": 1}', b"=&=&"]
)
def test_strange_bodies_never_break_anything(name, body, inside, entry):
    url, headers, _ = made(inside.organisation, name, entry.public_id)

    assert post(url, headers, body).status_code in (200, 403)
    parsing.run(5)

    assert not ReceiptParsing.objects.filter(state="waiting").exists()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["", "inbound/"])
@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 150_000, b"a=1&" * 30_000])
@pytest.mark.parametrize("kind", [hooks.JSON, hooks.FORM, "multipart/form-data"])
def test_a_body_that_breaks_its_reader_is_refused_and_counted(name, way, body, kind, inside):
    answer = post(address(inside.organisation, name) + way, {"Content-Type": kind}, body)

    assert answer.status_code == 403
    assert refused(inside) == {name: {Why.FORGED: 1}}
    assert kept() == 0


def test_an_event_of_a_message_that_is_not_ours_waits(inside):
    assert (
        post(*made(inside.organisation, "postmark", "8a4e2f0e-1111-4222-8333-444455556666")).status_code
        == 200
    )
    parsing.run(5)

    row = ReceiptParsing.objects.get()
    assert (row.state, "not in this log" in row.reason) == ("waiting", True)


def test_events_in_any_order_with_repeats_come_to_the_same(inside, entry):
    said = [
        made(inside.organisation, "postmark", entry.public_id, kind=kind) for kind in ("bounced", "delivered")
    ]
    for came in [*said, *reversed(said)]:
        post(*came)
    parsing.run(5)

    entry.delivery.refresh_from_db()
    assert (entry.delivery.status, entry.events.count()) == ("bounced", 2)


def test_a_date_far_off_is_not_believed(inside, entry):
    post(*made(inside.organisation, "postmark", entry.public_id, at=4070908800.0))
    parsing.run(5)

    event = entry.events.get()
    assert event.happened_at <= timezone.now()
    assert "2099-01-01" in event.reply


def test_one_bad_event_does_not_lose_the_others_of_its_batch(inside, entry):
    url, headers, body = made(inside.organisation, "mailjet", entry.public_id)
    batch = (
        b'[{"no": "event"}, ' + body.strip(b"[]") + b', {"event": "sold", "MessageID": 1, "email": "x"}, 7]'
    )

    assert post(url, headers, batch).status_code == 200
    parsing.run(5)

    row = ReceiptParsing.objects.get()
    assert row.state == "parked"
    assert "“sold”" in row.reason
    assert [event.kind for event in entry.events.all()] == ["delivered"]


def test_passwords_are_not_kept_with_what_they_opened(inside, entry):
    post(*made(inside.organisation, "postmark", entry.public_id))

    receipt = Receipt.objects.get()
    assert "Authorization" not in receipt.headers
    assert receipt.headers["Content-Type"] == "application/json"
    assert hook_address.token_of(inside.organisation.public_id, "postmark") not in str(receipt.headers)


def test_where_the_database_is_away_the_provider_is_asked_to_come_again(committed, inside, entry):
    came = made(inside.organisation, "postmark", entry.public_id)
    had = dict(connection.settings_dict)
    connection.close()
    try:
        connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
        answer = post(*came)
    finally:
        connection.settings_dict.update(had)
        connection.close()

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert kept() == 0
    assert post(*came).status_code == 200


def test_a_look_at_an_address_says_that_it_is_there(inside):
    path = address(inside.organisation, "mandrill").removeprefix("https://blockpost.example")

    assert Client().head(path).status_code == Client().get(path).status_code == 200
    assert Client().put(path).status_code == 405


def test_mail_that_came_in_is_kept_under_its_own_name(inside, settings):
    url, headers, _ = made(inside.organisation, "postmark")
    body = b'{"FromFull": {}, "RawEmail": "' + b"x" * 2 * 1024 * 1024 + b'"}'

    assert post(url + "inbound/", headers, body).status_code == 200
    settings.HOOK_INBOUND_MAX_BYTES = 1024 * 1024
    assert post(url + "inbound/", {**headers, "Authorization": "Basic eA=="}, body).status_code == 403
    assert post(address(inside.organisation, "mandrill") + "inbound/", headers, body).status_code == 413

    assert Receipt.objects.get().source == "postmark inbound"


def test_of_a_mail_without_end_the_beginning_is_kept_where_the_headers_prove_it(inside, settings):
    settings.HOOK_INBOUND_MAX_BYTES = 3 * 1024 * 1024
    url, headers, _ = made(inside.organisation, "postmark")
    body = b'{"TextBody": "The lift stands.", "RawEmail": "' + b"x" * 4 * 1024 * 1024 + b'"}'

    assert [post(url + "inbound/", headers, body).status_code for _ in range(2)] == [200, 200]
    parsing.run(5)

    row = ReceiptParsing.objects.get()
    assert bytes(row.receipt.body) == body[: 1024 * 1024]
    assert (row.state, row.reason[:12]) == ("parked", "It has 4 MB,")
    assert refused(inside) == {}


class Nobody(io.BytesIO):
    def read(self, size=-1):
        pytest.fail("It was read.")


@pytest.mark.parametrize("name", ["brevo", "mailjet", "postmark", "sparkpost"])
def test_without_its_password_nothing_of_a_post_is_read(name, inside):
    url, _, body = made(inside.organisation, name)
    wire = {"wsgi.input": Nobody(), "CONTENT_LENGTH": str(len(body))}

    assert post(url, {"Content-Type": hooks.JSON}, b"", **wire).status_code == 403
    assert post(url + "inbound/", {"Content-Type": hooks.JSON}, b"", **wire).status_code == 403


def test_one_large_post_is_in_memory_at_a_time_and_the_next_is_asked_to_come_again(inside, monkeypatch):
    monkeypatch.setattr(hook_body, "WAIT", 0.01)
    url, headers, _ = made(inside.organisation, "postmark")
    large = b'{"RawEmail": "' + b"x" * 5 * 1024 * 1024 + b'"}'

    with hook_body.ONE_AT_A_TIME:
        assert post(url + "inbound/", headers, large).status_code == 503
        assert post(url + "inbound/", headers, large[:1000]).status_code == 200
    assert post(url + "inbound/", headers, large).status_code == 200
    assert kept() == 2


class TestSns:
    @pytest.fixture
    def fields(self, inside, entry):
        _, _, body = made(inside.organisation, "amazon_ses", entry.public_id)
        fields = json.loads(body)
        del fields["Signature"]
        return fields

    def sent(self, inside, fields, **options):
        return post(
            address(inside.organisation, "amazon_ses"), *hooks.sns_signed(fields, **options)
        ).status_code

    def test_both_versions_of_the_signature_count(self, inside, fields):
        assert self.sent(inside, fields) == 200
        assert self.sent(inside, {**fields, "SignatureVersion": "1", "MessageId": "2", "Subject": "x"}) == 200

    @pytest.mark.parametrize(
        "url",
        [
            "https://sns.eu-west-2.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
            "http://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-2.amazonaws.com/other.pem",
            "https://evil.example/sns.eu-west-2.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-2.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
            "https://bucket.s3.amazonaws.com/SimpleNotificationService-0.pem",
            "",
        ],
    )
    def test_a_certificate_from_elsewhere_is_never_fetched(self, url, inside, fields, monkeypatch):
        monkeypatch.setattr(sns, "fetched", lambda url: pytest.fail("It was fetched."))

        assert self.sent(inside, {**fields, "SigningCertURL": url}) == 403

    def test_a_signature_by_another_key_is_refused(self, inside, fields):
        assert self.sent(inside, fields, key=rsa.generate_private_key(65537, 2048)) == 403

    @pytest.mark.parametrize(
        "pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", None]
    )
    def test_a_certificate_that_is_none_or_of_the_past_is_refused(self, pem, inside, fields, monkeypatch):
        monkeypatch.setattr(sns, "fetched", lambda url: hooks.certificate(days=-1) if pem is None else pem)

        assert self.sent(inside, fields) == 403

    def test_where_amazon_cannot_be_asked_it_comes_again(self, inside, fields, monkeypatch):
        monkeypatch.setattr(sns, "fetched", FETCHED)
        monkeypatch.setattr(sns, "CERTIFICATE", re.compile(".*"))

        assert self.sent(inside, {**fields, "SigningCertURL": "http://127.0.0.1:1/x.pem"}) == 503
        assert kept() == 0

    def test_a_subscription_is_never_confirmed_by_itself_but_shown(self, inside, fields):
        fields |= {"Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": "https://sns.example/?x"}

        assert self.sent(inside, fields) == 200
        parsing.run(5)

        row = ReceiptParsing.objects.get()
        assert (row.state, "open the SubscribeURL" in row.reason) == ("parked", True)


def test_texts_tell_their_fate_by_their_code(inside):
    entry = write(inside.organisation, channel="whatsapp", to_address="+447700900001", at=timezone.now())
    for number, (status, code) in enumerate(
        [
            ("sent", ""),
            ("undelivered", "30003"),
            ("undelivered", "30007"),
            ("failed", "30034"),
            ("failed", "1"),
            ("read", ""),
        ]
    ):
        url = address(inside.organisation, "twilio", f"?entry={entry.public_id}")
        form = {
            "MessageSid": f"SM{number}",
            "MessageStatus": status,
            "To": "+447700900001",
            "ErrorCode": code,
        }
        signature = hooks.RequestValidator("tw-secret").compute_signature(url, form)
        assert (
            post(
                url,
                {"Content-Type": hooks.FORM, "X-Twilio-Signature": signature},
                hooks.urlencode(form).encode(),
            ).status_code
            == 200
        )
    parsing.run(5)

    assert [(event.kind, event.bounce) for event in entry.events.all()] == [
        ("sent", ""),
        ("bounced", "soft"),
        ("bounced", "spam"),
        ("failed", ""),
        ("failed", ""),
        ("opened", ""),
    ]


@pytest.mark.parametrize(("status", "state"), [("sending", "done"), ("teleported", "parked")])
def test_statuses_between_and_unheard_of(status, state, inside, entry):
    url = address(inside.organisation, "twilio")
    form = {"MessageSid": "SM1", "MessageStatus": status}
    signature = hooks.RequestValidator("tw-secret").compute_signature(url, form)
    post(url, {"Content-Type": hooks.FORM, "X-Twilio-Signature": signature}, hooks.urlencode(form).encode())
    parsing.run(5)

    assert ReceiptParsing.objects.get().state == state
    assert not entry.events.exists()


def test_the_entry_in_the_address_of_a_text_is_covered_by_its_signature(inside, entry):
    url, headers, body = made(inside.organisation, "twilio", entry.public_id)

    assert post(url.replace(str(entry.public_id)[:8], "00000000"), headers, body).status_code == 403


def test_when_it_happened_is_what_the_provider_says(inside, entry):
    at = timezone.now().replace(microsecond=0) - datetime.timedelta(minutes=1)
    for name in sorted(set(NAMES) - {"twilio", "mailersend"}):
        post(*made(inside.organisation, name, entry.public_id, at=at.timestamp()))
    parsing.run(10)

    assert {event.happened_at for event in entry.events.all()} == {at}
    assert entry.events.count() == len(NAMES) - 2


def looked_at(inside, entry, kind, number=1):
    url, headers, body = made(inside.organisation, "postmark", entry.public_id, number=number)
    said = json.loads(body) | {
        "RecordType": kind,
        "ReceivedAt": timezone.now().isoformat(),
        "UserAgent": "X 1",
    }
    del said["DeliveredAt"]
    post(url, headers, json.dumps(said).encode())
    parsing.run(5)
    return ReceiptParsing.objects.latest("id")


@pytest.mark.parametrize("kind", ["Open", "Click"])
@pytest.mark.parametrize("facts", [None, {"track": False}, {"type": "notice"}, {"statutory": True}])
def test_a_look_at_what_is_not_watched_is_kept_and_changes_nothing(kind, facts, inside, cast):
    about = draft(cast, **{"track": True, **facts}) if facts else None
    entry = write(inside.organisation, communication=about, at=timezone.now())

    row = looked_at(inside, entry, kind)

    assert not entry.events.exists()
    assert (row.state, row.entry, row.reason) == ("done", entry, parsing.UNWATCHED)


def test_a_look_at_what_is_watched_counts(inside, cast):
    entry = write(inside.organisation, communication=draft(cast, track=True), at=timezone.now())

    looked_at(inside, entry, "Open")
    looked_at(inside, entry, "Click", number=2)

    assert [event.kind for event in entry.events.all()] == ["opened", "clicked"]


def test_an_admin_finds_the_addresses_and_what_was_refused(inside, entry, client_of, settings):
    settings.PROVIDER_VALUES = {"MAILGUN_WEBHOOK_SIGNING_KEY": "other"}
    url, headers, body = made(inside.organisation, "mailgun", entry.public_id)
    post(url, headers, body)
    post(url, headers, body + b" " * 5 * 1024 * 1024)
    post(url, headers, b"", **{"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1)})
    headers = made(inside.organisation, "postmark")[1]
    settings.PROVIDER_VALUES["WEBHOOK_SECRET"] = hooks.WORDS
    post(address(inside.organisation, "postmark"), headers, b"")

    page = client_of(inside.adam).get(f"/o/{inside.organisation.slug}/settings/receipts/")

    assert page.context["providers"] == [
        (
            "mailgun",
            address(inside.organisation, "mailgun"),
            3,
            "1 not proved, 1 too large, 1 cut short on the way",
        ),
        ("postmark", address(inside.organisation, "postmark"), 1, "1 empty"),
        ("twilio", address(inside.organisation, "twilio"), 0, ""),
    ]
    assert "1 too large" in page.content.decode()
    assert address(inside.organisation, "mailgun") in page.content.decode()
