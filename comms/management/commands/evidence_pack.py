import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django_scopes import scope

from comms.models import Communication
from comms.pack import asking
from comms.pack.scope import Filters, NothingThere
from portfolio.models import Membership, Organisation, User

DEMO = "larchfield"
NAMED = ("communication", "contact", "unit", "block", "since", "until")


class Command(BaseCommand):
    help = (
        "Make an evidence pack: a zip that can be checked without us, by the verifier in it or by any other."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--demo",
            action="store_true",
            help="The first communication of the demo that went to several people.",
        )
        parser.add_argument("--organisation", default="", help="The word in its addresses.")
        parser.add_argument(
            "--by", default="", metavar="EMAIL", help="Who takes it: it is recorded as an export."
        )
        for name in NAMED:
            parser.add_argument(f"--{name}", default="", help="As in the address of the log.")
        parser.add_argument(
            "--filter", action="append", default=[], metavar="NAME=VALUE", help="Any filter of the log."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(
            slug=DEMO if options["demo"] else options["organisation"]
        ).first()
        if organisation is None:
            raise CommandError(
                "There is no such organisation. Name one with --organisation, or run manage.py demo first."
            )
        by = self._person(organisation, options)
        with scope(organisation=organisation):
            filters = self._demo() if options["demo"] else self._filters(options)
            try:
                made = asking.now(
                    organisation, by, filters, options["output"], self.stderr.write, self._progress
                )
            except NothingThere as nothing:
                raise CommandError(str(nothing)) from nothing
        self.stdout.write(
            f"{options['output']}: {made.messages} messages, {made.rows} rows, {made.files} files."
        )
        if made.unsealed:
            self.stdout.write(
                f"{made.unsealed} rows are NOT under a signed head, so nothing proves them. See README.txt."
            )

    def _person(self, organisation: Organisation, options: dict[str, Any]) -> User:
        """Find who takes it; of the demo, its manager."""
        members = Membership.objects.filter(organisation=organisation).order_by("pk")
        members = (
            members.filter(role=Membership.Role.MANAGER)
            if options["demo"]
            else members.filter(user__email=options["by"])
        )
        found = members.select_related("user").first()
        if found is None:
            raise CommandError(
                "Say with --by whose email address it is taken for; they must be of the organisation."
            )
        person: User = found.user
        return person

    def _demo(self) -> Filters:
        sent = Communication.objects.filter(status=Communication.Status.SENT).order_by("sent_at", "pk")
        first = sent.annotate(people=Count("deliveries")).filter(people__gt=1).first()
        if first is None:
            raise CommandError("Nothing of the demo was sent yet.")
        return {"communication": [str(first.public_id)], "sent": ["all"]}

    def _filters(self, options: dict[str, Any]) -> Filters:
        found: Filters = {name: [options[name]] for name in NAMED if options[name]}
        for one in options["filter"]:
            name, _, value = one.partition("=")
            found.setdefault(name, []).append(value)
        found.setdefault("sent", ["dates" if "since" in found or "until" in found else "all"])
        return found

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty() and (done == total or not done % 10):
            self.stderr.write(f"\r{done:,} of {total:,}", ending=os.linesep if done == total else "")
