"""WhatsApp through Twilio: templates with their places filled, and what it refuses."""

import json
from decimal import Decimal

import pytest

from comms.channels.base import File, Party, Said, Unreachable
from comms.channels.twilio_request import TwilioSettings
from comms.channels.whatsapp import Template, WhatsAppChannel
from tests.comms.servers import ACCOUNT, TOKEN, refused, serving, twilio
from tests.comms.texts import ENTRY, NUMBER, message, outgoing, whoever

SENDER = "+447700900999"
CONTENT = "HX" + "3" * 32


def channel(api="", template=None, **changes):
    given = {"account": ACCOUNT, "token": TOKEN, "sender": SENDER, "api": api, "timeout": 1}
    return WhatsAppChannel(TwilioSettings(**(given | changes)), template)


def outcome(answer=None, template=None):
    with serving(twilio({f"whatsapp:{NUMBER}": answer} if answer else None)) as server:
        chats = channel(server.address, template)
        with chats.line() as line:
            return line.send(outgoing(chats)), server.asked


def test_the_address_is_a_mobile_number_and_needs_a_yes_before():
    assert channel().address(whoever(phone="07700 900001")) == NUMBER
    assert channel().needs_opt_in
    with pytest.raises(Unreachable):
        channel().address(whoever(phone="020 7946 0000"))


def test_a_template_goes_over_the_wire_with_its_places_filled():
    template = Template(CONTENT, {"1": "name", "2": "subject", "3": "words"})

    sent, (asked,) = outcome(template=template)

    assert asked.form == {
        "To": f"whatsapp:{NUMBER}",
        "From": f"whatsapp:{SENDER}",
        "ContentSid": CONTENT,
        "ContentVariables": '{"1":"Ada Flint","2":"Lift out of order","3":"The lift is out."}',
    }
    assert (sent.kind, sent.provider_id) == ("sent", "SM" + "1" * 32)


def test_words_in_a_place_stand_in_one_line():
    (part,) = channel(template=Template(CONTENT, {"1": "words"})).compose(
        message(words="One\n\n two\t three\n")
    )

    assert json.loads(json.loads(part.data)["ContentVariables"]) == {"1": "One two three"}


def test_without_a_mapping_the_places_are_name_sender_subject_words():
    (part,) = channel(template=Template(CONTENT)).compose(message())

    assert list(json.loads(json.loads(part.data)["ContentVariables"]).values()) == [
        "Ada Flint",
        "Larch Management",
        "Lift out of order",
        "The lift is out.",
    ]


def test_free_words_outside_a_conversation_are_refused_and_told():
    answer = refused(400, 63016, "Failed to send freeform message because you are outside the allowed window")

    result, (asked,) = outcome(answer)

    assert asked.form["Body"] == "The lift is out."
    assert (result.kind, result.reason) == (
        "failed",
        "WhatsApp takes free words only within a day after they wrote to us. Use an approved template.",
    )


def test_a_number_that_is_not_on_whatsapp_bounces():
    result, _ = outcome(refused(400, 63024, "Invalid message recipient"), Template(CONTENT))

    assert (result.kind, result.bounce, result.reason) == (
        "bounced",
        "hard",
        "This number is not on WhatsApp.",
    )


def test_a_service_and_an_address_for_receipts_go_along():
    (part,) = channel(service="MG1", callback="https://b.example/r").compose(message())

    fields = json.loads(part.data)
    assert (fields["MessagingServiceSid"], fields["StatusCallback"]) == (
        "MG1",
        f"https://b.example/r?entry={ENTRY}",
    )
    assert "From" not in fields


@pytest.mark.parametrize(
    "template,changes,sentence",
    [
        (None, {"words": "", "text": ""}, "There are no words in it. Write what the message says."),
        (None, {"words": "x" * 1610}, "WhatsApp takes 1600 characters. Shorten it by 10."),
        (
            Template(CONTENT, {"1": "name"}),
            {"to": Party("", NUMBER)},
            "The template's place {{1}} has nothing to fill it.",
        ),
        (
            Template(CONTENT, {"1": "words"}),
            {"words": "x" * 1030},
            "WhatsApp has no room for 6 of these characters. Shorten it.",
        ),
        (
            Template(CONTENT),
            {"attachments": [File("a.pdf", "application/pdf", b"%PDF")]},
            "Files cannot go by WhatsApp. Take them off, or choose another channel.",
        ),
    ],
)
def test_what_whatsapp_cannot_carry_is_refused_before_sending(template, changes, sentence):
    with pytest.raises(ValueError) as mistake:
        channel(template=template).compose(message(**changes))

    assert str(mistake.value) == sentence


def test_a_place_is_filled_with_something_that_we_have():
    with pytest.raises(ValueError, match="favourite_colour"):
        Template(CONTENT, {"1": "favourite_colour"})


SAID = Said("Ada Flint", "Larch", "Lift", "It is\n out. ")


def test_the_counter_counts_all_that_fills_the_places():
    counted = channel(template=Template(CONTENT)).takes(SAID)

    assert counted == "28 of 1024 characters"  # 9 + 5 + 4 + 10
    assert channel().takes(SAID) == "11 of 1600 characters"


def test_what_it_counts_is_what_it_refuses_by():
    chats = channel(template=Template(CONTENT))
    full = SAID._replace(words="x" * (1024 - 18))
    made = message(words=full.words, subject="Lift", to=Party("Ada Flint", NUMBER), sender=Party("Larch", ""))

    assert chats.takes(full) == "1024 of 1024 characters" and chats.compose(made)
    with pytest.raises(ValueError, match="no room for 1 of"):
        chats.compose(message(words=full.words + "x", subject="Lift", to=made.to, sender=made.sender))


def test_a_price_is_shown_and_given_for_each_message():
    priced = WhatsAppChannel(
        TwilioSettings(account=ACCOUNT, token=TOKEN, sender=SENDER), price=Decimal("3.2")
    )

    assert priced.takes(SAID) == "11 of 1600 characters, about 3.2p"
    assert priced.pence("words") == Decimal("3.2") and channel().pence("words") is None


def test_the_preview_is_given_what_fills_each_place():
    assert channel(template=Template(CONTENT, {"1": "name", "2": "words"})).places(SAID) == [
        ("1", "Ada Flint"),
        ("2", "It is out."),
    ]
    assert channel().places(SAID) == []
