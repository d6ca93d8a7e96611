from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from comms.demo.estate import PASSWORD
from comms.demo.make import make


class Command(BaseCommand):
    help = "Make two organisations with two years of history, for trying it out; does nothing when they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        count = make(timezone.now())
        if not count:
            self.stdout.write("The demo is there already.")
            return
        self.stdout.write(
            f"Made Larchfield Management with {count} log entries. "
            f"Sign in as manager@demo.example with {PASSWORD}."
        )
