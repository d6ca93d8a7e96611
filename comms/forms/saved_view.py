from typing import Any

from django import forms
from django.db.models.functions import Lower

from comms.models import SavedView
from portfolio.models import Organisation, User
from portfolio.styled import StyledForm, one_line

TAKEN = "You have a view of that name. Choose another one."


class SavedViewForm(StyledForm):
    """The name of a view, and for whom it is."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        validators=[one_line],
        error_messages={"required": "Give the view a name."},
    )
    shared = forms.BooleanField(
        label="Share it with everybody here",
        required=False,
        help_text="They see the entries that they may see, and cannot change the view. Otherwise it is yours alone.",
    )
    pinned = forms.BooleanField(label="Pin it in my navigation", required=False)

    def __init__(
        self,
        *args: Any,
        organisation: Organisation,
        owner: User,
        view: SavedView | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.owner, self.view = organisation, owner, view

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        same = SavedView.objects.annotate(lower=Lower("name")).filter(owner=self.owner, lower=name.lower())
        if (same.exclude(pk=self.view.pk) if self.view else same).exists():
            raise forms.ValidationError(TAKEN)
        return name
