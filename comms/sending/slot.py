import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def slot(name: str, size: int) -> Iterator[bool]:
    """Hold one of so many places for a kind of work, across all workers; gives whether one was free.

    A place is a PostgreSQL advisory lock of the session, so a worker that dies leaves it.
    """
    kind, taken = zlib.crc32(name.encode()) & 0x7FFFFFFF, None
    with connection.cursor() as cursor:
        for number in range(size):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number])
            if cursor.fetchone()[0]:
                taken = number
                break
    try:
        yield taken is not None
    finally:
        if taken is not None and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, taken])
