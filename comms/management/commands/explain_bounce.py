import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comms.receipts import bounces


class Command(BaseCommand):
    help = (
        "Tell what bounce mails mean: one line of JSON for each file, without a database or an organisation."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        for file in options["files"]:
            self.stdout.write(json.dumps({"file": file, "recipients": recipients(Path(file))}))


def recipients(path: Path) -> list[dict[str, str]]:
    """Give the verdicts on a file as JSON has them; one that cannot be read has none, and says so."""
    try:
        with path.open("rb") as mail:
            verdicts = bounces.explain(mail.read(bounces.MOST_BYTES))
    except (OSError, ValueError) as fault:
        verdicts = [
            bounces.Verdict("", bounces.Kind.NONE, "", f"The file cannot be read: {fault}", "unreadable")
        ]
    return [
        {
            "address": v.address,
            "kind": v.kind.value,
            "status": v.status,
            "reason": v.reason,
            "detector": v.detector,
        }
        for v in verdicts
    ]
