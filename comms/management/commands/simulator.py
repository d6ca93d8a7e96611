import asyncio
import os
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from comms import simulated, simulator
from comms.simulator.inbox import Inbox
from comms.simulator.kept import Kept
from comms.simulator.later import Later
from comms.simulator.returning import Returning
from comms.simulator.smtp import Answers, serve


class Command(BaseCommand):
    help = f"{simulator.__doc__}\n" + "\n".join(
        f"{channel}:\n" + "\n".join(f"    {address:42} {does}" for address, does in table) + "\n"
        for channel, table in simulated.shown().items()
    ).replace("%", "%%")
    requires_system_checks: list[str] = []  # it uses nothing of the product, and starts at once

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **options
        )

    def add_arguments(self, parser: CommandParser) -> None:
        smtp = os.environ.get("SIMULATOR_SMTP", "127.0.0.1:1025")
        http = os.environ.get("SIMULATOR_HTTP", "127.0.0.1:8025")
        folder = os.environ.get("SIMULATOR_DIR", str(settings.BASE_DIR / ".local/sink"))
        parser.add_argument("--port", type=int, help=f"SMTP port, 0 for a free one (else {smtp})")
        parser.add_argument(
            "--http-port", type=int, help=f"port of the inbox, 0 for a free one (else {http})"
        )
        parser.add_argument("--dir", type=Path, default=Path(folder), help="where the messages are kept")
        maildir = os.environ.get("SIMULATOR_MAILDIR", "")
        parser.add_argument(
            "--maildir",
            type=Path,
            default=Path(maildir) if maildir else None,
            help="where bounces, complaints and reports of delivery come; without one nothing comes back",
        )
        parser.add_argument("--drop-replies", type=float, default=0, metavar="FRACTION")
        parser.add_argument("--seed", type=int, help="makes the dropped replies the same each time")
        parser.set_defaults(smtp=smtp, http=http)

    def handle(self, **options: Any) -> None:
        """Serve mail and the inbox until told to stop."""
        host, port = _place(options["smtp"], options["port"])
        http_host, http_port = _place(options["http"], options["http_port"])
        kept, later = Kept(options["dir"]), Later()
        answers = Answers(
            kept, Returning(options["maildir"], later), options["drop_replies"], options["seed"]
        )

        def ready(port: int) -> None:
            inbox = f"http://{http_host}:{inbox_port}/"
            self.stdout.write(
                f"Simulator ready: SMTP {host}:{port}, inbox {inbox}, messages in {kept.folder}"
            )
            self.stdout.flush()

        try:
            inbox_port = Inbox(kept, later, http_host, http_port).start()
            asyncio.run(serve(answers, host, port, ready))
        except OSError as fault:
            raise CommandError(
                f"Cannot listen ({fault.strerror}). SIMULATOR_SMTP and SIMULATOR_HTTP name other places."
            ) from fault


def _place(named: str, port: int | None) -> tuple[str, int]:
    host, _, named_port = named.rpartition(":")
    return host, int(named_port) if port is None else port
