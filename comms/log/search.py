"""Finding entries by their words and by their recipient, with a plan that fits how common they are.

No single plan serves a rare and a common word. So (1) ask the planner how many rows it expects; (2) if
they are few, list the matching entries from the index, and let the page sort those; (3) if they are
many, walk the log in the page's order and test each entry. The answers are the same, only the way differs.
"""

import json
import re
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.sql.compiler import SQLCompiler

from comms.models import Search

COMMON = 50_000  # expected rows; above it the index lists too much
LISTED = 20_000  # entries that are listed at most


class TokenQuery(SearchQuery):
    """A tsquery that is written out, since recipients' tokens are not parsed as language."""

    def as_sql(self, compiler: SQLCompiler, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source_expressions[-1])
        return f"{sql}::tsquery", params


def token_query(piece: str) -> str:
    """Write the tsquery for a piece of a name, an email or a phone: each word begins one of the tokens.

    A phone may be in any form that people write: +44 (0)7700 900142 and 07700 900142 are the same.
    """
    piece = piece.strip().lower()
    if re.fullmatch(r"\+?[\d\s().-]{4,}", piece) and len(re.findall(r"\d", piece)) >= 4:
        digits = re.sub(r"\D", "", piece)
        digits = re.sub(r"^00", "", digits)
        words = [re.sub(r"^440", "44", digits)]
    else:
        words = [
            part for word in piece.split() for part in ([word] if "@" in word else re.findall(r"\w+", word))
        ]
    return " & ".join("'{}':*".format(w.replace("\\", "\\\\").replace("'", "''")) for w in words)


def matching(q: str, recipient: str) -> QuerySet[Search] | None:
    """Give the search rows that match the words and the recipient; None where neither is asked for."""
    found = Search.objects.all()
    if q:
        found = found.filter(words=SearchQuery(q, search_type="websearch", config="english"))
    if recipient:
        tokens = token_query(recipient)
        found = found.filter(tokens=TokenQuery(tokens)) if tokens else found.none()
    return found if q or recipient else None


class Found(NamedTuple):
    """The condition on a Delivery, and what is known of how many it lets through."""

    condition: Combinable
    few: bool  # at most LISTED
    empty_words: bool = False  # nothing but words that are in every message


def one_of(entries: Combinable) -> Expression:
    """Make the condition that an entry is in an array."""
    return Func(
        F("pk"),
        entries,
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _listed(entries: list[int]) -> Expression:
    return one_of(Value(entries, output_field=ArrayField(BigIntegerField())))


def find(q: str, recipient: str) -> Found | None:
    """Make the condition on a Delivery, by whichever way is the shorter; None where nothing is searched for."""
    found = matching(q, recipient)
    if found is None:
        return None
    if found.query.is_empty():
        return Found(_listed([]), few=True)
    expected, condition = _expected(found)
    if "@@ ''::tsquery" in condition:
        return Found(_listed([]), few=True, empty_words=True)
    if expected <= COMMON:
        entries = list(found.values_list("entry_id", flat=True)[: LISTED + 1])
        if len(entries) <= LISTED:
            return Found(_listed(entries), few=True)
    hit = found.filter(entry=OuterRef("pk")).annotate(hit=Value(True)).values("hit")[:1]
    return Found(Subquery(hit, output_field=BooleanField()), few=False)  # a scalar, so that it stays a test


def _expected(found: QuerySet[Search]) -> tuple[int, str]:
    """Ask the planner how many rows it expects, and by which conditions."""
    sql, params = found.values("entry_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        row = cursor.fetchone()
    plan = row[0] if row else "[]"
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Plan Rows"]), json.dumps(plan)
