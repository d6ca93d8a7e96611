"""What the API says of the sealed record, to auditors and admins."""

from comms.ledger import running, sealer
from comms.models import Verification
from comms.record import entries
from tests.api.conftest import API, problem
from tests.ledger.conftest import sealing_key  # noqa: F401 (a fixture)
from tests.ledger.test_leaf import entry_of

STATUS = f"{API}verification/"


def test_what_is_asked_for_is_run_and_told(committed, inside, api, sealing_key):  # noqa: F811
    audrey = api(inside.audrey)
    before = audrey.get(STATUS).json()
    assert (before["sealed"], before["head"], before["full"]) == (0, "", None)
    entries.write([entry_of(inside, title=f"No {n}") for n in range(3)])
    sealer.run()
    sealer.run()

    asked = audrey.post(STATUS)
    again = audrey.post(STATUS)
    assert asked.status_code == 202 and asked.json()["state"] == "waiting"
    assert again.json()["id"] == asked.json()["id"] and Verification.objects.count() == 1
    assert audrey.get(STATUS).json()["asked_for"]["id"] == asked.json()["id"]
    running.work(20)

    told = audrey.get(STATUS).json()
    assert told["asked_for"] is None and told["full"]["state"] == "clean" and told["full"]["findings"] == []
    assert told["sealed"] == int(told["head"].splitlines()[1]) >= 3 and told["keys"]


def test_a_body_that_says_something_is_refused(inside, api):
    problem(api(inside.audrey).post(STATUS, {"mode": "tail"}), 400)
