"""The secret links to residents' pages: made, found by what somebody came with, shown again, revoked.

Every mail may carry the link, so it must be possible to write it again; yet whoever reads the database must not be
able to. Therefore a token is not drawn and kept, it is derived:

1. token = base64url(HMAC-SHA-256(PORTAL_KEY, "blockpost.portal" | public id of the link | its nonce)): 256 bits,
   43 characters (RFC 2104, RFC 4648 section 5, without padding).
2. The row keeps the SHA-256 of the token, by which a bearer is found, and the nonce: 128 random bits.
3. Without the key nobody derives a token from the row; without the token nobody finds the row.
4. Revoking wipes the nonce, so that not even with the key the token can be derived again. The next link of the
   same person is another row with another nonce.

PORTAL_KEY is a key of its own, so that SECRET_KEY can be changed without ending the links in residents' mails. Where
PORTAL_KEY itself is changed, links that were given out still open their pages (they are found by their hash), and the
next mail replaces them by ones that can be derived.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled

from comms.models import PortalLink, PortalPushSubscription
from contacts.models import Contact
from portfolio.models import Organisation, Unit, User

Key = tuple[int, int | None]  # of a contact and of a flat
PURPOSE = b"blockpost.portal"
Removal = PortalPushSubscription.Removal


def token_of(link: PortalLink) -> str:
    """Derive the token of a link. Raises ValueError for one that was revoked."""
    if not link.nonce:
        raise ValueError("A revoked link has no token.")
    said = PURPOSE + link.public_id.bytes + bytes.fromhex(link.nonce)
    mac = hmac.new(settings.PORTAL_KEY.encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def portal_url(link: PortalLink) -> str:
    """Write the address of a page, for a mail or for a person to copy. Whoever has it needs nothing else."""
    return str(settings.BASE_URL) + reverse("portal:board", args=[token_of(link)])


def find(token: str) -> PortalLink | None:
    """Find whose link this is, in any organisation, revoked or not: the token is all that its bearer has."""
    with scopes_disabled():
        links = PortalLink.objects.select_related("organisation", "contact__merged_into", "unit__block")
        found: PortalLink | None = links.filter(token_sha256=hashed(token)).first()
    return found


def of(contact: Contact, unit: Unit | None, by: User | None = None) -> PortalLink:
    """Give the link of a person and a flat, made if there is none."""
    key = (contact.pk, unit.pk if unit else None)
    return of_all(contact.organisation, [key], by)[key]


def of_all(organisation: Organisation, keys: Iterable[Key], by: User | None = None) -> dict[Key, PortalLink]:
    """Give the links of many persons and flats, in few queries; those that are missing are made.

    One that was made under an earlier PORTAL_KEY, and so cannot be written again, is replaced.
    """
    wanted = set(keys)
    with transaction.atomic():
        found = _standing(wanted)
        stale = [link for link in found.values() if hashed(token_of(link)) != link.token_sha256]
        for link in stale:
            revoke(link, by)
        missing = wanted - found.keys() | {(link.contact_id, link.unit_id) for link in stale}
        made = [_new(organisation, key, by) for key in missing]
        PortalLink.objects.bulk_create(made, ignore_conflicts=True)  # somebody may have been quicker
        return _standing(wanted) if made else found


def holders(contacts: Iterable[int]) -> set[int]:
    """Narrow to the contacts who hold a link that opens their page."""
    return set(
        PortalLink.objects.standing().filter(contact__in=contacts).values_list("contact_id", flat=True)
    )


def _standing(keys: set[Key]) -> dict[Key, PortalLink]:
    links = PortalLink.objects.standing().filter(contact__in={contact for contact, _ in keys})
    return {key: link for link in links if (key := (link.contact_id, link.unit_id)) in keys}


def _new(organisation: Organisation, key: Key, by: User | None) -> PortalLink:
    contact, unit = key
    link = PortalLink(
        organisation=organisation,
        contact_id=contact,
        unit_id=unit,
        nonce=secrets.token_hex(16),
        created_by=by,
    )
    link.token_sha256 = hashed(token_of(link))
    return link


@transaction.atomic
def revoke(link: PortalLink, by: User | None) -> bool:
    """End a link, and with it the push messages to the devices that subscribed on its page; once."""
    now = timezone.now()
    standing = PortalLink.objects.standing().filter(pk=link.pk)
    if not standing.update(revoked_at=now, revoked_by=by, nonce=""):
        return False
    link.subscriptions.filter(removed_at=None).update(removed_at=now, removal=Removal.REVOKED)
    return True
