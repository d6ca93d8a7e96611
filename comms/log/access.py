"""Write down who looked at what. One insert; the row can be neither changed nor deleted."""

import uuid
from typing import Any

from comms.log.listing import Listing
from comms.models import Access, LogEntry
from portfolio.models import Organisation, User

Kind = Access.Kind
DATES = {"sent", "since", "until"}  # alone they make no search: everybody's first page has them


def note(
    organisation: Organisation,
    user: User,
    kind: str,
    *,
    entry: LogEntry | None = None,
    query: dict[str, Any] | None = None,
    export: uuid.UUID | None = None,
    by_token: bool = False,
) -> None:
    """Write down that somebody looked, before they are shown it."""
    Access.objects.create(
        organisation=organisation,
        user=user,
        kind=kind,
        entry=entry,
        query=query or {},
        export=export,
        by_token=by_token,
    )


def searched(listing: Listing, user: User, *, by_token: bool = False) -> None:
    """Write down a search: a list that is narrowed by more than dates. Its further pages are the same search."""
    if listing.cursor is None and set(listing.filter.values) - DATES:
        query: dict[str, list[str]] = {}
        for name, value in listing.filter_params:
            query.setdefault(name, []).append(value)
        note(listing.organisation, user, Kind.SEARCHED, query=query, by_token=by_token)
