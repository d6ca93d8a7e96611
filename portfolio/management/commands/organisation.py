from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from portfolio.models import Membership, Organisation, User


class Command(BaseCommand):
    help = "Make an organisation and its first admin, who sets a password by mail and invites the others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="As recipients know it: Larch Management Ltd")
        parser.add_argument("admin_email")
        parser.add_argument("--admin-name", default="", help="The first admin's name")
        parser.add_argument(
            "--slug", default="", help="Its word in addresses; made of the name, if not given"
        )
        parser.add_argument(
            "--sender", default="", help="The address that mail comes from; the admin's, if not given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, sender = options["admin_email"].lower(), options["sender"] or options["admin_email"]
        slug = slugify(options["slug"] or options["name"])[:60]
        self._check(slug, email, sender)
        with transaction.atomic():
            made = Organisation.objects.create(
                name=options["name"], slug=slug, sender_name=options["name"], sender_email=sender
            )
            admin = User.objects.filter(email__iexact=email).first()
            if admin is None:
                admin = User.objects.create_user(email, None, name=options["admin_name"] or email)
                EmailAddress.objects.create(user=admin, email=email, verified=True, primary=True)
            Membership.objects.create(organisation=made, user=admin, role=Membership.Role.ADMIN)
        self.stdout.write(f"{made} is at {settings.BASE_URL}/o/{slug}/communications/")
        if not admin.has_usable_password():
            self.stdout.write(f"{email} sets a password at {settings.BASE_URL}/accounts/password/reset/")

    def _check(self, slug: str, email: str, sender: str) -> None:
        if not slug:
            raise CommandError("Give a --slug of letters and digits: the name has none.")
        if Organisation.objects.filter(slug=slug).exists():
            raise CommandError(f"There is an organisation at /o/{slug}/. Give another --slug.")
        for address in (email, sender):
            try:
                validate_email(address)
            except ValidationError:
                raise CommandError(f"{address} is not an email address.") from None
