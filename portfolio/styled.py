"""Forms in the classes of the style sheet."""

from typing import Any

from django import forms


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
