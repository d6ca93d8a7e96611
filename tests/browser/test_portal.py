"""A resident with a telephone: reads, answers and comes back, without JavaScript; nothing stands in anybody's way."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_scopes import scope

from comms.models import PortalPushSubscription, TicketMessage
from comms.portal import links
from tests.comms.residents import PHONE, attached, link_of, page, post
from tests.comms.test_portal_push import GIVEN, PRIVATE

WIDTH = 390
BODY = (
    "<p>Dear Ms OfLarch,</p><h2>When</h2><p>On <strong>Tuesday</strong>, from 08:00 to 17:00.</p>"
    "<table><tr><th>Lift</th><th>Day</th><th>From</th><th>Until</th></tr>"
    "<tr><td>Left</td><td>Tuesday</td><td>08:00</td><td>12:00</td></tr></table>"
    f"<p><a href='https://example.com/{'long' * 40}'>https://example.com/{'long' * 40}</a></p>"
)


@pytest.fixture
def telephone(chromium, product):
    """Open a page of a resident on a telephone; every word in its console fails the test."""
    words: list[str] = []
    contexts = []

    def open_page(javascript: bool = False, dark: bool = False, **more):
        context = chromium.new_context(
            viewport={"width": WIDTH, "height": 844},
            base_url=product.address,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            user_agent=PHONE,
            locale="en-GB",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: words.append(f"{said.type} {said.text} {said.location['url']}"))
        page.on("pageerror", lambda fault: words.append(str(fault)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    # Chromium puts each page that refuses (404, 410, 422) into the console by itself.
    assert not [said for said in words if not ("Failed to load resource" in said and "/p/" in said)]


@pytest.fixture
def posted(cast):
    with scope(organisation=cast.organisation):
        entry = post(cast, body=BODY, title="Lift 2 out of service on Tuesday", attachments=[attached(cast)])
        post(cast, title="Window cleaning")
        return entry, link_of(cast)


def fits(page) -> bool:
    """Say whether nothing of the page lies beyond the right edge of the screen."""
    return page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_reading_and_replying_without_javascript(telephone, posted, tmp_path):
    entry, link = posted
    screen = telephone()
    screen.goto(page(link))
    assert "Notices for Person1 OfLarch" in screen.inner_text("h1")
    assert not screen.is_visible("[data-push]")
    screen.click("text=Lift 2 out of service on Tuesday")
    assert screen.inner_text("h1") == "Lift 2 out of service on Tuesday"
    with screen.expect_download() as saved:
        screen.click("text=rota.txt")
    assert saved.value.suggested_filename == "rota.txt"

    photo = tmp_path / "door.txt"
    photo.write_text("A picture of the door")
    screen.click("text=Send the reply")
    assert "Write your reply first." in screen.inner_text("main")
    screen.fill("[name=words]", "It still stands still.")
    screen.set_input_files("[name=attached]", photo)
    screen.click("text=Send the reply")

    shown = screen.inner_text("main")
    assert "Your reply is with Larch Management" in shown
    assert "It still stands still." in shown and "door.txt" in shown
    screen.click("text=All notices")
    assert "Window cleaning" in screen.inner_text("main")
    with scope(organisation=link.organisation):
        assert TicketMessage.objects.get().words == "It still stands still."
        assert entry.events.filter(kind="opened", machine=False).count() == 1


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_and_everything_fits(telephone, posted, cast, dark):
    entry, link = posted
    with scope(organisation=cast.organisation):
        gone = link_of(cast, cast.contacts[1], cast.units[1])
        revoked = page(gone)
        links.revoke(gone, cast.alice)
    screen = telephone(javascript=True, dark=dark)

    for address in (page(link), page(link, entry), page(link) + "?from=", revoked, "/p/unknown/"):
        screen.goto(address)
        assert fits(screen), address
        found = Axe().run(screen)
        assert found.violations_count == 0, found.generate_report()


# No push service is within reach of a test: what it would give is given here, and all else is the browser's own.
KEYS = {"p256dh": GIVEN["p256dh"], "auth": GIVEN["auth"]}
SUBSCRIBE = """
PushManager.prototype.subscribe = async (asked) => {
  window.asked = [asked.userVisibleOnly, asked.applicationServerKey.length];
  return { toJSON: () => (GIVEN) };
};
""".replace("GIVEN", json.dumps({"endpoint": GIVEN["endpoint"], "keys": KEYS}))


@pytest.fixture
def signing(monkeypatch):
    """Set the key of push messages before the product starts."""
    monkeypatch.setenv("VAPID_PRIVATE_KEY", PRIVATE)


def test_a_device_is_put_down_told_and_taken_off(signing, telephone, posted, cast, product):
    entry, link = posted
    screen = telephone(javascript=True, permissions=["notifications"])
    screen.add_init_script(SUBSCRIBE)
    screen.goto(page(link))

    screen.click("text=Tell me of new posts on this device")
    screen.wait_for_selector("text=This device is told of new posts.")
    assert screen.evaluate("window.asked") == [True, 65]
    assert screen.is_visible("text=Stop telling me on this device")
    with scope(organisation=cast.organisation):
        assert PortalPushSubscription.objects.standing().get().endpoint == GIVEN["endpoint"]

    pushed = {"title": "Lift 2", "body": "On Tuesday", "url": page(link, entry)}
    assert notices(screen, product, json.dumps(pushed)) == [["Lift 2", "On Tuesday", page(link, entry)]]
    assert ["You have a new post", "", ""] in notices(screen, product, "no JSON")

    screen.reload()
    screen.click("text=Stop telling me on this device")
    screen.wait_for_selector("text=This device is no longer told of new posts.")
    with scope(organisation=cast.organisation):
        assert not PortalPushSubscription.objects.standing().exists()


def notices(screen, product, pushed: str) -> list[list[str]]:
    """Push something to the worker of the page; give what the device shows."""
    devtools = screen.context.new_cdp_session(screen)
    registrations: list[dict] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"])
    )
    devtools.send("ServiceWorker.enable")
    for _ in range(50):
        if registrations:
            break
        screen.wait_for_timeout(100)
    which = registrations[0]["registrationId"]
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": product.address, "registrationId": which, "data": pushed},
    )
    screen.wait_for_timeout(500)
    shown = """async () => (await (await navigator.serviceWorker.getRegistration("/p/")).getNotifications())
        .map((one) => [one.title, one.body, one.data.url])"""
    return screen.evaluate(shown)


def test_a_browser_that_is_not_allowed_to_tell_says_what_to_do(signing, telephone, posted):
    _, link = posted
    screen = telephone(javascript=True)
    screen.goto(page(link))

    screen.click("text=Tell me of new posts on this device")

    screen.wait_for_selector("text=Allow notifications in its settings")
