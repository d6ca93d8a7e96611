"""What explains a file of the log: whose it is, what was filtered, which time zone, how many rows."""

import datetime
from collections.abc import Sequence

from portfolio.models import Organisation


def facts(
    organisation: Organisation,
    *,
    by: str,
    at: datetime.datetime,
    words: Sequence[str],
    rows: int | None,
    name: str = "",
    size: int | None = None,
    sha256: str = "",
) -> list[tuple[str, str]]:
    """Give what there is to say about a file, as label and value."""
    local = at.astimezone(organisation.zone)
    said = [
        ("What", "Entries of the communications log"),
        ("Of", organisation.name),
        ("Taken by", by),
        ("Taken at", f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ} ({local.isoformat(' ', 'seconds')})"),
        *(("Filter", word) for word in words),
        ("Time zone", f"{organisation.time_zone} for columns called local; UTC for those called UTC"),
    ]
    known: list[tuple[str, object]] = [("File", name), ("Rows", rows), ("Bytes", size), ("SHA-256", sha256)]
    return said + [(label, str(value)) for label, value in known if value not in (None, "")]


def text(facts: Sequence[tuple[str, str]]) -> str:
    """Write it as the plain text that goes beside a file."""
    return "".join(f"{label}: {value}\r\n" for label, value in facts)
