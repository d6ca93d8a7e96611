import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from comms.ledger import outside
from comms.ledger.report import Report
from comms.ledger.verifying import verify
from portfolio.models import Organisation

BAR = 30  # characters


class Command(BaseCommand):
    help = (
        "Compute the sealed record again and compare it with what is kept, signed and, with --external, held outside. "
        "Exit code 0: all is as it was recorded; 1: something is not; 2: it could not be verified."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", default="", help="The word in its addresses; without it, all.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--full", action="store_true", help="Everything (this is what it does by itself).")
        how.add_argument("--tail", action="store_true", help="The newest 10,000 leaves.")
        how.add_argument(
            "--sample", type=int, default=0, metavar="N", help="So many leaves by chance, with their proofs."
        )
        parser.add_argument(
            "--external", type=Path, metavar="DIR", help="Heads and public keys that were kept outside."
        )
        parser.add_argument("--json", action="store_true", help="One line of JSON for each organisation.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, place = options["organisation"], options["external"]
        try:
            chosen = Organisation.objects.filter(slug=slug) if slug else Organisation.objects.order_by("pk")
            if not chosen.exists() or (place and not place.is_dir()):
                self._could_not(
                    "There is no such organisation." if not chosen.exists() else f"{place} is no folder."
                )
            kept = outside.folder(place) if place else outside.Kept()
            found = sum(self._one(organisation, kept, options) for organisation in chosen)
            found += self._unread(kept, options["json"])
        except (DatabaseError, OSError) as fault:
            self._could_not(f"It could not be verified: {fault}")
        sys.exit(1 if found else 0)

    def _could_not(self, words: str) -> None:
        self.stderr.write(words)
        sys.exit(2)

    def _one(self, organisation: Organisation, kept: outside.Kept, options: dict[str, Any]) -> int:
        began = time.monotonic()
        report = verify(
            organisation,
            tail=options["tail"],
            sample=options["sample"],
            kept=kept,
            progress=self._bar(options),
        )
        seconds = time.monotonic() - began
        if options["json"]:
            facts = {**vars(report), "organisation": organisation.slug, "seconds": round(seconds, 3)}
            facts["findings"] = [one._asdict() for one in report.findings]
            facts.pop("progress")
            self.stdout.write(json.dumps(facts))
        else:
            self._words(organisation, report, seconds)
        return len(report.findings)

    def _words(self, organisation: Organisation, report: Report, seconds: float) -> None:
        for one in report.findings:
            self.stdout.write(f"FOUND {one.kind}: {one.about}: {one.words}")
        for remark in report.remarks:
            self.stdout.write(f"Note: {remark}")
        state = f"{len(report.findings)} findings" if report.findings else "all as it was recorded"
        self.stdout.write(
            f"{organisation.name}: {state}. {report.leaves} leaves, {report.rows} rows, {report.contents} contents, "
            f"{report.checkpoints} checkpoints, {report.outside} heads from outside, in {seconds:.1f} s."
        )

    def _unread(self, kept: outside.Kept, as_json: bool) -> int:
        if kept.unreadable and not as_json:
            self.stdout.write(f"Not read, as they are neither heads nor keys: {', '.join(kept.unreadable)}")
        return 0

    def _bar(self, options: dict[str, Any]) -> Any:
        if options["json"] or not sys.stderr.isatty():
            return None

        def show(done: int, total: int) -> None:
            part = min(1.0, done / total) if total else 0.0
            self.stderr.write(f"\r[{'#' * int(BAR * part):<{BAR}}] {done:,}", ending="")

        return show
