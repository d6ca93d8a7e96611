from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comms.receipts import mailbox
from portfolio.models import Organisation


class Command(BaseCommand):
    help = "Take mail in from files or Maildirs, as the mailbox is: kept once, read by the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="A file with one mail, or a Maildir.")
        parser.add_argument("--organisation", metavar="SLUG", help="Whose admins see mail about no message.")

    def handle(self, *args: Any, **options: Any) -> None:
        taken, fallback = mailbox.Taken(), named(options["organisation"])
        for file in (file for path in options["paths"] for file in files(Path(path))):
            try:
                taken.add(mailbox.keep(file.read_bytes(), fallback))
            except OSError as fault:
                raise CommandError(f"{file} cannot be read: {fault.strerror}.") from fault
        self.stdout.write(f"{taken.new} kept, {taken.again} there already, {taken.nobodys} of nobody.")
        if taken.nobodys:
            raise CommandError(
                "Only the oldest organisation’s admins see mail of nobody. Give it to another with --organisation."
            )


def named(slug: str | None) -> Organisation | None:
    """Find the organisation that was named. Raises CommandError."""
    found = Organisation.objects.filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise CommandError(f"There is no organisation “{slug}”.")
    return found


def files(path: Path) -> list[Path]:
    """Give the mails at a path: of a Maildir those in new and cur, else the file itself."""
    if not path.is_dir():
        return [path]
    within = [path / "new", path / "cur"] if (path / "cur").is_dir() else [path]
    return sorted(file for folder in within if folder.is_dir() for file in folder.iterdir() if file.is_file())
