from typing import Any

from django.core.management.base import BaseCommand
from django_scopes import scope

from comms.ledger import leaf
from portfolio.models import Organisation


class Command(BaseCommand):
    help = "Write the leaves of rows that were recorded before there were leaves. Once; again does no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for organisation in Organisation.objects.order_by("pk"):
            with scope(organisation=organisation):
                count += leaf.make_missing()
        self.stdout.write(f"{count} rows have got their leaf." if count else "Every row has its leaf.")
