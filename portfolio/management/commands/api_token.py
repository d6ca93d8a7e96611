import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from portfolio import machines
from portfolio.forms.api_tokens import MAY
from portfolio.models import Membership


class Command(BaseCommand):
    help = "Make a token of the API in the name of a member, for scripts; print it alone, on one line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The member's address")
        parser.add_argument("--organisation", default="", help="Its word in addresses, if they have several")
        parser.add_argument("--scope", choices=list(MAY), help="The most that their role may, if not given")
        parser.add_argument("--name", default="Script", help="What uses it")
        parser.add_argument("--days", type=int, default=90, help="For how long")

    def handle(self, *args: Any, **options: Any) -> None:
        membership = self._membership(options["email"], options["organisation"])
        most = max((word for word in MAY if membership.role in MAY[word]), key=list(MAY).index)
        wanted = options["scope"] or most
        if membership.role not in MAY[wanted]:
            role = membership.get_role_display()
            raise CommandError(f"The role {role} does not allow {wanted}. The most is {most}.")
        if not 0 < options["days"] <= 3650:
            raise CommandError("Give --days from 1 to 3650.")
        with scope(organisation=membership.organisation):
            _, secret = machines.make_token(
                membership,
                name=options["name"],
                scope=wanted,
                expires_at=timezone.now() + datetime.timedelta(days=options["days"]),
            )
        self.stdout.write(secret)

    def _membership(self, email: str, slug: str) -> Membership:
        found = Membership.objects.filter(user__email__iexact=email).select_related("organisation", "user")
        found = found.filter(organisation__slug=slug) if slug else found
        if not (memberships := list(found)):
            raise CommandError(f"There is no {email} in {slug or 'any organisation'}.")
        if len(memberships) > 1:
            words = ", ".join(sorted(one.organisation.slug for one in memberships))
            raise CommandError(f"{email} belongs to several. Give --organisation: {words}.")
        return memberships[0]
