"""The nine procedures on communications over HTTP, with each of their status rules tried for acceptance and refusal.

    TOKEN=$(python manage.py api_token manager@demo.example) \\
    READER=$(python manage.py api_token staff@demo.example --scope read) \\
    python docs/examples/procedures.py http://127.0.0.1:8000

It prints a line for each answer, and ends with 1 if one was not as it should be. Python alone is enough to run it.
Sending must be under way: one communication is really sent, to nobody, and one is put up by hand.
"""

import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any, NamedTuple

EDITABLE, FROZEN = ("draft", "scheduled"), ("sending", "sent", "failed")
CIRCULAR = {"communication_type": "circular", "subject": "Lift", "body_html": "<p>Dear {{salutation}}</p>"}


class Answer(NamedTuple):
    status: int
    body: Any


class Api:
    """Calls the API with a token."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address.rstrip("/"), token

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        request = urllib.request.Request(  # noqa: S310 (the address is the caller's own)
            f"{self.address}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return Answer(response.status, json.loads(response.read() or b"null"))
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, json.loads(refused.read() or b"null"))


class Trial:
    """The nine procedures, with a token that may write and one that may only read."""

    def __init__(self, api: Api, reader: Api) -> None:
        self.api, self.reader, self.tried, self.wrong = api, reader, 0, 0

    def expect(self, what: str, right: bool, answer: Answer) -> None:
        self.tried += 1
        self.wrong += not right
        detail = answer.body.get("detail", "") if isinstance(answer.body, dict) else ""
        print(f"{'ok   ' if right else 'WRONG'} {answer.status} {what}{f': {detail}' if detail else ''}")

    def accept(self, what: str, answer: Answer, **facts: Any) -> Any:
        right = answer.status < 300 and all(answer.body.get(name) == one for name, one in facts.items())
        self.expect(what, right, answer)
        return answer.body

    def refuse(self, what: str, status: int, answer: Answer) -> None:
        self.expect(what, answer.status == status, answer)

    def run(self) -> None:
        self.units = self._units()
        self.create()
        self.read()
        for state in (*EDITABLE, *FROZEN):
            self.change(state)
        self.recipients()

    def _units(self) -> list[str]:
        """Find three units whose leaseholders are known."""
        parts = self.api("GET", f"occupancies/?role=leaseholder&per_page=200&on={datetime.date.today()}").body
        return list(dict.fromkeys(part["unit_id"] for part in parts["results"]))[:3]

    def made(self, state: str) -> str:
        """Make a communication in one of the five states."""
        body = CIRCULAR | ({"channel": "noticeboard"} if state == "sending" else {})
        path = f"communications/{self.api('POST', 'communications/', body).body['id']}/"
        if state == "scheduled":
            self.api("PATCH", path, {"scheduled_at": soon(days=1)})
        if state in ("sending", "sent"):
            self.api("POST", f"{path}recipients/", {"unit_ids": self.units[:1]})
        if state == "sent":
            self.api("POST", f"{path}mark-sent/")
        if state in ("sending", "failed"):  # by hand, until somebody did it; or to nobody
            self.api("PATCH", path, {"scheduled_at": soon(seconds=2)})
        for _ in range(120):
            if self.api("GET", path).body["status"] == state:
                return path
            time.sleep(0.5)
        raise SystemExit(f"It did not become {state}. Is anything being sent?")

    def create(self) -> None:
        send, many = self.api, "communications/"
        self.accept("create: a draft", send("POST", many, CIRCULAR), status="draft", channel="email")
        at = {"scheduled_at": soon(days=1)}
        self.accept("create: scheduled", send("POST", many, CIRCULAR | at), status="scheduled")
        key = {"Idempotency-Key": uuid.uuid4().hex}
        first = self.accept("create: with a key", send("POST", many, CIRCULAR, **key))
        self.accept("create: again with that key", send("POST", many, CIRCULAR, **key), id=first["id"])
        self.refuse("create: another under that key", 422, send("POST", many, CIRCULAR | at, **key))
        self.refuse("create: by who may only read", 403, self.reader("POST", many, CIRCULAR))
        wrong = {
            "an unknown type": {"communication_type": "poster"},
            "a subject of 501 characters": {"subject": "x" * 501},
            "a block of nobody": {"block_id": str(uuid.uuid4())},
            "a unit of nobody": {"unit_id": str(uuid.uuid4())},
            "a time that is past": {"scheduled_at": "2020-01-01T09:00:00Z"},
            "an unknown field": {"colour": "red"},
        }
        for what, field in wrong.items():
            self.refuse(f"create: {what}", 400, send("POST", many, CIRCULAR | field))

    def read(self) -> None:
        path, unit = self.made("scheduled"), self.units[0]
        block = self.api("GET", f"units/{unit}/").body["block_id"]
        wanted = f"status=scheduled&communication_type=notice&block_id={block}&unit_id={unit}"
        notice = {"communication_type": "notice", "unit_id": unit, "scheduled_at": soon(days=1)}
        self.api("POST", "communications/", CIRCULAR | notice)
        found = self.accept("list: by each filter", self.reader("GET", f"communications/?{wanted}"))[
            "results"
        ]
        right = {(one["status"], one["communication_type"], one["unit_id"]) for one in found}
        self.expect("list: nothing else", right == {("scheduled", "notice", unit)}, Answer(200, None))
        for query in ("status=gone", "block_id=1", "colour=red", "per_page=1000000"):
            self.refuse(f"list: {query}", 400, self.reader("GET", f"communications/?{query}"))
        self.accept("get: with how many recipients", self.reader("GET", path), recipient_count=0)
        self.refuse("get: of nobody", 404, self.reader("GET", f"communications/{uuid.uuid4()}/"))

    def change(self, state: str) -> None:
        """Update, schedule, take back, add to, mark as sent and delete one in a state."""
        path, api, may = self.made(state), self.api, state in EDITABLE

        def tried(what: str, answer: Answer, **facts: Any) -> None:
            self.accept(f"{what}: {state}", answer, **facts) if may else self.refuse(
                f"{what}: {state}", 409, answer
            )

        tried(
            "update",
            api("PATCH", path, {"subject": "Lift again", "notes": "n"}),
            subject="Lift again",
            status=state,
        )
        tried("update, to a time", api("PATCH", path, {"scheduled_at": soon(days=2)}), status="scheduled")
        tried("update, to no time", api("PATCH", path, {"scheduled_at": None}), status="draft")
        tried("add recipients", api("POST", f"{path}recipients/", {"unit_ids": self.units}))
        self.refuse("update: by who may only read", 403, self.reader("PATCH", path, {"subject": "x"}))
        self.refuse("delete: by who may only read", 403, self.reader("DELETE", path))
        tried("mark sent", api("POST", f"{path}mark-sent/"), status="sent")
        again = self.made(state)
        tried("delete", api("DELETE", again)) if may else self.refuse(
            f"delete: {state}", 409, api("DELETE", again)
        )
        if may:
            self.refuse(f"get: deleted, was {state}", 404, api("GET", again))

    def recipients(self) -> None:
        path, api = self.made("draft"), self.api
        people = f"{path}recipients/"
        self.refuse("mark sent: nobody is added", 409, api("POST", f"{path}mark-sent/"))
        self.refuse("add recipients: none", 400, api("POST", people, {"unit_ids": []}))
        self.refuse("add recipients: of nobody", 400, api("POST", people, {"unit_ids": [str(uuid.uuid4())]}))
        self.refuse(
            "add recipients: by who may only read", 403, self.reader("POST", people, {"unit_ids": self.units})
        )
        wanted = [*self.units, str(uuid.uuid4())]
        told = self.accept("add recipients: with one of nobody", api("POST", people, {"unit_ids": wanted}))
        right = told["added"] >= 3 and any("organisation" in one["reason"] for one in told["skipped"])
        self.expect("add recipients: who is skipped is told", right, Answer(200, None))
        rows = self.accept(
            "list recipients: pending", self.reader("GET", f"{people}?delivery_status=pending")
        )
        self.refuse(
            "list recipients: an unknown status", 400, self.reader("GET", f"{people}?delivery_status=gone")
        )
        one = f"recipients/{rows['results'][0]['id']}/"
        self.refuse("set status: before sending", 409, api("PATCH", one, {"delivery_status": "delivered"}))
        self.api("POST", f"{path}mark-sent/")
        self.refuse(
            "set status: by who may only read", 403, self.reader("PATCH", one, {"delivery_status": "opened"})
        )
        for word in ("bounced", "failed"):
            self.refuse(
                f"set status: {word} without a reason", 400, api("PATCH", one, {"delivery_status": word})
            )
        self.refuse("set status: an unknown one", 400, api("PATCH", one, {"delivery_status": "sent"}))
        for word in ("pending", "delivered", "opened", "bounced", "failed"):
            said = {
                "delivery_status": word,
                "failure_reason": "Gone away." if word in ("bounced", "failed") else "",
            }
            self.accept(f"set status: {word}", api("PATCH", one, said), **said)
        row = self.reader("GET", one)
        self.expect(
            "set status: when is recorded", bool(row.body["delivered_at"] and row.body["opened_at"]), row
        )


def soon(**ahead: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(**ahead)).isoformat()


def main(address: str) -> int:
    trial = Trial(Api(address, os.environ["TOKEN"]), Api(address, os.environ["READER"]))
    trial.run()
    print(f"{trial.tried} answers, {trial.wrong} not as they should be.")
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
