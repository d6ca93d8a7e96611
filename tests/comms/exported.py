"""Files of the log for the tests: asked for on the page, made by the worker, read again."""

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
from django.core.files.storage import storages

from comms.exports import making
from comms.models import Export
from comms.reports import log_file


def made() -> int:
    """Let a worker make what was asked for."""
    return making.work({Export.Kind.LOG: log_file.make}, 60)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def sheets(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Read a workbook: the rows of each of its sheets."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def files() -> Iterator[str]:
    """Give what lies in the store."""
    store = storages["exports"]
    for folder in store.listdir("")[0]:
        yield from store.listdir(folder)[1]
