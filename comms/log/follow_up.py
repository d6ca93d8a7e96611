"""What tickets and blocked addresses can be narrowed to."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from comms.models import Suppression, Ticket
from portfolio.models import BLOCKED, CHANNELS, Block, Membership, Organisation, User
from portfolio.styled import StyledForm

MINE, NOBODY = "me", "nobody"
STATES = [("all", "Open and closed"), *Ticket.State.choices]
WRITERS = (Membership.Role.MANAGER, Membership.Role.ADMIN)


def clean(data: QueryDict) -> QueryDict:
    """Leave out what PostgreSQL does not take, and "any", which is no filter."""
    kept = data.copy()
    for name in list(kept):
        kept.setlist(name, [value for value in kept.getlist(name) if value and "\x00" not in value])
    return kept


def name_fields(narrowed: filters.FilterSet) -> None:
    """Say what each field is about to those who do not see its place."""
    for field in narrowed.form.fields.values():
        field.widget.attrs["aria-label"] = field.label


def people(organisation: Organisation) -> QuerySet[User]:
    """List whom a ticket can be given to."""
    mine = Membership.objects.filter(organisation=organisation, user__is_active=True, role__in=WRITERS)
    return User.objects.filter(pk__in=mine.values("user")).order_by("name")


class TicketFilter(filters.FilterSet):
    """Narrows tickets by the parameters of an address; without any to those that are not closed."""

    q = filters.CharFilter(label="Words", max_length=200, field_name="title", lookup_expr="icontains")
    state = filters.ChoiceFilter(label="State", choices=STATES, empty_label="Not closed", method="by_state")
    assignee = filters.ChoiceFilter(label="Who sees to it", empty_label="Anybody's", method="by_assignee")
    reason = filters.ChoiceFilter(
        label="Why", choices=[one for one in Ticket.Reason.choices if one[0]], empty_label="Any reason"
    )
    block = filters.ModelChoiceFilter(
        label="Block",
        queryset=lambda _: Block.objects.all(),
        to_field_name="public_id",
        empty_label="Any block",
    )
    overdue = filters.ChoiceFilter(
        label="Due", choices=[("yes", "Overdue")], empty_label="Due at any time", method="by_overdue"
    )

    class Meta:
        model = Ticket
        fields: list[str] = []
        form = StyledForm

    def __init__(
        self, data: QueryDict, organisation: Organisation, by: User, queryset: QuerySet[Ticket]
    ) -> None:
        super().__init__(clean(data), queryset)
        self.is_bound, self.by = True, by
        given = [(str(one.pk), str(one)) for one in people(organisation) if one != by]
        self.filters["assignee"].extra["choices"] = [(MINE, "Mine"), (NOBODY, "Nobody's"), *given]
        name_fields(self)

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that are set and make sense."""
        _ = self.errors
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}

    @property
    def qs(self) -> QuerySet[Ticket]:
        _ = self.errors
        found: QuerySet[Ticket] = self.filter_queryset(self.queryset)
        return found if "state" in self.chosen else found.exclude(state=Ticket.State.CLOSED)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset if value == "all" else queryset.filter(state=value)

    def by_assignee(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == NOBODY:
            return queryset.filter(assignee=None)
        return queryset.filter(assignee=self.by.pk if value == MINE else int(value))

    def by_overdue(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.exclude(state=Ticket.State.CLOSED).filter(due_on__lt=timezone.localdate())


class SuppressionFilter(filters.FilterSet):
    """Narrows blocked addresses; without any parameter to those that stand."""

    q = filters.CharFilter(label="Address", max_length=320, field_name="address", lookup_expr="icontains")
    channel = filters.ChoiceFilter(
        label="Channel", choices=[(word, CHANNELS[word]) for word in BLOCKED], empty_label="Any channel"
    )
    state = filters.ChoiceFilter(
        label="State",
        choices=[("lifted", "Lifted"), ("all", "Blocked and lifted")],
        empty_label="Blocked now",
        method="by_state",
    )

    class Meta:
        model = Suppression
        fields: list[str] = []
        form = StyledForm

    def __init__(self, data: QueryDict) -> None:
        super().__init__(clean(data), Suppression.objects.all())
        self.is_bound = True
        name_fields(self)

    @property
    def is_narrowed(self) -> bool:
        _ = self.errors
        return any(self.form.cleaned_data.values())

    @property
    def qs(self) -> QuerySet[Suppression]:
        _ = self.errors
        found: QuerySet[Suppression] = self.filter_queryset(self.queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(lifted_at__isnull=True)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset if value == "all" else queryset.filter(lifted_at__isnull=False)


def about(kind: str, whose: Any) -> Q:
    """Say which tickets belong to a block, a flat or a contact; those of contacts that were made one with it too."""
    if kind == "contact":
        return Q(contact=whose) | Q(contact__merged_into=whose)
    return Q(**{kind: whose})
