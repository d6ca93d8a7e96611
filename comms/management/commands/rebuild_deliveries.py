from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_scopes import scope

from comms.record import rebuild
from portfolio.models import Organisation


class Command(BaseCommand):
    help = (
        "Make the deliveries again from the log's entries and events; with --check, only tell what differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail if anything differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for organisation in Organisation.objects.order_by("pk"):
            with scope(organisation=organisation):
                for difference in rebuild.differences(mend=not options["check"]):
                    count += 1
                    self.stdout.write(str(difference))
        if options["check"] and count:
            raise CommandError(f"{count} deliveries are not what the record says.")
        self.stdout.write(f"{count} mended." if count else "Every delivery is what the record says.")
