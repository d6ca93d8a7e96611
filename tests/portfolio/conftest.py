import pytest

from tests import sink as smtp


@pytest.fixture
def sink(settings):
    """A mail server on a free port, to which the mail of the test is really sent."""
    with smtp.running() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        settings.EMAIL_BACKEND = "comms.sending.system_mail.LoggedBackend"  # which the test runner replaces
        yield running
