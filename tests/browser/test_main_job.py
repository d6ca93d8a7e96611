"""From the first word to the auditor's file, in a browser, through real workers and a real mail server."""

import csv
import datetime
import hashlib
import io
import shutil
import subprocess

import pytest
from django_scopes import scope

from comms.demo import pdf
from comms.models import ExportRecord, LogEntry


def write_circular(page, subject: str) -> None:
    page.click("main .actions .btn-primary")
    page.select_option("[name=block]", label="Acacia Court")
    page.fill("[name=subject]", subject)
    page.click("text=Go on to the text")


def test_draft_schedule_send_find_see_and_export(browse, product, cast, tmp_path):
    page = browse(cast.alice)
    write_circular(page, "Lift 2 out of service")
    page.click(".tiptap.ProseMirror")
    page.keyboard.type("Dear ")
    page.click("button.merge[data-field=salutation]")
    page.keyboard.type(", lift 2 is out of service on Tuesday.")
    page.set_input_files(
        "[name=attachments]",
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": pdf.page(["Plan"])},
    )
    page.click("button:has-text('Add people')")
    page.click("button:has-text('Add people')")
    assert page.locator("text=3 people added.").count() == 1

    page.click("a:has-text('Check and schedule')")
    soon = datetime.datetime.now() + datetime.timedelta(minutes=1, seconds=5)
    page.fill("[name=date]", soon.strftime("%Y-%m-%d"))
    page.fill("[name=time]", soon.strftime("%H:%M"))
    page.click("[name=schedule]")
    page.wait_for_selector("text=It goes out")

    page.wait_for_selector("text=3 of 3 tried.", timeout=120_000)
    page.wait_for_selector("#state >> text=Sent", timeout=20_000)
    page.click("text=In the log")
    page.wait_for_selector(".ledger .open")
    assert page.locator(".ledger .open").count() == 3

    assert len(product.sink.kept) == 3
    assert len({kept.mail_from for kept in product.sink.kept}) == 3
    for row in range(3):
        page.locator(".ledger .open").nth(row).click()
        page.wait_for_selector(".pane >> text=What became of it")
        page.wait_for_timeout(300)
        with page.expect_download() as download:
            page.click("text=Download .eml")
        data = download.value.path().read_bytes()
        assert data in [kept.data for kept in product.sink.kept]
        assert hashlib.sha256(data).hexdigest() in page.inner_text(".pane").replace("\n", "")
    frame = page.frame_locator(".pane iframe")
    assert "lift 2 is out of service on Tuesday" in frame.locator("body").inner_text()

    auditor = browse(cast.audrey)
    auditor.goto(page.url.split("&entry")[0].split("?entry")[0])
    with auditor.expect_download() as download:
        auditor.click("button:has-text('Export 3 rows')")
    taken = download.value.path().read_bytes()
    rows = list(csv.DictReader(io.StringIO(taken.decode())))
    assert len(rows) == 3
    with scope(organisation=cast.organisation):
        finished = ExportRecord.objects.get(phase="finished")
        assert (finished.rows, finished.sha256) == (3, hashlib.sha256(taken).hexdigest())
        assert {row["message_id"] for row in rows} == set(
            LogEntry.objects.values_list("message_id", flat=True)
        )
    opens_in_a_spreadsheet(taken, tmp_path)


def opens_in_a_spreadsheet(data: bytes, folder) -> None:
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed; the rest was tried.")
    (folder / "log.csv").write_bytes(data)
    subprocess.run(
        [
            office,
            "--headless",
            f"-env:UserInstallation=file://{folder}/office",
            "--convert-to",
            "xlsx",
            "log.csv",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert (folder / "log.xlsx").stat().st_size > 1000


def test_it_all_works_without_javascript(browse, product, cast):
    page = browse(cast.alice, javascript=False)
    write_circular(page, "Water off on Monday")
    page.fill("[name=body]", "<p>Dear {{first_name}}, the water is off.</p><script>alert(1)</script>")
    page.click("button:text-is('Save')")
    assert page.locator("text=a script").count() == 1
    page.click("button:has-text('Add people')")
    page.click("button:has-text('Add people')")
    page.click("a:has-text('Check and schedule')")
    page.click("[name=now]")
    for _ in range(60):
        page.wait_for_timeout(1000)
        page.reload()
        if page.locator("text=3 of 3 tried.").count():
            break
    page.click("text=In the log")
    page.locator(".ledger .open").first.click()

    assert page.locator("text=What became of it").count() == 1
    assert len(product.sink.kept) == 3


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen(browse, cast, width):
    page = browse(cast.alice, width)
    write_circular(page, "W" * 120)
    for address in (
        page.url,
        *(f"/o/larch/{name}/" for name in ("communications", "log", "blocks", "contacts", "log/exports")),
    ):
        page.goto(address, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
