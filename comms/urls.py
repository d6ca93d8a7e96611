"""Every address of the communications pages, below /o/<slug>/."""

from comms.views import (
    attachments,
    by_person,
    communications,
    coverage,
    editor,
    languages,
    log,
    portal_link,
    posting,
    preview,
    progress,
    receipts,
    recipients,
    record,
    scheduling,
    template_versions,
    templates,
    waiting,
)

app_name = "comms"
urlpatterns = [
    *communications.urlpatterns,
    *editor.urlpatterns,
    *languages.urlpatterns,
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
    *template_versions.urlpatterns,
    *record.urlpatterns,
    *portal_link.urlpatterns,
    *receipts.urlpatterns,
    *log.urlpatterns,
]
