"""Push messages go the way of every other channel, to each device of a recipient; a dead one is forgotten."""

import datetime
import json

import pytest
from django.utils import timezone

from comms.channels.base import Outcome
from comms.channels.devices import together
from comms.models import LogEntry, PortalLink, PortalPushSubscription
from comms.portal import links, subscriptions, withheld
from comms.sending import due, handover, routing
from tests import sink as smtp
from tests.comms.centre import with_people
from tests.comms.push_servers import Browser, Google, push_service, vapid_key
from tests.comms.residents import link_of, page, phone
from tests.comms.servers import Answer, serving


def send(one, by) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
    due.start_due(timezone.now())
    handover.run(5)
    due.finish_through(timezone.now())
    one.refresh_from_db()


@pytest.fixture
def pushed(inside, settings):
    """Larch may push, and its residents' browsers are at a push service of this machine."""
    inside.organisation.channels = ["email", "push"]
    inside.organisation.save()
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = vapid_key(), "mailto:office@larch.example"
    settings.BASE_URL = "https://larch.example"
    return inside


def holds(link: PortalLink, browser: Browser, at: str) -> str:
    """Put a browser down on a resident's page, and give its address."""
    given = browser.subscription(at)
    keys = json.loads(given)
    subscriptions.subscribe(
        link, subscriptions.read(keys["endpoint"], keys["keys"]["p256dh"], keys["keys"]["auth"]), "Firefox"
    )
    return given


def test_each_browser_of_a_recipient_gets_it_once_and_a_tap_leads_to_their_page(pushed, settings):
    phone_, laptop = Browser("phone"), Browser("laptop")

    def service(asked):
        browser = phone_ if asked.path.endswith("phone") else laptop
        return push_service(browser)(asked)

    with serving(service) as server:
        settings.PUSH_SERVICES = [server.address]
        link = link_of(pushed)
        for browser in (phone_, laptop):
            holds(link, browser, server.address)
        one = with_people(pushed, channel="push", subject="Water", body="<p>The water is off.</p>")
        found = {
            route.recipient.contact: route.word for route in routing.check(one, one.recipients.all()).routes
        }
        send(one, pushed.alice)

    ada = pushed.contacts[0]
    assert found == {ada: "", **dict.fromkeys(pushed.contacts[1:], "unreachable")}
    entry = LogEntry.objects.get(communication=one, contact=ada)
    assert (entry.to_address, entry.delivery.status) == ("2 browsers at 127.0.0.1", "sent")
    url = links.portal_url(link)
    assert phone_.shown == laptop.shown == [{"title": "Water", "body": "The water is off.", "url": url}]
    assert links.token_of(link).encode() not in entry.exact_bytes()
    assert entry.recipient.devices["push"] and one.status == "sent"


def test_an_expired_subscription_is_removed_and_the_log_says_so(pushed, settings):
    with serving(lambda asked: Answer(410, b"expired")) as server:
        settings.PUSH_SERVICES = [server.address]
        holds(link_of(pushed), Browser(), server.address)
        one = with_people(pushed, channel="push", subject="Water", body="<p>The water is off.</p>")
        send(one, pushed.alice)

    entry = LogEntry.objects.get(communication=one, contact=pushed.contacts[0])
    assert (entry.delivery.status, "stopped taking push" in entry.delivery.reason) == ("failed", True)
    assert PortalPushSubscription.objects.get().removal == "expired"
    assert not subscriptions.addresses(pushed.contacts)


def test_one_device_that_takes_it_is_enough_and_the_dead_one_is_forgotten(pushed, settings):
    alive = Browser("alive")

    def service(asked):
        return push_service(alive)(asked) if asked.path.endswith("alive") else Answer(404)

    with serving(service) as server:
        settings.PUSH_SERVICES = [server.address]
        link = link_of(pushed)
        holds(link, Browser("dead"), server.address)
        kept = holds(link, alive, server.address)
        send(with_people(pushed, channel="push", body="<p>Hello</p>"), pushed.alice)

    entry = LogEntry.objects.get(contact=pushed.contacts[0], channel="push")
    assert entry.delivery.status == "sent" and len(alive.shown) == 1
    assert [one.address for one in PortalPushSubscription.objects.standing()] == [
        json.dumps(
            {"endpoint": json.loads(kept)["endpoint"], "keys": json.loads(kept)["keys"]}, sort_keys=True
        )
    ]


def test_a_phone_with_the_firms_app_is_registered_by_it_and_told(inside, settings):
    google = Google()
    inside.organisation.channels = ["app"]
    inside.organisation.save()
    with serving(google) as server:
        settings.FCM_SERVICE_ACCOUNT, settings.FCM_API_BASE = (
            google.service_account(server.address),
            server.address,
        )
        link = link_of(inside)
        token = "fMEP0vJqS0:APA91b-registered-by-the-app"
        for _ in range(2):
            assert phone().post(f"{page(link)}app/", {"token": token}).status_code == 201
        one = with_people(inside, channel="app", subject="Water", body="<p>The water is off.</p>")
        send(one, inside.alice)
        sent = [json.loads(asked.body)["message"] for asked in server.asked if "messages:send" in asked.path]

    entry = LogEntry.objects.get(communication=one, contact=inside.contacts[0])
    assert (entry.to_address, entry.delivery.status) == ("The app on one phone", "sent")
    assert [message["token"] for message in sent] == [token]
    assert token.encode() not in entry.exact_bytes()


@pytest.mark.parametrize("token", ["", "short", "has spaces in it, and is long enough", "x" * 1001])
def test_what_is_no_token_is_refused_in_a_sentence(inside, settings, token):
    settings.FCM_SERVICE_ACCOUNT = Google().service_account("http://127.0.0.1:9")
    answer = phone().post(f"{page(link_of(inside))}app/", {"token": token})

    assert answer.status_code == 422 and answer.json()["words"].endswith(".")


@pytest.mark.parametrize(
    "kinds,kind",
    [
        (["failed", "sent"], "sent"),
        (["deferred", "unconfirmed"], "unconfirmed"),
        (["failed", "deferred"], "deferred"),
        (["failed", "failed"], "failed"),
    ],
)
def test_what_became_of_it_at_several_devices_is_one_outcome(kinds, kind):
    assert together([Outcome(one, "", no_line=one == "deferred") for one in kinds]).kind == kind


def test_no_phone_is_registered_where_the_app_is_off(inside):
    answer = phone().post(f"{page(link_of(inside))}app/", {"token": "fMEP0vJqS0:APA91b-registered"})

    assert answer.status_code == 404 and "switched off" in answer.json()["words"]
    assert not PortalPushSubscription.objects.exists()


def test_the_reply_says_what_each_of_several_devices_answered_and_which_went():
    gone = Outcome("failed", "This browser has stopped.", "HTTP 410", gone=("a",))
    taken, slow = Outcome("sent", "", "HTTP 201"), Outcome("deferred", "Too fast.", "HTTP 429")

    assert together([gone, taken, slow]).reply == (
        "Device 1, forgotten: This browser has stopped. HTTP 410\n"
        "Device 2, taken: HTTP 201\n"
        "Device 3, put off: Too fast. HTTP 429"
    )
    assert together([taken]).reply == "HTTP 201"


def test_the_page_of_a_link_says_which_devices_went_and_why(pushed, client_of, settings):
    settings.PUSH_SERVICES = ["https://push.example"]
    link = link_of(pushed)
    kept = holds(link, Browser("laptop"), "https://push.example")
    subscriptions.expire("push", [kept])

    shown = client_of(pushed.sam).get(f"/o/larch/contacts/{link.contact.public_id}/portal/").content.decode()
    assert "Taken off" in shown and "The push service says that it has expired" in shown


def test_the_link_in_an_email_opens_the_page_and_the_log_does_not_hold_it(inside, settings):
    settings.BASE_URL = "http://testserver"
    inside.organisation.portal_in_mail = True
    inside.organisation.save()
    one = with_people(inside, subject="Water", body="<p>The water is off. é £</p>")
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        send(one, inside.alice)

    entry = LogEntry.objects.get(communication=one, contact=inside.contacts[0])
    link = PortalLink.objects.get(contact=inside.contacts[0])
    (mail,) = sink.to(entry.to_address)
    address = links.portal_url(link)
    for kind in ("text/plain", "text/html"):
        (part,) = [part for part in mail.message.walk() if part.get_content_type() == kind]
        assert address in part.get_payload(decode=True).decode()
    assert phone().get(address).status_code == 200

    kept = entry.exact_bytes()
    assert entry.withheld and len(kept) == entry.size == len(mail.data)
    assert links.token_of(link).encode() not in kept.replace(b"=\r\n", b"")
    assert withheld.stand_in(link).encode() in kept.replace(b"=\r\n", b"")
    assert withheld.reveal(kept) == mail.data


def test_a_link_that_was_revoked_before_the_mail_left_stays_closed(inside, settings):
    link = link_of(inside)
    hidden = withheld.hide(f"go to {links.portal_url(link)} now".encode(), link)
    links.revoke(link, inside.alice)

    assert withheld.reveal(hidden) == hidden and withheld.stand_in(link).encode() in hidden


def test_an_organisation_that_did_not_choose_it_sends_no_link(inside, settings):
    one = with_people(inside, body="<p>Hello</p>")
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        send(one, inside.alice)

    assert not PortalLink.objects.exists() and all(b"/p/" not in mail.data for mail in sink.kept)


def test_the_download_has_the_secret_withheld_and_is_checked_with_it_in_its_place(
    inside, settings, client_of
):
    inside.organisation.portal_in_mail = True
    inside.organisation.save()
    one = with_people(inside, body="<p>Hello</p>")
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        send(one, inside.alice)
    entry = LogEntry.objects.filter(communication=one).first()

    address = f"{entry.get_absolute_url()}original"
    answer = client_of(inside.audrey).get(address)
    assert b"".join(answer.streaming_content) == entry.exact_bytes()

    link = PortalLink.objects.get(contact=entry.contact)
    PortalLink.objects.filter(pk=link.pk).update(nonce="ab" * 16)  # now another token comes out of it
    assert client_of(inside.audrey).get(address).status_code == 500
