"""The example that is shipped: the nine procedures over HTTP against the product as people have it."""

import os
import subprocess
import sys

from tests.api.conftest import token_of
from tests.browser.conftest import product  # noqa: F401 (a fixture)
from tests.conftest import ROOT


def test_the_nine_procedures_keep_their_rules_over_http(cast, product):  # noqa: F811
    tokens = {"TOKEN": token_of(cast.alice)[1], "READER": token_of(cast.sam, "read")[1]}

    ended = subprocess.run(
        [sys.executable, ROOT / "docs/examples/procedures.py", product.address],
        env=os.environ | tokens,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 not as they should be" in ended.stdout
