"""What providers say, in our words: bounces by the server's answer first, machines' looks apart from persons'."""

import datetime

import pytest
from anymail.signals import AnymailTrackingEvent

from comms.receipts.heard import Heard, Ignored, Odd
from comms.receipts.hooks.classes import SAID, fate, named
from comms.receipts.hooks.providers import PROVIDERS
from comms.receipts.hooks.tracking import KINDS, SILENT, said_of
from comms.record import machines

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
NOW = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


def event(kind, raw=None, **facts):
    return AnymailTrackingEvent(event_type=kind, timestamp=NOW, esp_event=raw or {}, **facts)


@pytest.mark.parametrize(
    ("words", "bounce"),
    [
        ("smtp; 550 5.1.1 user unknown", "hard"),
        ("550 no such user here", "hard"),
        ("552 5.2.2 mailbox full", "soft"),
        ("451 4.7.1 greylisted, come back later", "soft"),
        ("4.4.7 delivery time expired", "soft"),
        ("554 5.7.1 blocked, see spamhaus: listed", "spam"),
        ("552 5.3.4 message too big", "hard"),  # nothing of the server's on the address: the provider's word
        ("", "hard"),
    ],
)
def test_the_answer_of_a_mail_server_counts_before_the_class_of_the_provider(words, bounce):
    found = fate("postmark", {"Type": "HardBounce"}, "bounced", words)

    assert found.bounce == bounce
    assert found.reason


@pytest.mark.parametrize(
    ("provider", "raw", "bounce"),
    [
        ("amazon_ses", {"bounce": {"bounceType": "Permanent"}}, "hard"),
        ("amazon_ses", {"bounce": {"bounceType": "Transient"}}, "soft"),
        ("amazon_ses", {"bounce": {"bounceType": "Undetermined"}}, "soft"),
        ("brevo", {"event": "soft_bounce"}, "soft"),
        ("mailersend", {"data": {"type": "soft_bounced"}}, "soft"),
        ("mailjet", {"hard_bounce": False}, "soft"),
        ("mandrill", {"event": "soft_bounce"}, "soft"),
        ("postmark", {"Type": "SoftBounce"}, "soft"),
        ("resend", {"data": {"bounce": {"type": "Transient"}}}, "soft"),
        ("sendgrid", {"type": "blocked"}, "soft"),
        ("sparkpost", {"msys": {"message_event": {"bounce_class": "22"}}}, "soft"),
        ("sparkpost", {"msys": {"message_event": {"bounce_class": "51"}}}, "spam"),
        ("sparkpost", {"msys": {"message_event": {"bounce_class": "10"}}}, "hard"),
        ("unisender_go", {"delivery_info": {"delivery_status": "err_mailbox_full"}}, "soft"),
    ],
)
def test_where_no_server_answered_the_word_of_the_provider_counts(provider, raw, bounce):
    assert fate(provider, raw, "bounced", "").bounce == bounce


@pytest.mark.parametrize(
    ("reason", "bounce"),
    [
        ("invalid", "hard"),
        ("bounced", "hard"),
        ("spam", "spam"),
        ("blocked", "spam"),
        ("timed_out", "soft"),
        ("", "soft"),
    ],
)
def test_where_nobody_says_how_lasting_it_is_the_reason_counts_else_it_is_for_now(reason, bounce):
    assert fate("postal", {}, reason, "").bounce == bounce


def test_providers_that_are_named_are_providers():
    assert set(SAID) <= set(PROVIDERS)
    assert named("sparkpost", None) == named("amazon_ses", {"bounce": None}) == ""


def test_every_kind_of_event_has_its_place():
    for kind in KINDS:
        assert isinstance(said_of("postmark", event(kind)), Heard)
    for kind in SILENT:
        assert isinstance(said_of("postmark", event(kind)), Ignored)
    assert isinstance(said_of("postmark", event("unknown")), Odd)


@pytest.mark.parametrize(
    ("raw", "agent", "machine"),
    [
        ({}, "Mozilla/5.0 (iPhone)", False),
        ({}, "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", True),
        ({"event": "proxy_open"}, None, True),
        ({"event": "opened"}, None, False),  # it never says by what
        ({"event-data": {"client-info": {"bot": "apple"}}}, PHONE, True),
        ({"event-data": {"client-info": {"bot": ""}}}, PHONE, False),
        ({"sg_machine_open": True}, PHONE, True),
        ({"sg_machine_open": False}, PHONE, False),
        ({"msys": {"track_event": {"is_prefetched": "true"}}}, PHONE, True),
        ({"msys": {"track_event": {"is_prefetched": "false"}}}, PHONE, False),
    ],
)
def test_a_look_by_a_machine_is_called_one_where_the_provider_says_so(raw, agent, machine):
    assert said_of("any", event("opened", raw, user_agent=agent)).machine is machine


@pytest.mark.parametrize("kind", ["opened", "clicked"])
@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0",  # Apple Mail Privacy Protection
        "curl/8.5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "BarracudaSentinel (EE)",
        "YahooMailProxy; https://help.yahoo.com/",
        "Microsoft Office/16.0 (Microsoft Outlook 16.0)",
        " ",
        "",
        PHONE,
    ],
)
def test_a_provider_s_look_is_a_machine_s_by_the_rule_of_our_own(kind, agent):
    why = machines.why(machines.Visit(agent), picture=kind == "opened")

    said = said_of("any", event(kind, user_agent=agent))

    assert (said.machine, said.reason) == (bool(why), why)
    assert said.machine or agent == PHONE or (kind, agent[:9]) == ("opened", "Microsoft")


def test_what_a_provider_refused_says_why():
    assert "came back before" in said_of("postmark", event("rejected", reject_reason="bounced")).reason
    assert said_of("postmark", event("failed")).reason == "The provider did not send it."


def test_what_is_asked_for_and_what_is_posted_have_one_id():
    posted = event("delivered", {"event-data": {"id": "e1"}}, event_id="a token of the post")
    asked = event("delivered", {"event-data": {"id": "e1"}})

    assert said_of("mailgun", posted).event_id == said_of("mailgun", asked).event_id == "e1:2026-11-21"


def test_one_notification_about_two_recipients_is_two_events():
    both = [
        said_of("amazon_ses", event("bounced", event_id="n", recipient=to)).event_id for to in ("a@x", "b@x")
    ]

    assert both == ["n:a@x", "n:b@x"]
