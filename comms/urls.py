"""Every address of the communications pages, below /o/<slug>/."""

from comms.views import (
    attachments,
    by_person,
    communications,
    coverage,
    editor,
    log,
    portal_link,
    posting,
    preview,
    progress,
    receipts,
    recipients,
    record,
    scheduling,
    templates,
    waiting,
)

app_name = "comms"
urlpatterns = [
    *communications.urlpatterns,
    *editor.urlpatterns,
    *preview.urlpatterns,
    *recipients.urlpatterns,
    *scheduling.urlpatterns,
    *progress.urlpatterns,
    *attachments.urlpatterns,
    *posting.urlpatterns,
    *by_person.urlpatterns,
    *waiting.urlpatterns,
    *coverage.urlpatterns,
    *templates.urlpatterns,
    *record.urlpatterns,
    *portal_link.urlpatterns,
    *receipts.urlpatterns,
    *log.urlpatterns,
]
