"""What comes in and goes out is JSON in UTF-8. By itself, as the library loads it before its own views."""

import json
from typing import Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Json(JSONRenderer):
    """JSON in UTF-8, as people wrote it."""

    charset = None


class Body(JSONParser):
    """Reads a JSON body of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        data = stream.read(most + 1)
        if len(data) > most:
            raise TooLarge("The body is larger than 5 MB.")
        try:
            found = json.loads(data.decode("utf-8"), parse_constant=_no_such_number)
            if b"\\u" in data:  # half of a surrogate pair, which no text may hold (RFC 8259, 8.2)
                json.dumps(found, ensure_ascii=False).encode()
            return found
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except ValueError:
            raise ParseError("The body is no JSON in UTF-8.") from None


def _no_such_number(word: str) -> None:
    raise ValueError(word)
