"""Forms in the classes of the style sheet."""

import re
from typing import Any

from django import forms
from django.db import IntegrityError, transaction

from portfolio.models import Organisation

LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
ONE_LINE = "Put it on one line. Take the line break out."


def one_line(text: str) -> None:
    """Refuse line breaks: it becomes part of a header of mail, where a second line would be another header."""
    if LINE_BREAK.search(text):
        raise forms.ValidationError(ONE_LINE)


class Styled:
    """Give widgets the classes of the style sheet. Django says to screen readers which field is wrong, and why."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            if isinstance(field.widget, forms.CheckboxInput):
                kind = "form-check-input"
            elif isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
                kind = "choices"
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} {kind}".strip()


class StyledForm(Styled, forms.Form):
    pass


class StyledModelForm(Styled, forms.ModelForm):
    pass


class OwnedForm(StyledModelForm):
    """Make or change a row of an organisation; what must be unique in it is checked as a field's mistake would be."""

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = self.instance.organisation = organisation
        for field in self.fields.values():  # names become parts of headers and envelopes
            if isinstance(field, forms.CharField) and isinstance(field.widget, forms.TextInput):
                field.validators.append(one_line)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"organisation", "block"}

    def saved(self) -> bool:
        """Save what is valid, all of it or nothing; say so at the form where somebody was quicker."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error(
                None, "Somebody else saved the like of it a moment ago. Look at it, then save again."
            )
            return False
        return True
