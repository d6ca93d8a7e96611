"""Every address of the communications pages, below /o/<slug>/."""

from comms.views import attachments, communications, log, recipients

app_name = "comms"
urlpatterns = [
    *communications.urlpatterns,
    *recipients.urlpatterns,
    *attachments.urlpatterns,
    *log.urlpatterns,
]
