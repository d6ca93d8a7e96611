"""Invitations: a secret link by mail, which makes somebody a member of an organisation once.

Only the hash of the link's token is kept, and the log withholds the link itself: nobody who reads the database
or the log can use it.
"""

import datetime
import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled

from portfolio.models import Invitation, Membership, Organisation, User

LASTS = datetime.timedelta(days=7)
INVITED = "This address is invited already. Send that invitation again, or withdraw it."


class AlreadyInvited(ValueError):
    def __init__(self) -> None:
        super().__init__(INVITED)


class InvitationMail(EmailMessage):
    """A mail of one organisation, in whose log it stands without its link."""

    def __init__(self, invitation: Invitation, link: str) -> None:
        context = {"invitation": invitation, "link": link}
        super().__init__(
            subject=f"{invitation.organisation.name} invites you to Blockpost",
            body=render_to_string("portfolio/invitation_mail.txt", context),
            to=[invitation.email],
        )
        self.secrets = [link]
        self.organisation = invitation.organisation


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> tuple[str, dict[str, object]]:
    """Make a token, and what is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, {"token_sha256": hashed(token), "expires_at": timezone.now() + LASTS}


def open_ones() -> QuerySet[Invitation]:
    """Give those that were neither accepted nor withdrawn; some of them may have expired."""
    found: QuerySet[Invitation] = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    return found.select_related("organisation", "invited_by").order_by("email")


def invite(
    organisation: Organisation, *, name: str, email: str, role: str, by: User
) -> tuple[Invitation, bool]:
    """Invite somebody; say whether the mail was handed over."""
    token, kept = new_token()
    try:
        with transaction.atomic():
            made: Invitation = Invitation.objects.create(
                organisation=organisation, name=name, email=email, role=role, invited_by=by, **kept
            )
    except IntegrityError:
        raise AlreadyInvited from None
    return made, _send(made, token)


def resend(invitation: Invitation) -> bool | None:
    """Send another link, which lasts another week; the one before is dead. None if it is no longer open."""
    token, kept = new_token()
    if not open_ones().filter(pk=invitation.pk).update(**kept):
        return None
    invitation.refresh_from_db()
    return _send(invitation, token)


def withdraw(invitation: Invitation) -> bool:
    return bool(open_ones().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()))


def _send(invitation: Invitation, token: str) -> bool:
    link = settings.BASE_URL + reverse("invitation", args=[token])
    return bool(InvitationMail(invitation, link).send())


def find(token: str) -> Invitation | None:
    """Find whose link this is, in any organisation: the token is all that its bearer has."""
    with scopes_disabled():
        invitations = Invitation.objects.select_related("organisation", "invited_by")
        found: Invitation | None = invitations.filter(token_sha256=hashed(token)).first()
    return found


def usable(invitation: Invitation) -> QuerySet[Invitation]:
    """Narrow to this invitation if its link can still be used: not sent anew, withdrawn, accepted or expired."""
    return open_ones().filter(
        pk=invitation.pk, token_sha256=invitation.token_sha256, expires_at__gt=timezone.now()
    )


@transaction.atomic
def join(invitation: Invitation, user: User) -> bool:
    """Make a person a member; only the first who comes with the link is. A role that they have stays."""
    if not usable(invitation).update(accepted_at=timezone.now()):
        return False
    Membership.objects.get_or_create(
        organisation=invitation.organisation, user=user, defaults={"role": invitation.role}
    )
    return True


def welcome(invitation: Invitation, *, name: str, password: str) -> User | None:
    """Make the account of somebody who has none, and a member of it; none if the link was used meanwhile.

    The address needs no other proof: the link went there.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            if not join(invitation, user):
                raise IntegrityError("The invitation was used in the same moment.")
    except IntegrityError:
        return None
    return user
