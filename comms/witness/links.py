"""The address by which the reader of an outside mailbox says that they keep what they are sent: signed, and kept nowhere."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django_scopes import scopes_disabled

from comms.models import Keeper

SALT = "blockpost.keeper"


def address(keeper: Keeper) -> str:
    token = signing.dumps(keeper.public_id.hex, salt=SALT)
    return f"{settings.BASE_URL}{reverse('keeper', args=[token])}"


def keeper_of(token: str) -> Keeper | None:
    """Find whose address it is; none where it was not made here, or nothing is sent there any more."""
    try:
        public_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    with scopes_disabled():
        found: Keeper | None = (
            Keeper.objects.standing().select_related("organisation").filter(public_id=public_id).first()
        )
    return found
