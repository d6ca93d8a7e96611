"""The status is a function of the set of events, in whatever order and however often they arrive."""

import datetime
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comms.record import heard
from comms.record.status import LADDER, RETRYING, Event, Status, derive

START = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)


def at(minutes):
    return START + datetime.timedelta(minutes=minutes)


def event(kind, heard_at, *, happened=None, **facts):
    return Event(
        id=heard_at,
        kind=kind,
        happened_at=at(heard_at if happened is None else happened),
        recorded_at=at(heard_at),
        **facts,
    )


def status(*events):
    return derive(events, START).status


KINDS = [s.value for s in Status if s is not Status.QUEUED] + ["attempted", "pending", "unsubscribed"]


@st.composite
def machine_events(draw, kinds=KINDS):
    count = draw(st.integers(0, 8))
    return [_drawn(draw, kinds, number, by_person=False) for number in range(1, count + 1)]


@st.composite
def any_events(draw):
    count = draw(st.integers(0, 8))
    return [_drawn(draw, KINDS, n, by_person=draw(st.booleans())) for n in range(1, count + 1)]


def _drawn(draw, kinds, number, by_person):
    kind = draw(st.sampled_from(kinds))
    return Event(
        id=number,
        kind=kind,
        happened_at=at(draw(st.integers(0, 10))),
        recorded_at=at(draw(st.integers(0, 10))),
        by_person=by_person and kind != "attempted",
        attempt=draw(st.sampled_from([None, 1, 2, 3])),
        bounce=draw(st.sampled_from(["hard", "soft", "spam"])) if kind == "bounced" else "",
        reason=draw(st.sampled_from(["", "a", "b"])),
        machine=draw(st.booleans()),
    )


@settings(max_examples=400)
@given(any_events(), st.data())
def test_any_order_any_repeats_and_any_batches_give_the_same(events, data):
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    shuffled = data.draw(st.permutations(events + repeats))
    cut = data.draw(st.integers(0, len(shuffled)))

    first, second = shuffled[:cut], shuffled[cut:]

    assert derive(iter(first + second), START) == derive(events, START)
    assert derive(second + first, START) == derive(events, START)


def test_ten_thousand_shuffles_with_repeats_give_no_other_status():
    rng = random.Random(20261121)
    for _ in range(10_000):
        events = [_random(rng, number) for number in range(1, rng.randint(2, 9))]
        shuffled = events + rng.choices(events, k=rng.randint(0, 5))
        rng.shuffle(shuffled)

        assert derive(shuffled, START) == derive(events, START)


def _random(rng, number):
    kind = rng.choice(KINDS)
    return Event(
        id=number,
        kind=kind,
        happened_at=at(rng.randint(0, 10)),
        recorded_at=at(rng.randint(0, 10)),
        by_person=kind != "attempted" and rng.random() < 0.2,
        attempt=rng.choice([None, 1, 2, 3]),
        bounce=rng.choice(["hard", "soft", "spam"]) if kind == "bounced" else "",
        machine=rng.random() < 0.3,
    )


@given(machine_events())
def test_an_open_or_a_click_never_hides_that_it_did_not_arrive(events):
    before = status(*events)

    after = status(*events, event("opened", 50), event("clicked", 51))

    if before in (Status.BOUNCED, Status.SPAM, Status.FAILED, Status.DROPPED):
        assert after is before


@given(any_events())
def test_unsubscribing_never_moves_it(events):
    wish = event("unsubscribed", 50)

    assert derive([*events, wish], START) == derive(events, START)


@given(any_events(), st.sampled_from(["pending", "delivered", "bounced", "failed", "opened", "sent"]))
def test_a_person_outranks_everything_heard_before(events, kind):
    said = event(kind, 50, by_person=True, reason="They rang.")

    derived = derive([*events, said], START)

    assert derived.status == {"pending": "queued"}.get(kind, kind)
    assert (derived.reason, derived.status_at) == ("They rang.", at(50))


@given(any_events())
def test_sent_at_never_moves_later(events):
    before = derive(events, START).sent_at

    after = derive([*events, event("sent", 50)], START).sent_at

    assert after is not None
    if any(e.kind == "sent" for e in events):
        assert after == before


def test_of_several_persons_the_last_set_counts():
    early = event("delivered", 1, by_person=True)
    late = event("failed", 2, by_person=True)

    assert status(late, early) is Status.FAILED
    assert status(late, event("delivered", 3, by_person=True)) is Status.DELIVERED


def test_a_person_is_last_by_when_it_was_recorded_not_by_when_it_happened():
    first = event("delivered", 1, happened=30, by_person=True)
    last = event("failed", 2, happened=0, by_person=True)

    assert status(first, last) is Status.FAILED


def test_machine_events_heard_after_a_person_compete_by_rank():
    said = event("delivered", 5, by_person=True)

    assert status(said, event("bounced", 4, bounce="hard")) is Status.DELIVERED
    assert status(said, event("bounced", 6, bounce="hard")) is Status.BOUNCED
    assert status(said, event("sent", 6)) is Status.DELIVERED


def test_a_later_attempt_does_not_undo_what_a_person_said():
    said = event("failed", 3, by_person=True)

    assert status(event("attempted", 1, attempt=1), said, event("attempted", 4, attempt=2)) is Status.FAILED


@pytest.mark.parametrize("lower,higher", zip(LADDER[1:], LADDER[2:], strict=False))
def test_each_rung_outranks_the_one_below(lower, higher):
    bounce = "hard"
    events = [
        event(s.value, minute, bounce=bounce if s is Status.BOUNCED else "", attempt=minute)
        for minute, s in ((2, lower), (1, higher))
    ]

    assert status(*events) is higher


def test_nothing_heard_and_a_first_attempt_are_queued():
    assert derive([], START) == derive([event("attempted", 1, attempt=1)], START)
    assert derive([], START).status is Status.QUEUED
    assert derive([], START).status_at == START


FIRST = [event("attempted", 1, attempt=1), event("sent", 2, attempt=1)]
SOFT = event("bounced", 3, bounce="soft", reason="The mailbox is full.")
SECOND = event("attempted", 10, attempt=2)

# For each row of heard.EXCEPTIONS in its order: the events, what they read as, and what they would without it.
EXAMPLES = [
    ([*FIRST, SOFT, SECOND, event("sent", 12, attempt=2)], "sent", "bounced"),
    ([*FIRST, SOFT, event("failed", 9, attempt=1)], "failed", "bounced"),
    ([event("attempted", 1, attempt=1), event("failed", 2, attempt=1), SECOND], "deferred", "failed"),
    ([event("dropped", 1), event("attempted", 2, attempt=1), event("sent", 3, attempt=1)], "sent", "dropped"),
    ([*FIRST, SOFT, event("delivered", 5)], "delivered", "bounced"),
    ([*FIRST, SOFT, SECOND], "deferred", "sent"),
    (
        [
            event("attempted", 1, attempt=1),
            event("unconfirmed", 2, attempt=1),
            event("deferred", 3, attempt=1),
        ],
        "deferred",
        "unconfirmed",
    ),
]


@pytest.mark.parametrize("row", range(len(EXAMPLES)))
def test_each_exception_changes_the_answer(row, monkeypatch):
    events, with_it, without_it = EXAMPLES[row]

    assert len(EXAMPLES) == len(heard.EXCEPTIONS)
    assert status(*events) == with_it
    rest = heard.EXCEPTIONS[:row] + heard.EXCEPTIONS[row + 1 :]
    monkeypatch.setattr(heard, "EXCEPTIONS", rest)
    assert status(*events) == without_it


def test_a_soft_bounce_that_is_tried_again_says_so():
    derived = derive([*FIRST, SOFT, SECOND], START)

    assert (derived.status, derived.reason, derived.bounce) == (Status.DEFERRED, RETRYING, "")
    assert derived.sent_at == at(2)


def test_a_soft_bounce_that_arrives_with_the_next_attempt_is_delivered():
    assert status(*FIRST, SOFT, SECOND, event("delivered", 12)) is Status.DELIVERED


def test_a_soft_bounce_stands_until_it_is_tried_again():
    derived = derive([*FIRST, SOFT], START)

    assert (derived.status, derived.bounce, derived.reason) == ("bounced", "soft", "The mailbox is full.")


def test_a_bounce_mail_heard_after_the_second_attempt_is_about_the_second():
    assert (
        status(*FIRST, SECOND, event("sent", 11, attempt=2), event("bounced", 12, bounce="soft")) == "bounced"
    )


@pytest.mark.parametrize("bounce", ["hard", "spam"])
def test_only_a_soft_bounce_gives_way(bounce):
    back = event("bounced", 3, bounce=bounce)

    assert status(*FIRST, back, SECOND, event("delivered", 12)) is Status.BOUNCED


def test_a_delivery_that_then_came_back_does_not_return_with_the_next_attempt():
    assert status(*FIRST, event("delivered", 2), SOFT, SECOND) is Status.DEFERRED


def test_the_worst_bounce_is_the_one_told():
    derived = derive([event("bounced", 1, bounce="hard", reason="No such person."), SOFT], START)

    assert (derived.bounce, derived.reason) == ("hard", "No such person.")


def test_good_news_keeps_its_first_time_and_bad_news_its_last():
    opened = derive([event("opened", 5), event("opened", 7, happened=3)], START)
    deferred = derive([event("deferred", 1, reason="Old."), event("deferred", 4, reason="New.")], START)

    assert opened.status_at == at(3)
    assert (deferred.status_at, deferred.reason) == (at(4), "New.")


def test_an_open_by_a_person_is_told_before_one_by_a_machine():
    derived = derive(
        [event("opened", 1, machine=True, reason="Opened by a mail scanner."), event("opened", 9)], START
    )

    assert (derived.status_at, derived.reason) == (at(9), "")


def test_sent_at_is_the_first_sent_else_the_first_sign_of_it():
    assert derive([event("sent", 7), event("sent", 9, happened=4, by_person=True)], START).sent_at == at(4)
    assert derive([event("unconfirmed", 1), event("delivered", 6), event("opened", 5)], START).sent_at == at(
        5
    )
    assert derive([event("unconfirmed", 1), event("bounced", 6, bounce="hard")], START).sent_at == at(6)


def test_a_sign_that_comes_days_later_does_not_move_the_time_at_which_it_left():
    tried = [event("attempted", 1, attempt=1), event("unconfirmed", 2, attempt=1)]

    for sign in (
        {"kind": "opened", "machine": True},
        {"kind": "delivered"},
        {"kind": "bounced", "bounce": "soft"},
    ):
        assert derive([*tried, event(sign.pop("kind"), 90, **sign)], START).sent_at == at(1)
    again = event("attempted", 40, attempt=2)
    assert derive([*tried, again, event("delivered", 90)], START).sent_at == at(40)


def test_a_refusal_while_handing_over_was_never_sent():
    refused = [event("attempted", 1, attempt=1), event("bounced", 2, bounce="hard", attempt=1)]

    assert derive(refused, START).sent_at is None


def test_a_word_that_is_not_ours_is_refused():
    with pytest.raises(KeyError):
        status(event("vanished", 1))
