"""Devices that are told of new posts: put down by the resident's browser, taken off again, never sent to a stranger."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from comms.channels.subscription import parse
from comms.models import PortalPushSubscription
from comms.portal import subscriptions
from tests.comms.residents import PHONE, link_of, page, phone


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


KEY = ec.generate_private_key(ec.SECP256R1())
POINT = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
PRIVATE = base64url(KEY.private_numbers().private_value.to_bytes(32, "big"))
GIVEN = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc:def",
    "p256dh": base64url(POINT),
    "auth": base64url(b"0123456789abcdef"),
}


@pytest.fixture
def board(inside, settings):
    settings.VAPID_PRIVATE_KEY = PRIVATE
    return page(link_of(inside))


def standing() -> list[PortalPushSubscription]:
    return list(PortalPushSubscription.objects.standing())


def test_the_page_offers_it_with_our_public_key_where_there_is_one(board, settings):
    assert f'data-key="{base64url(POINT)}"' in phone().get(board).content.decode()
    for off in ("", "no key"):
        settings.VAPID_PRIVATE_KEY = off
        assert "data-push" not in phone().get(board).content.decode()


def test_a_browser_subscribes_once(board, inside):
    for _ in range(2):
        assert phone().post(f"{board}push/", GIVEN).status_code == 201

    (found,) = standing()
    assert (found.endpoint, found.p256dh, found.auth) == tuple(GIVEN.values())
    assert found.user_agent == PHONE and found.link == link_of(inside)
    assert parse(found.address, ["fcm.googleapis.com"]).endpoint == GIVEN["endpoint"]
    ada = inside.contacts[0]
    assert subscriptions.addresses([ada, inside.contacts[1]]) == {ada.pk: {"push": [found.address]}}


def test_new_keys_take_the_place_of_the_old(board):
    phone().post(f"{board}push/", GIVEN)
    phone().post(f"{board}push/", GIVEN | {"auth": base64url(b"fedcba9876543210")})

    assert [one.auth for one in standing()] == [base64url(b"fedcba9876543210")]
    assert PortalPushSubscription.objects.exclude(removed_at=None).get().removal == "renewed"


def test_it_ends_when_asked_and_twice_is_harmless(board):
    phone().post(f"{board}push/", GIVEN)

    for _ in range(2):
        assert phone().post(f"{board}push/remove/", {"endpoint": GIVEN["endpoint"]}).status_code == 200

    assert not standing()
    assert PortalPushSubscription.objects.get().removal == "asked"


def test_nobody_ends_what_another_asked_for(board, inside):
    phone().post(f"{board}push/", GIVEN)
    other = page(link_of(inside, inside.contacts[1], inside.units[1]))

    phone().post(f"{other}push/remove/", {"endpoint": GIVEN["endpoint"]})

    assert standing()


def test_an_eleventh_device_takes_the_place_of_the_oldest(board):
    for number in range(subscriptions.MOST + 1):
        phone().post(f"{board}push/", GIVEN | {"endpoint": f"https://web.push.apple.com/{number}"})

    assert len(standing()) == subscriptions.MOST
    assert PortalPushSubscription.objects.get(removal="crowded").endpoint.endswith("/0")


def test_what_the_push_service_calls_gone_is_taken_off_wherever_it_was_put_down(board, inside):
    phone().post(f"{board}push/", GIVEN)
    phone().post(f"{page(link_of(inside, unit=inside.units[1]))}push/", GIVEN)

    assert subscriptions.expire("push", [standing()[0].address]) == 2

    assert not standing() and set(PortalPushSubscription.objects.values_list("removal", flat=True)) == {
        "expired"
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://127.0.0.1/x"},
        {"endpoint": "https://localhost/x"},
        {"endpoint": "http://fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com.evil.example/x"},
        {"endpoint": "https://evilfcm.googleapis.com@10.0.0.1/x"},
        {"endpoint": "https://fcm.googleapis.com:8080/x"},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 1000},
        {"endpoint": ""},
        {"p256dh": "AAAA"},
        {"p256dh": base64url(b"\x05" + POINT[1:])},
        {"auth": base64url(b"short")},
        {"auth": "…"},
    ],
)
def test_what_is_no_subscription_of_a_known_service_is_refused(board, wrong):
    response = phone().post(f"{board}push/", GIVEN | wrong)

    assert response.status_code == 422 and response.json()["words"]
    assert not PortalPushSubscription.objects.exists()


def test_it_needs_the_word_of_the_page(board):
    careful = Client(enforce_csrf_checks=True, headers={"User-Agent": PHONE})

    assert careful.post(f"{board}push/", GIVEN).status_code == 403
    assert not PortalPushSubscription.objects.exists()


def test_the_worker_lies_above_the_pages_it_serves(db):
    response = phone().get("/p/sw.js")

    assert response.status_code == 200
    assert (
        response["Content-Type"].startswith("text/javascript")
        and "notificationclick" in response.content.decode()
    )
