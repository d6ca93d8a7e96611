"""What a simulated provider answers over HTTP."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body; status 0 stands for a line that breaks without an answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0  # seconds


def said(status: int, body: object, after: float = 0) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"}, after)


BROKEN = Answer(0)
