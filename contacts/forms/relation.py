"""Who acts for whom."""

from django import forms

from contacts.models import ContactRelation
from portfolio.styled import OwnedForm


class RelationForm(OwnedForm):
    class Meta:
        model = ContactRelation
        fields = ["kind", "copies"]
        error_messages = {"kind": {"required": "Say as what: attorney, agent, parent …"}}
        labels = {"kind": "As", "copies": "Gets a copy of what is sent"}
        help_texts = {
            "copies": "Each later communication to the one is offered to the other too, and stands on both pages."
        }

    def clean(self) -> dict:
        found = super().clean() or {}
        there = ContactRelation.objects.filter(
            contact=self.instance.contact, acts_for=self.instance.acts_for, kind=found.get("kind")
        ).exclude(pk=self.instance.pk)
        if there.exists():
            raise forms.ValidationError("This is on record already.")
        return found
