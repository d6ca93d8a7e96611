"""What holds for the whole API: one form of refusal, nothing unknown is taken, repeats are harmless."""

import datetime
import threading

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from portfolio.models import Block, RememberedAnswer
from tests.api.conftest import API, client_with, problem, token_of

BLOCKS = f"{API}blocks/"
ACACIA = {"name": "Birch House", "address": "4 Mill Lane", "town": "Leeds", "postcode": "ls1 4ab"}


def names(cast):
    with scope(organisation=cast.organisation):
        return sorted(Block.objects.values_list("name", flat=True))


def test_a_block_is_added_read_and_changed(cast, alice):
    made = alice.post(BLOCKS, ACACIA)

    assert made.status_code == 201 and made.json()["postcode"] == "LS1 4AB"  # as the page's form writes it
    path = f"{BLOCKS}{made.json()['id']}/"
    assert alice.get(path).json() == made.json()
    changed = alice.patch(path, {"name": "Birch Court"}).json()
    assert changed == made.json() | {"name": "Birch Court"}
    assert [one["name"] for one in alice.get(f"{BLOCKS}?q=birch").json()["results"]] == ["Birch Court"]


def test_what_the_pages_form_refuses_is_refused_in_its_words(alice):
    found = problem(alice.post(BLOCKS, ACACIA | {"postcode": "nowhere"}), 400)

    assert found["errors"] == [
        {"field": "postcode", "detail": "This is not a UK postcode. One looks like SE1 4XX."}
    ]


def test_a_unit_is_added_to_a_block_of_ours_only(cast, alice):
    data = {"block_id": str(cast.block.public_id), "name": "Flat 9"}

    made = alice.post(f"{API}units/", data).json()
    assert made["position"] == 4
    assert alice.patch(f"{API}units/{made['id']}/", {"name": "Flat 9a"}).json()["name"] == "Flat 9a"
    assert problem(alice.post(f"{API}units/", data | {"block_id": str(cast.theirs.public_id)}), 400)
    problem(alice.patch(f"{API}units/{made['id']}/", {"name": "flat 1"}), 400)  # taken


def test_a_word_that_is_not_known_is_told_those_that_are(alice):
    assert "no, yes" in problem(alice.get(f"{BLOCKS}?archived=maybe"), 400)["detail"]
    assert "such as" in problem(alice.get(f"{API}units/?block_id=5"), 400)["detail"]


def test_a_value_of_another_type_is_refused(cast, alice):
    for wrong in ({"name": 5}, {"name": True}, {"town": ["Leeds"]}):
        assert problem(alice.post(BLOCKS, ACACIA | wrong), 400)["errors"][0]["field"] == next(iter(wrong))
    body = {"block_id": str(cast.block.public_id), "name": "Flat 9"}
    for wrong in ("5", True, 5.5):
        problem(alice.post(f"{API}units/", body | {"position": wrong}), 400)


def test_an_unknown_field_or_filter_is_named(alice):
    assert "“colour”" in problem(alice.post(BLOCKS, ACACIA | {"colour": "red"}), 400)["detail"]
    assert "“colour”" in problem(alice.get(f"{BLOCKS}?colour=red"), 400)["detail"]


@pytest.mark.parametrize("size", ["1000000", "0", "-1", "abc", "9" * 400])
def test_a_page_size_that_makes_no_sense_is_refused(alice, size):
    assert "1 to 200" in problem(alice.get(f"{BLOCKS}?per_page={size}"), 400)["detail"]


def test_pages_lead_on_and_back(cast, alice):
    for n in range(5):
        alice.post(BLOCKS, ACACIA | {"name": f"House {n}"})

    first = alice.get(f"{BLOCKS}?per_page=4&q=House").json()
    second = alice.get(first["next"]).json()

    assert [one["name"] for one in first["results"] + second["results"]] == [f"House {n}" for n in range(5)]
    assert second["next"] is None and alice.get(second["previous"]).json()["results"] == first["results"]
    for wrong in ("after=abc", f"after={cast.units[0].public_id}"):
        problem(alice.get(f"{BLOCKS}?{wrong}"), 400)


@pytest.mark.parametrize("path", ["nothing/", "", "blocks", "blocks/abc/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_is_not_there_is_a_problem_too(cast, alice, path, method):
    problem(getattr(alice, method)(f"{API}{path}"), 404)


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        ("{", "application/json", 400),
        ("[1]", "application/json", 400),
        ('{"name": NaN}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        ('{"name": "\\ud800"}', "application/json", 400),
        ('{"name": "\\u0000"}', "application/json", 400),
        ('{"\\ud800": 1}', "application/json", 400),
        ("name=a", "application/x-www-form-urlencoded", 415),
        (b" " * (5 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read(alice, data, media_type, status):
    problem(alice.generic("POST", BLOCKS, data, media_type), status)


def test_only_json_is_answered(alice):
    problem(alice.get(BLOCKS, headers={"Accept": "text/html"}), 406)


def test_a_fault_tells_nothing_of_itself(alice, monkeypatch, caplog):
    monkeypatch.setattr("portfolio.paging._find", lambda *_: 1 / 0)

    found = problem(alice.get(f"{BLOCKS}?after={'0' * 32}"), 400)  # checked before it is looked for
    monkeypatch.setattr("portfolio.api.base.page", lambda *_, **__: 1 / 0)
    found = problem(alice.get(BLOCKS), 500)

    assert "division" not in str(found) and "ZeroDivisionError" in caplog.text


def test_too_many_calls_are_told_when_to_go_on(cast, settings):
    settings.API_RATE = "2/min"
    one, other = client_with(token_of(cast.alice)[1]), client_with(token_of(cast.sam)[1])

    assert [one.get(BLOCKS).status_code for _ in range(2)] == [200, 200]
    response = one.get(BLOCKS)
    problem(response, 429)
    assert 0 < int(response["Retry-After"]) <= 61
    assert other.get(BLOCKS).status_code == 200  # each token by itself


def test_calls_go_on_where_the_cache_is_away(alice, monkeypatch):
    def away(*_, **__):
        raise redis.ConnectionError

    monkeypatch.setattr(cache, "get", away)

    assert alice.get(BLOCKS).status_code == 200


def test_the_activity_says_who_changed_it_by_the_api(cast, alice, client_of):
    path = f"{BLOCKS}{cast.block.public_id}/"

    alice.patch(path, {"town": "York"})

    page = client_of(cast.alice).get(f"/o/larch/blocks/{cast.block.public_id}/activity/").content.decode()
    assert "York" in page and "Alice Marsh" in page.split("York")[0].rsplit("<li", 1)[-1] + page


class TestKeys:
    """The same Idempotency-Key: the same answer, once done."""

    def post(self, client, key="k1", **changes):
        return client.post(BLOCKS, ACACIA | changes, headers={"Idempotency-Key": key})

    def test_the_same_again_is_the_first_answer(self, cast, alice):
        first, again = self.post(alice), self.post(alice)

        assert (again.status_code, again.json()) == (201, first.json())
        assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
        assert names(cast) == ["Acacia Court", "Birch House"]

    def test_another_body_under_the_same_key_is_refused(self, cast, alice):
        self.post(alice)

        assert "new key" in problem(self.post(alice, name="Birch Court"), 422)["detail"]
        assert names(cast) == ["Acacia Court", "Birch House"]

    def test_a_refusal_is_not_remembered(self, cast, alice):
        problem(self.post(alice, postcode="x"), 400)

        assert self.post(alice).status_code == 201

    def test_keys_of_two_tokens_are_two(self, cast, api):
        assert self.post(api(cast.alice)).status_code == 201
        assert self.post(api(cast.adam), name="Elm House").status_code == 201

    def test_after_a_day_a_key_is_new(self, cast, alice):
        self.post(alice)
        with scope(organisation=cast.organisation):
            RememberedAnswer.objects.update(
                created_at=timezone.now() - datetime.timedelta(hours=24, seconds=1)
            )

        assert "Idempotency-Replayed" not in self.post(alice)
        assert names(cast) == ["Acacia Court", "Birch House", "Birch House"]

    @pytest.mark.parametrize("key", ["x" * 201, "a\tb", "", "a b", "é"])
    def test_a_key_that_makes_no_sense_is_refused(self, alice, key):
        problem(self.post(alice, key), 400)

    def test_of_two_at_once_one_is_told_to_ask_again(self, committed, cast, monkeypatch):
        secret = token_of(cast.alice)[1]
        inside, go = threading.Event(), threading.Event()
        saved = Block.save

        def slowly(block, *args, **kwargs):
            inside.set()
            assert go.wait(20)
            return saved(block, *args, **kwargs)

        monkeypatch.setattr(Block, "save", slowly)
        answers = []

        def first():
            answers.append(self.post(client_with(secret)).status_code)
            connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        assert inside.wait(20)
        problem(self.post(client_with(secret)), 409)
        go.set()
        thread.join(20)

        assert answers == [201] and self.post(client_with(secret))["Idempotency-Replayed"] == "true"


def test_the_description_is_whole(capsys):
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn")

    assert "openapi: 3.1" in capsys.readouterr().out


def test_the_description_and_its_page_need_nothing_from_elsewhere(client, db):
    assert client.get(f"{API}schema/").json()["openapi"].startswith("3.1")
    response = client.get(f"{API}docs/")
    page = response.content.decode()
    assert (
        "http" not in page.replace("http://testserver", "")
        and "<style" not in page
        and "<script>" not in page
    )
    assert "default-src 'none'" in response["Content-Security-Policy"]
    script = client.get(f"{API}docs/?script=")
    assert (
        script["Content-Type"].startswith("application/javascript") and b"SwaggerUIBundle" in script.content
    )
