from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comms.ledger import publishing, sealer
from portfolio.models import Organisation


class Command(BaseCommand):
    help = "Open a new log after a restore has lost the end of the old one. The old one stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="The word in its addresses.")
        parser.add_argument(
            "--reason", required=True, help="What happened; it stands in the new log for good."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            raise CommandError("There is no such organisation.")
        try:
            log = publishing.new_log(organisation, options["reason"][:500])
        except sealer.OBSTACLES as obstacle:
            raise CommandError(str(obstacle)) from obstacle
        self.stdout.write(
            f"{log.origin} is open. Its first leaf holds the last known head of the one before."
        )
