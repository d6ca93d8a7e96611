import pytest

from comms.ledger import keys


@pytest.fixture
def sealing_key(settings, tmp_path):
    """A sealing key and a memory of the test's own, and no pause between checkpoints."""
    settings.SEALING_KEY_FILE = str(tmp_path / "secret/sealing-key")
    settings.SEALING_KEY, settings.SEALER_MEMORY, settings.CHECKPOINT_SECONDS = "", "", 0
    keys.make(settings.SEALING_KEY_FILE)
    return tmp_path / "secret/sealing-key"
