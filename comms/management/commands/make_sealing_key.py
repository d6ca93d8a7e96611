from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from comms.ledger import keys


class Command(BaseCommand):
    help = "Make the key that signs the log's heads, in SEALING_KEY_FILE. Keep a copy of it where no copy of the database is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rotate", action="store_true", help="Make a new one; the former signs beside it."
        )
        parser.add_argument("--unless-there", action="store_true", help="Leave a key that is there as it is.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = settings.SEALING_KEY_FILE
        if not name:
            raise CommandError("Set SEALING_KEY_FILE to where the key shall be.")
        try:
            keys.make(name, rotate=options["rotate"])
        except FileExistsError as there:
            if options["unless_there"]:
                return
            raise CommandError(f"There is a key in {name}. With --rotate it is changed.") from there
        except (keys.KeyUnusable, OSError) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(
            f"The key is in {name}. Keep a copy of it, and never beside a copy of the database."
        )
