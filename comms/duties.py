"""What waits for the person who looks and what they pinned, found on every page in a query that is made anyhow."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django_scopes import scopes_disabled

from comms.models import Keeper, SavedView, Ticket
from portfolio import access


def count() -> None:
    """Have the open tickets and the pinned views of each member found with their membership."""
    with scopes_disabled():  # the two conditions are the scope: of the membership's organisation and person
        mine = Ticket.objects.filter(
            organisation=OuterRef("organisation"), assignee=OuterRef("user"), state=Ticket.State.OPEN
        )
        counted = mine.order_by().values("assignee").annotate(many=Count("pk")).values("many")
        pinned = SavedView.objects.visible_to(OuterRef("user")).filter(
            organisation=OuterRef("organisation"), pins__user=OuterRef("user")
        )
        listed = pinned.values_list(JSONObject(name="name", id="public_id"), flat=True)
        keeping = Keeper.objects.standing().filter(
            organisation=OuterRef("organisation"), confirmed_at__isnull=False
        )
        kept = keeping.order_by().values("organisation").annotate(many=Count("pk")).values("many")
    access.COUNTED["keepers_confirmed"] = Coalesce(Subquery(kept, output_field=IntegerField()), 0)
    access.COUNTED["pinned_views"] = ArraySubquery(listed)
    access.COUNTED["tickets_waiting"] = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
