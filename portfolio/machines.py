"""Tokens of people and of machines: a machine is a member who cannot sign in, made with its token."""

import secrets
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from portfolio import people, tokens
from portfolio.models import ApiToken, Membership, User

ROLES = {"read": Membership.Role.AUDITOR, "write": Membership.Role.MANAGER}


@transaction.atomic
def make_token(
    membership: Membership, *, name: str, scope: str, expires_at: Any, machine: bool = False
) -> tuple[ApiToken, str]:
    """Make a token in a member's own name, or in that of a new machine; give it and its secret."""
    user = _machine(membership, name, ROLES[scope]) if machine else membership.user
    return tokens.make(
        organisation=membership.organisation,
        user=user,
        name=name,
        scope=scope,
        machine=machine,
        created_by=membership.user,
        expires_at=expires_at,
    )


def _machine(maker: Membership, name: str, role: str) -> User:
    # .invalid is nobody's (RFC 2606): no mail can ever bring such an account a password.
    address = f"{slugify(name)[:40] or 'machine'}-{secrets.token_hex(4)}@machine.invalid"
    made = User.objects.create_user(address, None, name=name)
    Membership.objects.create(organisation=maker.organisation, user=made, role=role)
    return made


@transaction.atomic
def revoke(token: ApiToken) -> bool:
    """End a token for good; its machine leaves with it. False if it was ended before."""
    if not token.revoke():
        return False
    if token.machine:
        for membership in Membership.objects.filter(organisation=token.organisation, user=token.user):
            people.remove(membership)
    return True
