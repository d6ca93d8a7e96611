"""The product as people have it: gunicorn, real workers and beat, a mail server, and a browser before it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import sink as smtp
from tests.conftest import ROOT, url_of
from tests.workers import Crew

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PASSWORD = "a long enough password"


@dataclass
class Product:
    address: str
    sink: smtp.Sink


@pytest.fixture
def chromium() -> Iterator[Browser]:
    # For one test only: while Playwright's loop runs, Django keeps other connections for this thread, and
    # those must be closed before it ends.
    if not CHROMIUM:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("Chromium is not installed.")
        pytest.skip("Chromium is not installed; on Debian: apt install chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's loop runs in this thread, and so do our queries
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def product(committed, cast, tmp_path) -> Iterator[Product]:
    for user in (cast.alice, cast.audrey, cast.sam, cast.adam):
        user.set_password(PASSWORD)
        user.save()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with smtp.running() as sink:
        environment = {
            "DATABASE_URL": url_of(committed, "DATABASE_URL"),
            "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/8",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "BASE_URL": f"http://127.0.0.1:{port}",
        }
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", "-k", "gthread", "--threads", "4"]
            + ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning"],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        crew = Crew(environment, tmp_path, size=1).start()
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address + "/healthz")
            yield Product(address, sink)
        finally:
            crew.stop()
            web.terminate()
            web.wait()


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address)  # noqa: S310
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"{address} does not answer.")


@pytest.fixture
def browse(chromium, product):
    """Open a page of the product as somebody; every word in the browser's console fails the test."""
    words: list[str] = []
    contexts = []

    def open_as(user, width: int = 1440, javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            base_url=product.address,
            java_script_enabled=javascript,
            accept_downloads=True,
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: words.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda fault: words.append(str(fault)))
        page.goto("/")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not words
