"""Every address of the communications pages, below /o/<slug>/."""

from comms.views import communications, log

app_name = "comms"
urlpatterns = [*communications.urlpatterns, *log.urlpatterns]
