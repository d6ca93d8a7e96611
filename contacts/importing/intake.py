"""Checking a spreadsheet and letting it in: the same run, which at a check is taken back at its end."""

import datetime
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pghistory
from django.core.cache import cache
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from import_export.results import RowResult

from contacts import email, phone
from contacts.importing.columns import COLUMNS, PERSON
from contacts.importing.resources import Contacts, Occupancies, Resource, Row, Units
from contacts.mistake import Mistake
from contacts.models import Contact, Import, OtherAddress

log = logging.getLogger(__name__)
AT_ONCE = 200  # rows that are done while the browser waits
LEASE = datetime.timedelta(minutes=20)
MOST_PROBLEMS = 20_000
STRETCH = 1000  # rows of a check in one transaction: some ten seconds
State = Import.State
# The attributes of our models by the name of the column that they come from.
FIELDS = {"unit": {"name": "unit", "reference": "unit_reference", "position": "unit"}}


def claim(now: datetime.datetime, job: int | None = None) -> int | None:
    """Take an import that waits for its work, or one in particular; one that was broken off is given up."""
    Import.objects.filter(state__in=Import.WORKING, leased_until__lt=now).update(
        state=State.FAILED,
        failure="The work was broken off, and nothing was written. Start it again.",
        finished_at=now,
    )
    if job is None and Import.objects.filter(state__in=Import.WORKING, leased_until__gte=now).exists():
        return None  # one large one at a time: the workers have messages to send
    free = Import.objects.filter(
        Q(pk=job) if job else Q(), state__in=Import.WORKING, leased_until__isnull=True
    )
    with transaction.atomic():
        found = free.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True).first()
        if found:
            Import.objects.filter(pk=found).update(leased_until=now + LEASE)
    return found


def work(key: int) -> None:
    """Do what an import that was claimed waits for: its check, or its rows going in."""
    job = Import.objects.select_related("organisation", "created_by").get(pk=key)
    run = Run(job)
    tell = partial(cache.set, progress_key(job), timeout=3600)
    try:
        with pghistory.context(user=job.created_by_id, **{"import": job.name}):
            if job.state == State.CHECKING:
                run.check(tell)
                _found(job, run, State.CHECKED)
            else:
                with transaction.atomic():
                    run.through(tell)
                    _found(job, run, State.DONE, finished_at=timezone.now())
    except Exception:
        log.exception("Import %s failed", job.public_id)
        failure = "Something went wrong on our side, and nothing was written. Try again; we have been told."
        Import.objects.filter(pk=key).update(state=State.FAILED, failure=failure, finished_at=timezone.now())


def _found(job: Import, run: "Run", state: str, **more: Any) -> None:
    """Write down what a run found; of rows that go in, in their transaction."""
    Import.objects.filter(pk=job.pk, state=job.state).update(
        state=state, counts=run.counts, problems=run.problems[:MOST_PROBLEMS], leased_until=None, **more
    )


def progress_key(job: Import) -> str:
    return f"import:{job.public_id}:{job.state}"


class Run:
    """One pass over all rows. A row goes in whole or not at all."""

    def __init__(self, job: Import) -> None:
        self.job = job
        self.units, self.contacts = Units(job.organisation), Contacts(job.organisation)
        self.occupancies = Occupancies(job.organisation)
        self.counts = {"new": 0, "changed": 0, "same": 0, "refused": 0}
        self.problems: list[dict[str, Any]] = []
        self.said: dict[str, int] = {}  # the row that a contact of this file was first in

    def check(self, tell: Callable[[int], Any]) -> None:
        """Go through all rows as an import would, and take it back.

        In stretches, so that nobody who works beside it waits for long. What contradicts a row of another
        stretch is found when the rows go in.
        """
        for start in range(1, len(self.job.rows), STRETCH):
            with transaction.atomic():
                self.through(tell, start, start + STRETCH)
                transaction.set_rollback(True)

    def through(self, tell: Callable[[int], Any], start: int = 1, end: int | None = None) -> None:
        for number, cells in enumerate(self.job.rows[start:end], start):
            if cells:
                self._row(self.job.first_row + number, cells)
            if number % 25 == 0:
                tell(number)

    def _row(self, number: int, cells: list[str]) -> None:
        row: Row = {name: "" for name in COLUMNS}
        for name, place in self.job.matching.items():
            row[name] = cells[place] if place < len(cells) else ""
        if not any(row.values()):
            return
        mistakes: list[tuple[str, str]] = [
            (name, "This is a formula. Paste its value instead (Paste special, Values).")
            for name, cell in row.items()
            if cell.startswith("=")
        ]
        row |= {name: cell[1:] for name, cell in row.items() if cell[:2] in ("'=", "'+", "'-", "'@")}
        if not row["name"]:
            row["name"] = " ".join(filter(None, (row["first_name"], row["last_name"])))
        verdict = ""
        if not mistakes:
            try:
                with transaction.atomic():
                    verdict = self._save(number, row, mistakes)
                    transaction.set_rollback(bool(mistakes))
            except IntegrityError:
                mistakes.append(("", "It contradicts what is on record. Look at the flat and the contact."))
        if mistakes:
            verdict = "refused"
            self.problems += [self._problem(number, name, row, why) for name, why in mistakes]
        self.counts[verdict] += 1

    def _save(self, number: int, row: Row, mistakes: list[tuple[str, str]]) -> str:
        """Save the flat, the contact and the part of one row; give whether that was new, changed or the same."""
        found: dict[str, Any] = {}
        types: list[str] = []
        if row["unit"] or row["unit_reference"] or row["block"]:
            found["unit"] = self._one(self.units, row, types, mistakes, FIELDS["unit"])
            row["unit_key"] = str(found["unit"].pk) if found["unit"] else ""
        if any(row[name] for name in (*PERSON, "email", "phone")):
            found["contact"] = self._one(self.contacts, row, types, mistakes, {})
            self._contradiction(found["contact"], types[-1], number, mistakes)
            if found["contact"]:
                types += self._others(found["contact"], row, mistakes)
        if found.get("unit") and found.get("contact"):
            self.occupancies.unit, self.occupancies.contact = found["unit"], found["contact"]
            self._one(self.occupancies, row, types, mistakes, {})
        elif not found:
            mistakes.append(("name", "There is neither a name nor a flat in this row."))
        if all(kind == RowResult.IMPORT_TYPE_SKIP for kind in types):
            return "same"
        return "new" if RowResult.IMPORT_TYPE_NEW in types else "changed"

    def _contradiction(
        self, contact: Contact | None, kind: str, number: int, mistakes: list[tuple[str, str]]
    ) -> None:
        """Refuse a row that says otherwise of a contact than an earlier one: bringing it in again would never end."""
        if contact is None:
            return
        before = self.said.setdefault(str(contact.public_id), number)
        if before != number and kind == RowResult.IMPORT_TYPE_UPDATE:
            mistakes.append(("name", f"Row {before} says otherwise of {contact}. Make the rows agree."))

    def _one(
        self,
        resource: Resource,
        row: Row,
        types: list[str],
        mistakes: list[tuple[str, str]],
        names: dict[str, str],
    ) -> Any:
        result = resource.import_row(row, None)
        types.append(result.import_type)
        if result.validation_error:
            for field, whys in result.validation_error.message_dict.items():
                mistakes += [(names.get(field, field).replace(NON_FIELD_ERRORS, ""), why) for why in whys]
            return None
        for error in result.errors:
            raise error.error
        return result.instance

    def _others(self, contact: Contact, row: Row, mistakes: list[tuple[str, str]]) -> list[str]:
        """Add the second email and phone where the contact has them not yet."""
        added = []
        for kind, parse in (("email", email.parse), ("phone", lambda text: phone.parse(text).e164)):
            if not (text := row[f"other_{kind}"]):
                continue
            try:
                value = parse(text)
            except Mistake as mistake:
                mistakes.append((f"other_{kind}", str(mistake)))
                continue
            there = contact.other_addresses.filter(kind=kind, value__iexact=value).exists()
            if not there and value.lower() != getattr(contact, kind).lower():
                OtherAddress.objects.create(
                    organisation=self.job.organisation, contact=contact, kind=kind, value=value
                )
                added.append(RowResult.IMPORT_TYPE_UPDATE)
        return added

    def _problem(self, number: int, name: str, row: Row, why: str) -> dict[str, Any]:
        label = COLUMNS[name].label if name in COLUMNS else ""
        return {"row": number, "field": label, "value": row.get(name, "")[:200], "why": why}


def refused(job: Import) -> list[tuple[int, list[str], str]]:
    """Give the rows that were refused, with their number and what to put right in each."""
    whys: dict[int, list[str]] = {}
    for problem in job.problems:
        field = f"{problem['field']}: " if problem["field"] else ""
        whys.setdefault(problem["row"], []).append(f"{field}{problem['why']}")
    return [(number, job.rows[number - job.first_row], " ".join(why)) for number, why in sorted(whys.items())]
