"""Opens and clicks of watched mails: what is in the mail, what its picture and links do, and what the log says."""

import datetime
import email
import email.policy
import re
import uuid
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from comms.channels import track_address
from comms.drafting import html
from comms.forms.writing import UNWATCHED
from comms.models import DeliveryEvent, LinkTarget
from comms.receipts import tracking
from comms.record import entries, events
from comms.sending import compose, trial, watching
from portfolio.models import Organisation
from tests.comms.centre import address, draft

COUNCIL = "https://council.example/bins?week=1&colour=green"
BODY = (
    f'<p>Dear {{{{salutation}}}}, see <a href="{COUNCIL.replace("&", "&amp;")}">the council</a>, '
    '<a href="http://plain.example/">http://plain.example</a> or '
    '<a href="mailto:office@larch.example">write</a>.</p>'
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def written(cast, link=None, **facts):
    """An entry as sending would write it."""
    one = draft(cast, people=1, **{"track": True, "body": BODY, **facts})
    entry, why = compose.entry_for(compose.Wording.of(one), one.recipients.get(), link=link)
    assert not why
    entries.write([entry])
    return entry


@pytest.fixture
def sent(inside):
    """A watched mail that was handed over a minute ago."""
    entry = written(inside)
    a_minute_ago = timezone.now() - datetime.timedelta(minutes=1)
    events.append(entry, "sent", happened_at=a_minute_ago, source="smtp", attempt=1)
    return entry


def bodies(entry):
    mail = email.message_from_bytes(entry.exact_bytes(), policy=email.policy.default)
    return tuple(mail.get_body((kind,)).get_content() for kind in ("html", "plain"))


def ways(entry):
    """The paths of the picture and of the links in a mail."""
    page = bodies(entry)[0]
    picture = re.search(r'<img src="([^"]+)" width="1" height="1" alt="">', page)[1]
    links = re.findall(r'href="([^"]+/t/[^"]+)"', page)
    return urlsplit(picture).path, [urlsplit(link).path for link in links]


def get(path, agent=PHONE, client=None, method="get", **headers):
    return getattr(client or Client(), method)(path, headers={"User-Agent": agent, **headers})


def heard(entry, *kinds):
    return [
        (event.kind, event.machine)
        for event in entry.events.filter(kind__in=kinds or ("opened", "clicked")).order_by("id")
    ]


def test_the_mail_leads_by_way_of_us_in_both_bodies_and_says_so(inside):
    page, text = bodies(written(inside))

    assert COUNCIL not in page.replace("&amp;", "&") and COUNCIL not in text
    assert "plain.example/" not in page and "http://plain.example" not in text.replace(
        "http://plain.example</a>", ""
    )
    assert 'href="mailto:office@larch.example"' in page
    assert page.count("/t/") == 3 and text.count("/t/") == 2
    assert watching.SENTENCE in page and watching.SENTENCE in text
    assert ">the council</a>" in page and "Dear Ms" in text


def test_what_the_log_says_are_the_words_that_were_written(inside):
    entry = written(inside)

    assert COUNCIL in entry.words and "/t/" not in entry.words


@pytest.mark.parametrize(
    "facts",
    [
        {"track": False},
        {"statutory": True},
        {"type": "notice"},
        {"type": "demand_letter"},
        {"type": "agm_notice"},
    ],
)
def test_statutory_mail_is_not_watched_whatever_was_ticked(inside, facts):
    page, text = bodies(written(inside, **facts))

    assert "/t/" not in page + text and "<img" not in page
    assert watching.SENTENCE not in page + text
    assert COUNCIL in text


def test_each_recipient_has_their_own_addresses_and_where_they_lead_is_kept_once(inside):
    first, second = written(inside), written(inside)

    assert set(ways(first)[1]).isdisjoint(ways(second)[1])
    assert sorted(LinkTarget.objects.values_list("url", flat=True)) == ["http://plain.example/", COUNCIL]


def test_the_link_to_the_residents_own_page_stays_as_it_is(inside):
    inside.organisation.portal_in_mail = True
    one = draft(inside, people=1, track=True, body=BODY)
    recipient = one.recipients.get()
    channel = compose.registry.get("email")
    link = compose.links_for(one, channel, [recipient])[recipient.pk]

    entry, _ = compose.entry_for(compose.Wording.of(one), recipient, link=link)
    page, text = bodies(entry)

    assert "/p/withheld-" in page and "/p/withheld-" in text and entry.withheld
    assert not LinkTarget.objects.filter(url__contains="link.of.the.recipient").exists()


def test_a_test_to_oneself_is_not_watched(inside, sink):
    one = draft(inside, track=True, body=BODY.replace("{{salutation}}", "all"))

    trial.trial(one, inside.alice)

    assert b"/t/" not in sink.kept[-1].data.replace(b"=\r\n", b"")


def test_what_leaves_is_what_the_log_keeps(inside, sink):
    entry = written(inside)
    with compose.registry.get("email").line() as line:
        line.send(compose.outgoing(entry))

    assert sink.kept[-1].data == entry.exact_bytes()


def test_the_picture_says_opened_once_a_day_and_is_given_each_time(sent):
    picture, _ = ways(sent)
    answers = [get(picture) for _ in range(3)]

    assert {(one.status_code, one["Content-Type"], one.content[:6]) for one in answers} == {
        (200, "image/gif", b"GIF89a")
    }
    assert heard(sent) == [("opened", False)]
    sent.delivery.refresh_from_db()
    assert sent.delivery.status == "opened"


def test_tomorrow_it_is_opened_again(sent):
    entry, now = sent.public_id, timezone.now()
    visit = tracking.Visit(PHONE)

    told = [tracking.opened(entry, visit, now + datetime.timedelta(hours=hours)) for hours in (0, 0, 24)]

    assert told == [True, False, True]


def test_a_link_leads_there_and_says_clicked_once_for_each_link(sent):
    _, (council, plain) = ways(sent)

    first, _, third = get(council), get(council), get(plain)

    assert (first.status_code, first["Location"]) == (302, COUNCIL)
    assert third["Location"] == "http://plain.example/"
    assert heard(sent) == [("clicked", False), ("clicked", False)]
    assert [event.reason for event in sent.events.filter(kind="clicked")] == [
        f"It led to {COUNCIL}.",
        "It led to http://plain.example/.",
    ]


def test_an_open_never_hides_a_bounce(sent):
    now = timezone.now()
    events.append(
        sent, "bounced", happened_at=now, source="mailbox", bounce="hard", reason="No such mailbox."
    )

    get(ways(sent)[0])

    sent.delivery.refresh_from_db()
    assert sent.delivery.status == "bounced" and heard(sent) == [("opened", False)]


@pytest.mark.parametrize(
    "agent,headers,word",
    [
        (GMAIL, {}, "Gmail"),
        ("Mozilla/5.0", {}, "Apple Mail"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", {}, "Yahoo"),
        ("Mozilla/5.0 (compatible; BarracudaCentral; +http://barracudacentral.org)", {}, "A program"),
        ("Mimecast-Attachment-Protect", {}, "A program"),
        ("Proofpoint URL Defense", {}, "A program"),
        ("Mozilla/5.0 (compatible; Microsoft SafeLinks)", {}, "A program"),
        ("", {}, "does not say"),
        (PHONE, {"Purpose": "prefetch"}, "in advance"),
        (PHONE, {"Sec-Purpose": "prefetch;prerender"}, "in advance"),
        (PHONE, {"X-Purpose": "preview"}, "in advance"),
        (PHONE, {"X-Moz": "prefetch"}, "in advance"),
    ],
)
def test_machines_are_called_machines(sent, agent, headers, word):
    picture, (link, _) = ways(sent)

    get(picture, agent, **headers)
    get(link, agent, **headers)

    assert heard(sent) == [("opened", True), ("clicked", True)]
    assert all(word in event.reason for event in sent.events.filter(machine=True))


def test_who_asks_only_for_the_head_is_a_machine(sent):
    answer = get(ways(sent)[0], method="head")

    assert (answer.status_code, answer.content) == (200, b"")
    assert heard(sent) == [("opened", True)]


def test_a_mail_program_on_a_desk_is_a_person_and_its_look_at_a_link_is_not(sent):
    outlook = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
    picture, (link, _) = ways(sent)

    get(picture, outlook)
    get(link, outlook)

    assert heard(sent) == [("opened", False), ("clicked", True)]


@pytest.mark.parametrize("seconds,machine", [(0, True), (4, True), (6, False)])
def test_nobody_has_looked_within_seconds_of_the_handover(inside, seconds, machine):
    entry, now = written(inside), timezone.now()
    events.append(
        entry, "sent", happened_at=now - datetime.timedelta(seconds=seconds), source="smtp", attempt=1
    )

    tracking.opened(entry.public_id, tracking.Visit(PHONE), now)

    assert heard(entry) == [("opened", machine)]


def test_before_it_was_sent_it_is_a_machine(inside):
    entry = written(inside)

    get(ways(entry)[0])

    assert heard(entry) == [("opened", True)]


def test_a_machine_does_not_take_the_opening_from_the_person(sent):
    picture, _ = ways(sent)

    get(picture, GMAIL)
    get(picture)

    assert heard(sent) == [("opened", True), ("opened", False)]
    sent.delivery.refresh_from_db()
    assert sent.delivery.reason == ""


def test_the_offices_own_looks_are_none(sent, inside, client_of):
    picture, (link, _) = ways(sent)

    get(picture, client=client_of(inside.sam))
    there = get(link, client=client_of(inside.sam))
    assert heard(sent) == [] and there.status_code == 302

    get(picture, client=client_of(inside.mallory))
    assert heard(sent) == [("opened", False)]


def test_it_leaves_no_cookie_no_copy_and_no_trace(sent):
    picture, (link, _) = ways(sent)

    for path in (picture, link, "/t/nonsense", "/t/nonsense.gif"):
        answer = get(path)
        assert not answer.cookies and "Vary" not in answer, path
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_there_is_nothing_to_post(sent, method):
    picture, (link, _) = ways(sent)

    assert {get(path, method=method).status_code for path in (picture, link)} == {405}
    assert heard(sent) == []


def forgeries(entry):
    """Addresses that we did not make, made of those that we did."""
    picture, (link, other) = ways(entry)
    token, linked = picture.removesuffix(".gif"), link
    yield from ("/t/", "/t/x", "/t/" + "A" * 43, "/t/" + "A" * 64, "/t/" + "A" * 5000, "/t/%00", "/t/é")
    yield token  # a picture's is no link's
    yield linked[:-1] + ("A" if linked[-1] != "A" else "B")
    yield linked + "="
    yield linked[:-22] + other[-22:]
    yield linked + "/https://evil.example"


def test_what_we_did_not_make_leads_nowhere(sent):
    for path in forgeries(sent):
        answer = get(path)
        assert (answer.status_code, "Location" in answer) == (404, False), path
        picture = get(f"{path}.gif") if path != "/t/" else None
        assert picture is None or picture.status_code in (200, 404), path
    assert heard(sent, "clicked") == []


def test_a_links_token_is_no_pictures(sent):
    _, (link, _) = ways(sent)

    assert get(f"{link}.gif").content.startswith(b"GIF89a")
    assert heard(sent) == []


def test_a_target_of_another_organisation_leads_nowhere(sent, inside):
    theirs = LinkTarget(
        organisation=Organisation.objects.get(slug="harbour"), url="https://evil.example", sha256="0"
    )
    with scope(organisation=theirs.organisation):
        theirs.save()

    forged = urlsplit(track_address.link(sent.public_id, theirs.public_id)).path

    assert get(forged).status_code == 404


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "ftp://files.example/a", ""])
def test_only_the_web_is_led_to(sent, inside, url):
    target = LinkTarget.keep(inside.organisation, url)

    assert get(urlsplit(track_address.link(sent.public_id, target.public_id)).path).status_code == 404


def test_a_mail_that_is_not_there_opens_nothing(inside):
    path = urlsplit(track_address.picture(uuid.uuid4())).path

    assert get(path).status_code == 200
    assert not DeliveryEvent.objects.filter(kind="opened").exists()


@pytest.fixture
def connected(committed, sent):
    """The connection, put back as it was after a test has broken it."""
    name = connection.settings_dict["NAME"]
    yield connection
    connection.close()
    connection.settings_dict["NAME"] = name


def test_with_the_database_away_the_picture_is_given_and_a_link_asks_for_a_minute(connected, sent):
    picture, (link, _) = ways(sent)
    connected.close()
    connected.settings_dict["NAME"] = "nowhere"

    assert get(picture).status_code == 200
    answer = get(link)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_a_link_leads_there_even_where_it_cannot_be_noted(connected, sent):
    picture, (link, _) = ways(sent)
    with connected.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")

    assert get(picture).status_code == 200
    assert get(link)["Location"] == COUNCIL
    assert heard(sent) == []


WORDS = {"subject": "Lift", "body": "<p>Hello</p>", "notes": "", "channel": "email", "rule": "only"}


def test_it_is_off_until_whoever_writes_switches_it_on(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)
    assert not one.track and 'name="track"' in client.get(address(one)).content.decode()

    client.post(address(one), WORDS | {"track": "on"})

    one.refresh_from_db()
    assert one.track
    assert "clicks of emails are watched" in client.get(address(one, "check/")).content.decode()
    assert "Watched, by email" in client_of(inside.sam).get(address(one)).content.decode()


def test_what_is_treated_as_statutory_cannot_be_watched(inside, client_of):
    one = draft(inside)

    answer = client_of(inside.alice).post(address(one), WORDS | {"track": "on", "statutory": "on"})

    assert answer.status_code == 422 and UNWATCHED in answer.content.decode()
    one.refresh_from_db()
    assert not one.track


def test_a_statutory_type_does_not_offer_it_and_does_not_take_it(inside, client_of):
    one, client = draft(inside, type="notice"), client_of(inside.alice)
    assert 'name="track"' not in client.get(address(one)).content.decode()

    client.post(address(one), WORDS | {"track": "on"})

    one.refresh_from_db()
    assert (one.subject, one.track) == ("Lift", False)


@pytest.mark.parametrize(
    "text,led",
    [
        ("See https://a.example/x.", "See WAY."),
        ("(https://a.example/x)", "(WAY)"),
        ("https://a.example/x/", "https://a.example/x/"),
        ("https://a.example/xy", "https://a.example/xy"),
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("https://a.example/x, https://a.example/x", "WAY, WAY"),
        ("https://other.example", "https://other.example"),
        ("https://b.example and https://b.example/", "WAY2 and WAY2"),
    ],
)
def test_a_link_in_plain_text_ends_where_it_ends(text, led):
    known = {"https://a.example/x": "WAY", "https://b.example/": "WAY2"}

    assert html.with_text_links(text, known) == led
