"""Who acts for whom."""

from django.db import models
from django.db.models import Q

from portfolio.history import tracked
from portfolio.scoping import Owned, inside, scoped


@tracked(exclude=["public_id"])
class ContactRelation(Owned):
    """Says that a message to one contact may be about another: a parent, an attorney, an agent."""

    ACTIVITY = "{contact} as {kind} of {acts_for}"

    class Kind(models.TextChoices):
        PARENT = "parent", "Parent"
        ATTORNEY = "attorney", "Attorney"
        AGENT = "agent", "Agent"
        SOLICITOR = "solicitor", "Solicitor"
        NEXT_OF_KIN = "next_of_kin", "Next of kin"

    contact = inside("contacts.Contact", related_name="relations")
    acts_for = inside("contacts.Contact", related_name="represented_by")
    kind = models.CharField(max_length=20, choices=Kind)
    copies = models.BooleanField(
        "gets copies", default=False, help_text="Gets a copy of what is sent to the other."
    )

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "acts_for", "kind"], name="one_relation_each"),
            models.CheckConstraint(
                condition=~Q(contact=models.F("acts_for")), name="nobody_acts_for_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.get_kind_display().lower()} of {self.acts_for}"
