"""Who belongs to an organisation: roles are changed and people removed, and an admin is always left."""

from django.db import transaction
from django.db.models import QuerySet

from portfolio.models import Membership, Organisation


class LastAdmin(ValueError):
    """Raised with the sentence that the person reads."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is the only admin. Make somebody else an admin first, so that one is always left."
        )


def members(organisation: Organisation) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(organisation=organisation)
        .select_related("user")
        .order_by("user__name", "pk")
    )


@transaction.atomic
def change_role(membership: Membership, role: str) -> None:
    """Give a person another role, from their next page on."""
    if role != Membership.Role.ADMIN:
        _leave_an_admin(membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)


@transaction.atomic
def remove(membership: Membership) -> None:
    """Take away a person's access. The account stays, and so does their name on what they did."""
    _leave_an_admin(membership)
    Membership.objects.filter(pk=membership.pk).delete()


def _leave_an_admin(membership: Membership) -> None:
    """Refuse to take the last admin who can sign in.

    The rows of all admins are locked until the change is made: of two admins who demote each other in the
    same moment, the second waits here, and then finds that it would be the last.
    """
    admins = list(
        Membership.objects.select_for_update(of=("self",))
        .filter(organisation=membership.organisation, role=Membership.Role.ADMIN, user__is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if admins == [membership.pk]:
        raise LastAdmin(membership.user.name)
