"""What all views of the API have in common: whose they are, and that nothing outlives the organisation's scope."""

import uuid
from contextlib import ExitStack
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_scopes import scope
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portfolio.api.authentication import TokenAuthentication
from portfolio.models import ApiToken, Membership, Organisation, User
from portfolio.paging import page


class ApiViewSet(ViewSet):
    """Views of one kind of thing. `roles` says who may do which action, where it is not the usual:
    members read, managers and admins write."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {}
    reading: ClassVar[tuple[str, ...]] = ()  # actions that post and yet change nothing

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.inside:
            response = super().dispatch(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            if isinstance(response, Response):
                response.render()  # nothing lazy survives the scope
            return response

    def perform_authentication(self, request: Request) -> None:
        """Find whose token it is and open their organisation."""
        super().perform_authentication(request)
        if isinstance(request.auth, ApiToken):
            self.inside.enter_context(scope(organisation=request.auth.organisation))
            self.inside.enter_context(timezone.override(request.auth.organisation.zone))
            request.auth.used()

    @property
    def token(self) -> ApiToken:
        found: ApiToken = self.request.auth
        return found

    @property
    def organisation(self) -> Organisation:
        organisation: Organisation = self.token.organisation
        return organisation

    @property
    def membership(self) -> Membership:
        found: Membership = self.request._request.membership
        return found

    @property
    def user(self) -> User:
        user: User = self.token.user
        return user

    def find(self, rows: QuerySet, public_id: uuid.UUID) -> Any:
        """Get a row of this organisation, or answer 404."""
        return get_object_or_404(rows, public_id=public_id)

    def listed(
        self, rows: QuerySet, asked: dict[str, Any], shown: Any, by: str = "name", **context: Any
    ) -> Response:
        """Answer with one page of rows in the order of a column, and where to go on."""
        place = QueryDict(mutable=True)
        for name in ("after", "before"):
            if word := asked.get(name):
                self._check_place(rows, name, word)
                place[name] = word
        found = page(rows, place, by=by, size=asked["per_page"])
        return self.pages(shown(found.rows, many=True, context=context).data, found.after, found.before)

    def pages(self, results: Any, after: str, before: str) -> Response:
        return Response(
            {"results": results, "next": self._link("after", after), "previous": self._link("before", before)}
        )

    def _check_place(self, rows: QuerySet, name: str, word: str) -> None:
        try:
            there = rows.model._default_manager.filter(public_id=uuid.UUID(word)).exists()
        except ValueError:
            there = False
        if not there:
            raise ValidationError({name: ["There is no such place. Begin again with the first page."]})

    def _link(self, name: str, place: str) -> str | None:
        if not place:
            return None
        query = self.request.query_params.copy()
        for other in ("after", "before"):
            query.pop(other, None)
        query[name] = place
        return f"{settings.BASE_URL}{self.request.path}?{query.urlencode()}"


class Nowhere(ApiViewSet):
    """Answers for addresses that are not there, in the form of all other refusals."""

    permission_classes = ()
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        hint = "" if request.path.endswith("/") else " Addresses of the API end in a slash."
        raise NotFound(f"There is nothing at this address.{hint}")

    def list(self, request: Request) -> Response:
        raise NotFound


def named(rows: QuerySet, public_id: uuid.UUID | None, field: str, what: str) -> Any:
    """Get the row that a body names, or refuse the field that names it."""
    if public_id is None:
        return None
    try:
        return get_object_or_404(rows, public_id=public_id)
    except Http404:
        raise ValidationError({field: [f"There is no such {what} in this organisation."]}) from None


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from Settings, API tokens."}
