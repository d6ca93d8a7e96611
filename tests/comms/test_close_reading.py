"""What a close reading of the channels found: consent, channels that are off, messages that cannot be made."""

import datetime

import pytest
from django.utils import timezone

from comms.models import Attachment, Communication, Content, LogEntry, Template, Translation
from comms.reports import coverage
from comms.sending import due, handover, routing
from contacts.models import Contact
from tests.comms.centre import address, with_people
from tests.comms.residents import link_of
from tests.comms.servers import ACCOUNT, TOKEN, serving, twilio


@pytest.fixture
def provider(settings, inside):
    with serving(twilio()) as server:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_FROM, settings.TWILIO_API_BASE = "+447700900999", server.address
        settings.WHATSAPP_FROM = "+447700900999"
        inside.organisation.channels = ["email", "sms", "whatsapp", "portal"]
        inside.organisation.save()
        for number, contact in enumerate(inside.contacts):
            Contact.objects.filter(pk=contact.pk).update(phone=f"+44770090000{number}")
        yield server


def send(one, by) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by)
    due.start_due(timezone.now())
    handover.run(5)
    due.finish_through(timezone.now())


def test_who_takes_their_word_back_is_not_written_to_and_who_gives_it_is(inside, provider):
    ada, bob, _ = inside.contacts
    Contact.objects.filter(pk=ada.pk).update(whatsapp_opt_in=True)
    one = with_people(inside, channel="whatsapp", body="<p>Hello</p>")
    Contact.objects.filter(pk=ada.pk).update(whatsapp_opt_in=False)
    Contact.objects.filter(pk=bob.pk).update(whatsapp_opt_in=True)
    send(one, inside.alice)

    assert {e.contact: e.delivery.status for e in LogEntry.objects.all()} == {
        ada: "failed", bob: "sent", inside.contacts[2]: "failed",
    }  # fmt: skip
    assert len(provider.asked) == 1


def test_a_preferred_channel_that_is_not_set_up_is_passed_over(inside):
    inside.organisation.channels = ["email", "app", "hybrid"]
    inside.organisation.save()
    Contact.objects.update(preferred_channel="app")
    one = with_people(inside, rule="preferred", body="<p>Hello</p>")

    assert {(r.channel, r.word) for r in routing.check(one, one.recipients.all()).routes} == {("email", "")}


def test_a_channel_whose_settings_went_away_says_so_and_its_entries_still_show(
    inside, provider, settings, client_of
):
    one = with_people(inside, channel="sms", body="<p>Hello</p>")
    send(one, inside.alice)
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
    two = with_people(inside, channel="sms", body="<p>Hello again</p>")

    assert "not set up here" in routing.check(two, two.recipients.all()).routes[0].why
    entry = LogEntry.objects.filter(communication=one).first()
    assert 'class="bubble"' in client_of(inside.sam).get(entry.get_absolute_url()).content.decode()


@pytest.mark.parametrize("how", [{"now": "1"}, {"date": "2030-07-01", "time": "09:00", "schedule": "1"}])
def test_what_cannot_be_made_for_anybody_is_not_sent_and_stays_a_draft(inside, provider, client_of, how):
    one = with_people(inside, channel="sms", body=f"<p>{'x' * 2000}</p>")
    answer = client_of(inside.alice).post(address(one, "check/"), how)

    one.refresh_from_db()
    page = answer.content.decode()
    assert (answer.status_code, one.status) == (422, "draft")
    assert "SMS cannot be made of this." in page and "Shorten it by" in page and "about £" not in page


def test_a_text_that_is_too_long_for_one_name_names_that_person(inside, provider, client_of):
    body = f"<p>{{{{full_name}}}} {'x' * 1500}</p>"
    Contact.objects.filter(pk=inside.contacts[1].pk).update(name="Abena " + "Ansah-" * 8)
    one = with_people(inside, channel="sms", body=body)
    page = client_of(inside.alice).get(address(one, "check/")).content.decode()

    assert "Cannot be made" in page and "<b>2</b> people: SMS" in page and "It takes 11 segments" in page


def test_a_sign_that_cannot_be_printed_is_found_in_each_language(inside, client_of):
    inside.organisation.channels = ["post"]
    inside.organisation.save()
    Contact.objects.filter(pk=inside.contacts[0].pk).update(language="pl")
    one = with_people(inside, channel="post", body="<p>Hello</p>")
    Translation.objects.create(
        organisation=inside.organisation, communication=one, language="pl", subject="A", body="<p>\u674e</p>"
    )
    page = client_of(inside.alice).get(address(one, "check/")).content.decode()

    assert "Letter cannot be made of this." in page


def test_a_post_reaches_only_who_can_open_their_page(inside, provider):
    link_of(inside, inside.contacts[0])
    one = with_people(inside, channel="portal", rule="else", also=["email"], body="<p>Hello</p>")

    assert [r.channel for r in routing.check(one, one.recipients.order_by("pk")).routes] == [
        "portal",
        "email",
        "email",
    ]


def test_the_page_of_recording_by_hand_says_what_it_is(inside, client_of):
    client = client_of(inside.sam)
    page = client.get("/o/larch/log/record/").content.decode()

    assert "<h1>Record by hand</h1>" in page and ">Record it</button>" in page
    assert "choose the contact first" in page
    ada = inside.contacts[0]
    assert (
        "choose the contact first"
        not in client.get(f"/o/larch/log/record/?contact={ada.public_id}").content.decode()
    )
    assert "Whom was it with" in client.get("/o/larch/log/record/?choose=yes").content.decode()


@pytest.mark.parametrize("then", ["trial", "keep"])
def test_what_was_typed_is_saved_before_a_test_is_sent_or_a_template_kept(inside, client_of, sink, then):
    one = with_people(inside, subject="Lift", body="<p>Old</p>")
    words = {"subject": "Lift", "body": "<p>Just typed</p>", "notes": "", "then": then}
    client_of(inside.alice).post(address(one), words, follow=True)

    one.refresh_from_db()
    assert one.body == "<p>Just typed</p>"
    if then == "trial":
        assert b"Just typed" in sink.kept[0].data
    else:
        assert Template.objects.get().latest.body == "<p>Just typed</p>"


def test_three_channels_go_one_after_the_other(inside, provider, client_of):
    one = with_people(inside, body="<p>Hello</p>")
    words = {
        "subject": "Lift",
        "body": "<p>Hello</p>",
        "channel": "email",
        "rule": "else",
        "second": "sms",
        "third": "portal",
    }
    client_of(inside.alice).post(address(one), words)

    assert Communication.objects.get().channels == ["email", "sms", "portal"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rule": "only", "second": "sms"}, "Another channel is chosen too."),
        ({"channel": "\u2026", "word": "x" * 51}, "That is 51 characters; 50 is the most."),
        ({"must_arrive_by": "2020-01-01"}, "That day is past."),
        ({"body": "<p>Dear {{salutation</p>"}, "open or close no field: “Dear {{salutation”"),
    ],
)
def test_each_mistake_in_the_editor_is_one_sentence(inside, provider, client_of, change, sentence):
    one = with_people(inside, body="<p>Hello</p>")
    words = {"subject": "Lift", "body": "<p>Hello</p>", "channel": "email", "rule": "only"} | change
    answer = client_of(inside.alice).post(address(one), words)

    assert answer.status_code == 422 and sentence in answer.content.decode()


def test_the_list_finds_a_communication_by_each_channel_that_it_may_go_by(inside, provider, client_of):
    with_people(inside, subject="Both ways", rule="else", also=["post"])
    with_people(inside, subject="One way", rule="only", also=["post"])
    with_people(inside, subject="On the door", channel="noticeboard")
    client = client_of(inside.sam)

    found = client.get("/o/larch/communications/?channel=post").content.decode()
    assert "Both ways" in found and "One way" not in found
    assert "On the door" in client.get("/o/larch/communications/?channel=noticeboard").content.decode()
    assert '<option value="noticeboard"' in found and '<option value="hybrid"' in found


def test_who_could_not_even_be_tried_is_a_group_of_its_own(inside, provider):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(phone="+441134960112")  # a landline
    one = with_people(inside, channel="sms", body="<p>Hello</p>")
    send(one, inside.alice)

    assert [person.group for person in coverage.cover(one, timezone.now()).people] == [
        "not_reachable", "handed_over", "handed_over",
    ]  # fmt: skip


def test_files_that_a_channel_does_not_take_are_said_at_the_check_and_nothing_is_sent(
    inside, provider, client_of
):
    one = with_people(inside, channel="sms", body="<p>Hello</p>")
    Attachment.objects.create(
        organisation=inside.organisation,
        communication=one,
        content=Content.keep(inside.organisation, b"The rota."),
        name="rota.txt",
        media_type="text/plain",
    )
    answer = client_of(inside.alice).post(address(one, "check/"), {"now": "1"})

    one.refresh_from_db()
    assert (answer.status_code, one.status) == (422, "draft")
    assert "SMS takes no files. Take them out, or choose another channel." in answer.content.decode()
