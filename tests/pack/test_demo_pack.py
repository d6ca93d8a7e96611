"""A pack of the demo's own data, made from the shell, is checked by a Python that has nothing but itself."""

import subprocess
import zipfile
from io import StringIO

import pytest
from django.core.management import call_command

from tests.comms.test_demo import as_in_make_run  # noqa: F401 (a fixture)
from tests.ledger.conftest import sealing_key  # noqa: F401 (a fixture)
from tests.pack.test_verify_pack import BARE, needs_bare


@needs_bare
@pytest.mark.usefixtures("db", "sealing_key", "as_in_make_run")
def test_a_pack_of_the_demo_holds(tmp_path):
    call_command("demo", stdout=StringIO())
    out, folder = StringIO(), tmp_path / "pack"
    call_command("evidence_pack", demo=True, output=tmp_path / "pack.zip", stdout=out, stderr=StringIO())
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        pack.extractall(folder)

    ended = subprocess.run(
        [BARE, "-I", "-S", "verify_pack.py"], cwd=folder, env={}, capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "This pack holds." in ended.stdout
    assert "NOT" not in out.getvalue()
