"""What waits for the person who looks, counted on every page in a query that is made anyhow."""

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scopes_disabled

from comms.models import Ticket
from portfolio import access


def count() -> None:
    """Have the open tickets of each member counted with their membership."""
    with scopes_disabled():  # the two conditions are the scope: of the membership's organisation and person
        mine = Ticket.objects.filter(
            organisation=OuterRef("organisation"), assignee=OuterRef("user"), state=Ticket.State.OPEN
        )
        counted = mine.order_by().values("assignee").annotate(many=Count("pk")).values("many")
    access.COUNTED["tickets_waiting"] = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
