from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comms.ledger import publishing, sealer
from portfolio.models import Organisation


class Command(BaseCommand):
    help = "Seal what waits and sign what has grown, as beat has it done every ten seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remember",
            action="store_true",
            help="Where the sealer's memory is lost: take the newest stored checkpoint for what was signed last. "
            "Verify against outside copies first.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remember"]:
            for organisation in Organisation.objects.order_by("pk"):
                self._remember(organisation)
        sealed, signed = sealer.run()
        self.stdout.write(f"{sealed} sealed, {signed} signed.")

    def _remember(self, organisation: Organisation) -> None:
        try:
            note = publishing.remember(organisation)
        except sealer.OBSTACLES as obstacle:
            raise CommandError(str(obstacle)) from obstacle
        if note:
            self.stdout.write(f"{note.head.origin} continues from its {note.head.size} leaves.")
