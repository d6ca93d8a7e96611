import datetime
from typing import Any

from django import forms

from comms.models import ExportSchedule, SavedView
from comms.reports.asked import FORMATS
from comms.reports.calendar import WEEKDAYS, ordinal
from portfolio.access import EXPORTERS
from portfolio.models import Membership, Organisation, User
from portfolio.styled import StyledForm, one_line

DAYS = [
    (n, ordinal(n) if n < 29 else f"{ordinal(n)}, or the last day of a shorter month") for n in range(1, 32)
]


class ViewField(forms.ModelChoiceField):
    """A saved view; what is no id of anything is as unknown as an id of nothing."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice"
            ) from None


class ScheduleForm(StyledForm):
    """What is exported, when, and to whom it goes."""

    name = forms.CharField(
        label="Name", max_length=80, validators=[one_line], help_text="The subject of its mails."
    )
    view = ViewField(
        label="View",
        queryset=SavedView.objects.none(),
        to_field_name="public_id",
        empty_label="Choose a view",
        help_text="Its filters, columns and order. Its dates do not count: each run has the days of its own period.",
        error_messages={
            "required": "Choose a view.",
            "invalid_choice": "That view is not there, or not yours. Choose another one.",
        },
    )
    every = forms.ChoiceField(
        label="How often", choices=ExportSchedule.Every.choices, widget=forms.RadioSelect
    )
    weekday = forms.TypedChoiceField(
        label="Day of the week",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        empty_value="0",
        help_text="Where it runs every week.",
    )
    day = forms.TypedChoiceField(
        label="Day of the month",
        choices=DAYS,
        coerce=int,
        required=False,
        empty_value="1",
        help_text="Where it runs every month.",
        error_messages={"invalid_choice": "No month has that day. Choose one from 1 to 31."},
    )
    at = forms.TimeField(
        label="At",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
        error_messages={"required": "Give a time, like 07:00.", "invalid": "Write the time as 07:00."},
    )
    format = forms.ChoiceField(label="Format", choices=list(FORMATS.items()), widget=forms.RadioSelect)
    how = forms.ChoiceField(
        label="How it is sent",
        choices=ExportSchedule.How.choices,
        widget=forms.RadioSelect,
        help_text="A link works for its recipients only, signed in, for 30 days. A file over 5 MB is sent as a link.",
    )
    recipients = forms.ModelMultipleChoiceField(
        label="To",
        queryset=Membership.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="People here who may take the log as a file.",
        error_messages={
            "required": "Tick at least one person.",
            "invalid_choice": "That person may not take the log as a file.",
        },
    )

    def __init__(
        self,
        *args: Any,
        organisation: Organisation,
        user: User,
        schedule: ExportSchedule | None = None,
        **kwargs: Any,
    ) -> None:
        if schedule:
            kwargs["initial"] = _initial(schedule)
        super().__init__(*args, **kwargs)
        self.fields["view"].queryset = SavedView.objects.visible_to(schedule.owner if schedule else user)  # type: ignore[attr-defined]
        members = Membership.objects.filter(organisation=organisation, role__in=EXPORTERS)
        people: Any = self.fields["recipients"]
        people.queryset = members.select_related("user").order_by("user__name")
        people.label_from_instance = lambda one: f"{one.user.name}, {one.get_role_display().lower()}"
        zone = organisation.time_zone
        self.fields[
            "at"
        ].help_text = f"{zone}. A time that the clocks pass over runs an hour later on the new clock; one that comes twice, the first time."

    def kept_on(self, schedule: ExportSchedule) -> None:
        """Put what was filled in on a schedule."""
        for name in ("name", "view", "every", "weekday", "day", "at", "format", "how"):
            setattr(schedule, name, self.cleaned_data[name])
        schedule.weekday, schedule.day = int(schedule.weekday), int(schedule.day)
        schedule.recipients = sorted(one.user_id for one in self.cleaned_data["recipients"])


def _initial(schedule: ExportSchedule) -> dict[str, Any]:
    named = ("name", "every", "weekday", "day", "at", "format", "how")
    members = Membership.objects.filter(organisation=schedule.organisation, user__in=schedule.recipients)
    return {name: getattr(schedule, name) for name in named} | {
        "view": schedule.view.public_id if schedule.view else None,
        "recipients": [one.pk for one in members],
    }


FIRST = {"every": "month", "day": 1, "at": datetime.time(7), "format": "csv", "how": "link"}
