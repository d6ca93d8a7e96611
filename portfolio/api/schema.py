"""How views are described. By itself, as the library loads it before its own views."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from portfolio.access import EVERYONE, WRITERS
from portfolio.models import Membership


class Schema(AutoSchema):
    """Describes an operation by who may call it, and a list by the page that it answers with."""

    def get_description(self) -> str:
        """Say who may call it; what it does says its summary."""
        usual = EVERYONE if self.method in ("GET", "HEAD") else WRITERS
        roles = self.view.roles.get(self.view.action, usual)
        if set(roles) == set(EVERYONE):
            return "For every member."
        return f"For {', '.join(Membership.Role(role).label.lower() for role in roles)}."

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # the library would wrap the page in a list
