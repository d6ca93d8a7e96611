"""The API under requests made from its own description, right and wrong ones, with each role's token.

FUZZ_CASES says how many of each kind for each operation and role: 2 in the tests; `make fuzz` runs the full size.
"""

import functools
import os
from collections import Counter
from contextlib import suppress

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS

from tests.api.conftest import token_of
from tests.api.rules import API
from tests.test_permissions import PEOPLE, export_of, ids  # noqa: F401 (a fixture)

CASES = int(os.environ.get("FUZZ_CASES", "2"))
FULL = "FUZZ_CASES" in os.environ
# A request that fits the description may still be refused for what it is about: an id of nobody, a time gone by.
EXCLUDED = ("positive_data_acceptance",)
NAMED = {"corrects_id": "entry", "unit_ids": "unit"}
SEEN: Counter[str] = Counter()


@pytest.fixture
def described(committed, cast, settings):
    settings.API_RATE, settings.ALLOWED_HOSTS = "100000000/min", ["*"]
    found = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    # Each request here has a token; what happens without one is tried for each route in test_permissions.py.
    del found.raw_schema["components"]["securitySchemes"]
    for operation in (one for path in found.raw_schema["paths"].values() for one in path.values()):
        operation.pop("security", None)
    return found


def made_likely(case, known, draw):
    """Begin with an example of the description, and put ids of what is there in place of some that were made up."""
    bodies = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    examples = [e["value"] for e in bodies.get("application/json", {}).get("examples", {}).values()]
    if examples and isinstance(case.body, dict) and draw(st.booleans()):
        kept = draw(st.sets(st.sampled_from(sorted(case.body)))) if case.body else ()
        case.body = draw(st.sampled_from(examples)) | {name: case.body[name] for name in kept}
    if "public_id" in case.path_parameters and draw(st.booleans()):
        case.path_parameters["public_id"] = str(known[_whose(case.operation.path)])
    for name in list(case.body) if isinstance(case.body, dict) else ():
        one = known.get(NAMED.get(name, str(name).removesuffix("_id")))
        if one and str(name).endswith(("_id", "_ids")) and draw(st.integers(0, 3)):
            case.body[name] = [str(one)] if name.endswith("s") else str(one)


@functools.cache
def _whose(path):
    """Say whose id an address of the description has."""
    nobody = "00000000-0000-0000-0000-000000000000"
    addresses = {reverse(name, args=[nobody]): of for name, (of, _) in API.items() if of}
    return addresses[path.replace("{public_id}", nobody)]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_request_makes_it_fail_or_answer_what_it_does_not_describe(role, cast, ids, described):  # noqa: F811
    headers = {"Authorization": f"Bearer {token_of(getattr(cast, PEOPLE[role]))[1]}"}
    checks = [check for check in CHECKS.get_all() if check.__name__ not in EXCLUDED]
    ids["export"] = export_of(getattr(cast, PEOPLE[role]), cast.organisation)
    found = []
    for operation in (one.ok() for one in described.get_all_operations()):
        for mode in schemathesis.GenerationMode:
            try:
                _try(operation, mode, ids, headers, checks, role)
            except (Exception, BaseExceptionGroup) as wrong:
                found.append(f"{operation.label} {mode}: {_told(wrong)}")
    print(f"{role}: {sum(n for key, n in SEEN.items() if key.startswith(role))} requests;",
          dict(sorted((key, n) for key, n in SEEN.items() if key.startswith(role))))  # fmt: skip
    assert not found, "\n\n".join(found)


def _told(wrong):
    """Give each failed check with the request that failed it."""
    inner = "".join(_told(one) for one in getattr(wrong, "exceptions", ()))
    return f"{wrong}\n{inner}"[:3000]


def _try(operation, mode, known, headers, checks, role):
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=not FULL,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data):
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode == schemathesis.GenerationMode.POSITIVE:
            made_likely(case, known, data.draw)
        response = case.call(headers=headers)
        SEEN[f"{role} {response.status_code}"] += 1
        case.validate_response(response, checks=checks, headers=headers)

    with suppress(Unsatisfiable):  # nothing can be wrong about a request that takes nothing
        one()
