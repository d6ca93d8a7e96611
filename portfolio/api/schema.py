"""How views are described. By itself, as the library loads it before its own views."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Describes lists by the page that they answer with; the library would wrap it in a list of its own."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False
