"""What every page says of the work that waits."""

from typing import Any

from django import template
from django_scopes import scope

from comms.models import Ticket

register = template.Library()
MOST = 99


@register.simple_tag(takes_context=True)
def tickets_waiting(context: Any) -> int:
    """Count the open tickets that the person who looks is to see to."""
    organisation, user = context.get("organisation"), context.get("user")
    if not organisation or not user:
        return 0
    # Pages that say what went wrong are drawn outside the organisation's scope.
    with scope(organisation=organisation):
        return Ticket.objects.filter(assignee=user, state=Ticket.State.OPEN)[:MOST].count()
