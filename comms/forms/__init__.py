"""What people type in, checked; each mistake is a sentence at its field."""

from comms.forms.audience import AudienceForm
from comms.forms.moment import HandedOverForm, MarkSentForm, ScheduleForm, StatusForm
from comms.forms.writing import EditorForm, WriteForm

__all__ = [
    "AudienceForm",
    "EditorForm",
    "HandedOverForm",
    "MarkSentForm",
    "ScheduleForm",
    "StatusForm",
    "WriteForm",
]
