"""The log in the Django admin: to be read, and changed by nobody.

Superusers look after the installation and see all organisations; an organisation's own admins see theirs.
"""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django_scopes import scopes_disabled

from comms.models import Delivery, DeliveryEvent, LogEntry
from portfolio.models import Membership


class UncountedPaginator(Paginator):
    """Pages without a count of the table: there may always be more, up to a depth that can be reached."""

    count = 10_000


class ReadOnly(admin.ModelAdmin):
    """Shows rows to those who may see them. Nothing can be added, changed or deleted."""

    paginator = UncountedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None
    ordering = ["-pk"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        person = request.user
        return bool(person.is_active and (person.is_superuser or (person.is_staff and _led_by(request))))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = self.model._default_manager.order_by(*self.ordering).select_related("organisation")
        return rows if request.user.is_superuser else rows.filter(organisation__in=_led_by(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return _rendered(super().changelist_view, request, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _rendered(super().changeform_view, request, *args, **kwargs)

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _rendered(super().history_view, request, *args, **kwargs)


def _led_by(request: HttpRequest) -> list[int]:
    """List the organisations that the person is an admin of."""
    led = Membership.objects.filter(user=request.user.pk, role=Membership.Role.ADMIN)
    return list(led.values_list("organisation", flat=True))


def _rendered(view: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Run a view with all organisations in scope, and have its answer made before the scope ends."""
    with scopes_disabled():
        response = view(*args, **kwargs)
        return response.render() if hasattr(response, "render") else response


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    list_display = ["id", "recorded_at", "organisation", "to_name", "to_address", "channel", "title"]
    exclude = ["personal", "layout", "token"]
    readonly_fields = ["recorded_at"]


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(ReadOnly):
    list_display = [
        "id",
        "recorded_at",
        "organisation",
        "entry_id",
        "kind",
        "happened_at",
        "source",
        "reason",
    ]
    readonly_fields = ["recorded_at"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["entry_id", "at", "organisation", "channel", "status", "reason", "sender_label"]
