"""Who calls: a token in the Authorization header (RFC 6750), and what it may do."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portfolio import tokens
from portfolio.access import ADMINS, EVERYONE, WRITERS
from portfolio.models import ApiToken, Membership, User

LONGEST = 200
UNKNOWN = "This token is not known here, has expired or was revoked. Make another in Settings, API tokens."


class TokenAuthentication(BaseAuthentication):
    """Takes `Authorization: Bearer bp_…`. The token names the organisation as well as the person."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).strip().partition(b" ")
        if not scheme:
            return None
        if scheme.lower() not in (b"bearer", b"token") or not 0 < len(secret) <= LONGEST:
            raise AuthenticationFailed("Send the token as “Authorization: Bearer bp_…”.")
        token = tokens.find(secret.decode("ascii", "replace"))
        if token is None or not token.is_alive or not token.user.is_active:
            raise AuthenticationFailed(UNKNOWN)
        request._request.membership = _membership(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Blockpost"'


def _membership(token: ApiToken) -> Membership:
    found = Membership.objects.filter(organisation=token.organisation, user=token.user)
    membership = found.select_related("organisation").first()
    if membership is None:  # somebody who left: their token ends with their membership
        raise AuthenticationFailed(UNKNOWN)
    return membership


class MayDo(BasePermission):
    """Lets through whose role and whose token's scope both allow what the view's action needs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        if view.action is None:
            return True  # there is no such method, which the view says by itself
        safe = request.method in ("GET", "HEAD", "OPTIONS")
        roles = view.roles.get(view.action, EVERYONE if safe else WRITERS)
        role, scope = request._request.membership.role, request.auth.scope
        if role not in roles:
            raise PermissionDenied(f"The role {Membership.Role(role).label} may not do this.")
        needed = _scope(safe or view.action in view.reading, roles)
        if SCOPES.index(scope) < SCOPES.index(needed):
            raise PermissionDenied(f"This token may only {scope}. It takes one with the scope {needed}.")
        return True


SCOPES = tuple(ApiToken.Scope.values)


def _scope(reading: bool, roles: tuple[str, ...]) -> str:
    if roles == ADMINS:
        return ApiToken.Scope.ADMIN
    return ApiToken.Scope.READ if reading else ApiToken.Scope.WRITE
