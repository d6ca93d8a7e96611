"""What is added to the OpenAPI description that the code alone does not say."""

from http import HTTPStatus
from typing import Any

from portfolio.api.problems import MEDIA_TYPE

REFUSALS = {
    "400": "Something in the request makes no sense; `errors` names each field or filter.",
    "401": "There is no token, or it is unknown, expired or revoked.",
    "403": "The role, or the scope of the token, may not do this.",
    "404": "There is no such thing in the token's organisation.",
    "406": "The API answers in JSON only.",
    "409": "It is not possible in the state that the thing is in, or the same key is being worked on.",
    "413": "The body is too large.",
    "415": "The API takes JSON only.",
    "422": "The Idempotency-Key was used for another request.",
    "429": "Too many calls; `Retry-After` says in how many seconds to go on.",
    "500": "A fault of Blockpost's. Nothing was changed.",
}
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in a sentence."},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Send the same key again with the same body, and you get the first answer again, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}


EXAMPLES = {
    "400": ("There is no field “colour”.", "refused"),
    "403": ("The role Staff may not do this.", "permission_denied"),
    "409": ("It can no longer be edited: sending has begun.", "conflict"),
}


def _example(number: str) -> dict[str, Any]:
    detail, code = EXAMPLES.get(number, (REFUSALS[number], HTTPStatus(int(number)).name.lower()))
    errors = {"errors": [{"field": "colour", "detail": detail}]} if number == "400" else {}
    title = HTTPStatus(int(number)).phrase
    return {
        "type": "about:blank",
        "title": title,
        "status": int(number),
        "detail": detail,
        "code": code,
    } | errors


def refusals(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the refusals to each operation, the key to each create, and that unknown fields are refused."""
    components = result.setdefault("components", {})
    components["responses"] = {
        f"Problem{number}": {
            "description": words,
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(number)}
            },
        }
        for number, words in REFUSALS.items()
    }
    schemas = components.setdefault("schemas", {})
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    schemas["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            for number in REFUSALS:
                reference = {"$ref": f"#/components/responses/Problem{number}"}
                operation["responses"].setdefault(number, reference)
            if method == "post" and "201" in operation["responses"]:
                operation.setdefault("parameters", []).append(KEY)
    return result
