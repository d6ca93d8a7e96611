import datetime

import pytest
import time_machine

from comms.models import Template, TemplateVersion, Ticket
from tests.comms.logbook import happen, write

NOW = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def found(inside, client_of):
    """Give the titles that a query finds, newest first."""

    def titles(query):
        with time_machine.travel(NOW, tick=False):
            response = client_of(inside.sam).get(f"/o/{inside.organisation.slug}/log/{query}")
        assert response.status_code == 200
        return [row.entry.title for row in response.context["listing"].rows]

    return titles


def at(day, hour=12, minute=0):
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=datetime.UTC)


def test_dates_are_whole_days_in_the_organisations_zone(inside, found):
    for title, when in {
        "before": datetime.datetime(2026, 7, 14, 22, 59, tzinfo=datetime.UTC),
        "first": datetime.datetime(2026, 7, 14, 23, 0, tzinfo=datetime.UTC),  # midnight in London
        "last": datetime.datetime(2026, 7, 15, 22, 59, tzinfo=datetime.UTC),
        "after": datetime.datetime(2026, 7, 15, 23, 0, tzinfo=datetime.UTC),
    }.items():
        write(inside.organisation, title=title, at=when)

    assert found("?since=2026-07-15&until=2026-07-15") == ["last", "first"]
    assert found("?since=2026-07-15") == ["after", "last", "first"]
    assert found("?until=2026-07-14") == ["before"]


def test_windows(inside, found):
    for day in (1, 13, 14, 20, 21):
        write(inside.organisation, title=str(day), at=at(day, 1))

    assert found("") == ["21", "20", "14"]
    assert found("?sent=today") == ["21"]
    assert found("?sent=all") == ["21", "20", "14", "13", "1"]


def test_channel_status_and_bounce_several_at_once(inside, found):
    for n, (channel, kind, bounce) in enumerate(
        [
            ("email", "bounced", "hard"),
            ("email", "bounced", "soft"),
            ("sms", "failed", ""),
            ("phone call", "sent", ""),
        ]
    ):
        entry = write(
            inside.organisation,
            title=f"{channel} {kind} {bounce}".strip(),
            channel=channel,
            at=at(20, 12 + n),
        )
        happen(entry, kind, at(20, 12 + n), bounce=bounce)

    assert found("?channel=email") == ["email bounced soft", "email bounced hard"]
    assert found("?channel=sms&channel=phone+call") == ["phone call sent", "sms failed"]
    assert found("?status=failed&status=sent") == ["phone call sent", "sms failed"]
    assert found("?bounce=hard") == ["email bounced hard"]


def test_recipient_by_a_piece_of_name_address_or_phone(inside, found):
    write(inside.organisation, title="mail", to_name="Máire O'Brien", to_address="maire.obrien@mail.example")
    write(
        inside.organisation, title="text", to_name="Ann Whitlock", to_address="+447700900142", channel="sms"
    )

    for piece in (
        "máire",
        "o'brien",
        "obr",
        "MAIRE.OBRIEN@mail",
        "maire.obrien@mail.example",
        "mail.ex",
        "brien máire",
    ):
        assert found(f"?sent=all&recipient={piece}") == ["mail"], piece
    for piece in (
        "%2B447700900142",
        "07700 900142",
        "%2B44 (0)7700 900142",
        "0044 7700 900142",
        "900142",
        "whit ann",
    ):
        assert found(f"?sent=all&recipient={piece}") == ["text"], piece
    assert found("?sent=all&recipient=' %26 \\ : | !") == []
    assert found("?sent=all&recipient=zoe") == []


def test_words_phrases_and_minus(inside, found):
    write(inside.organisation, title="A", words="The fire door of the block was inspected")
    write(inside.organisation, title="B", words="A door caught fire", at=at(20))
    write(inside.organisation, title="C", words="Inspections of lifts", at=at(19))

    assert found("?sent=all&q=fire") == ["A", "B"]
    assert found('?sent=all&q="fire door"') == ["A"]
    assert found("?sent=all&q=fire -inspected") == ["B"]
    assert found("?sent=all&q=inspection") == ["A", "C"]


def test_only_stop_words_says_so(inside, client_of):
    write(inside.organisation)

    response = client_of(inside.sam).get(f"/o/{inside.organisation.slug}/log/?sent=all&q=the")

    assert "Nothing to search for" in response.content.decode()


@pytest.mark.parametrize("common", [0, 10**9])
def test_a_rare_and_a_common_word_give_the_same(inside, found, monkeypatch, common):
    monkeypatch.setattr("comms.log.search.COMMON", common)
    write(inside.organisation, title="A", words="fire")
    write(inside.organisation, title="B", words="water")

    assert found("?sent=all&q=fire") == ["A"]
    assert found("?sent=all&q=fire&recipient=priya&channel=email") == ["A"]
    assert found("?sent=all&q=fire&recipient=zoe") == []
    assert found("?sent=all&q=-fire") == ["B"]


def test_what_it_is_linked_to(inside, found):
    ticket = Ticket.objects.create(organisation=inside.organisation, title="Leak")
    template = Template.objects.create(organisation=inside.organisation, name="Demand")
    version = TemplateVersion.objects.create(organisation=inside.organisation, template=template, number=1)
    ann = inside.contacts[0]
    facts = {
        "block": {"block": inside.block},
        "unit": {"block": inside.block, "unit": inside.units[0]},
        "ticket": {"ticket": ticket},
        "contact": {"contact": ann},
        "about": {"contact": inside.contacts[1], "regarding": ann},
        "reference": {"reference_type": "invoice", "reference": "SC-1"},
        "template": {"template_version": version, "template_label": "Demand, version 1"},
        "type": {"type": "notice"},
        "sender": {"sender_label": "Service charges"},
        "manual": {"manual": True},
    }
    for title, linked in facts.items():
        write(inside.organisation, title=title, **linked)

    assert sorted(found(f"?sent=all&block={inside.block.public_id}")) == ["block", "unit"]
    assert found(f"?sent=all&unit={inside.units[0].public_id}") == ["unit"]
    assert found(f"?sent=all&ticket={ticket.public_id}") == ["ticket"]
    assert found(f"?sent=all&contact={ann.public_id}") == ["contact"]
    assert sorted(found(f"?sent=all&about={ann.public_id}")) == ["about", "contact"]
    assert found("?sent=all&reference=SC-1&reference_type=invoice") == ["reference"]
    assert found("?sent=all&reference=SC-1&reference_type=booking") == []
    assert found(f"?sent=all&template={template.public_id}") == ["template"]
    assert found("?sent=all&type=notice") == ["type"]
    assert found("?sent=all&sender=Service+charges") == ["sender"]
    assert found("?sent=all&manual=yes") == ["manual"]
    assert len(found("?sent=all&manual=no")) == 9


def test_each_filter_is_a_chip_that_can_be_removed(inside, client_of):
    write(inside.organisation)

    response = client_of(inside.sam).get(
        f"/o/{inside.organisation.slug}/log/?sent=all&status=bounced&status=failed&block={inside.block.public_id}"
    )

    chips = {chip.label: chip for chip in response.context["chips"]}
    assert chips["Status"].value == "Bounced, Failed"
    assert chips["Block"].value == "Acacia Court"
    assert "status" not in chips["Status"].remove_url and "block" in chips["Status"].remove_url
    assert "Sent" not in chips
