import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# A weakened record is worse than a page that is away.
from comms.checks import refuse_to_start  # noqa: E402

refuse_to_start()
