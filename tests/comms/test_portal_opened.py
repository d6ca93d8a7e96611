"""Looking at a post with the link in hand is its opening: once a day, a machine's apart from a person's."""

import datetime

import pytest
import time_machine

from comms.models import DeliveryEvent, PortalLink
from comms.record import machines
from tests.comms.residents import PHONE, link_of, page, phone, post

DAY = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def posted(inside):
    entry = post(inside)
    link = link_of(inside)
    return entry, link


def opened(entry) -> list[bool]:
    """Give for each opening whether a machine did it."""
    return list(entry.events.filter(kind="opened").order_by("pk").values_list("machine", flat=True))


def test_the_first_look_of_a_day_is_the_opening(posted):
    entry, link = posted
    with time_machine.travel(DAY, tick=False):
        for _ in range(3):
            phone().get(page(link, entry))
    with time_machine.travel(DAY + datetime.timedelta(days=1), tick=False):
        phone().get(page(link, entry))

    entry.delivery.refresh_from_db()
    assert opened(entry) == [False, False]
    assert (entry.delivery.status, entry.delivery.status_at) == ("opened", DAY)
    assert {event.source for event in entry.events.filter(kind="opened")} == {"portal"}


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 BingPreview/1.0b",
        "Mozilla/5.0 (compatible; Barracuda Sentinel)",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0 Safari/537.36",
        "python-requests/2.32",
        "curl/8.5.0",
    ],
)
def test_a_scanner_or_a_preview_is_a_machine(posted, agent):
    entry, link = posted

    phone().get(page(link, entry), headers={"User-Agent": agent})

    assert opened(entry) == [True]
    link.refresh_from_db()
    assert link.last_seen_at is None


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
        "Mozilla/5.0 (Linux; Android 14; SM-A546B) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36 Edg/139.0",
    ],
)
def test_a_browser_is_a_person(agent):
    assert not machines.is_machine(agent)


def test_a_page_that_a_browser_fetches_in_advance_is_a_machines(posted):
    entry, link = posted

    phone().get(page(link, entry), headers={"Sec-Purpose": "prefetch;prerender"})

    assert opened(entry) == [True]


def test_a_machine_does_not_take_the_opening_from_the_person(posted):
    entry, link = posted
    phone().get(page(link, entry), headers={"User-Agent": "WhatsApp/2.23.20.0"})

    phone().get(page(link, entry))

    assert opened(entry) == [True, False]


def test_the_list_alone_opens_nothing_and_neither_does_asking_for_the_head(posted):
    entry, link = posted
    phone().get(page(link))
    phone().head(page(link, entry))

    assert opened(entry) == []


def test_the_offices_own_look_leaves_no_trace(posted, inside, client_of):
    entry, link = posted

    shown = client_of(inside.audrey).get(page(link, entry), headers={"User-Agent": PHONE}).content.decode()

    link.refresh_from_db()
    assert "is not counted as the resident's" in shown.replace("&#x27;", "'")
    assert opened(entry) == [] and link.last_seen_at is None


def test_the_link_keeps_when_a_person_last_came(posted):
    _, link = posted
    for minute in (0, 30):
        with time_machine.travel(DAY + datetime.timedelta(minutes=minute), tick=False):
            phone().get(page(link))

    assert PortalLink.objects.get().last_seen_at == DAY + datetime.timedelta(minutes=30)


def test_who_was_refused_opened_nothing(posted, inside):
    entry, _ = posted
    other = link_of(inside, inside.contacts[1], inside.units[1])

    phone().get(page(other, entry))

    assert not DeliveryEvent.objects.filter(kind="opened").exists()
