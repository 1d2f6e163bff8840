"""The documentation page in a real browser, cut off from everything but the hub."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

pytestmark = pytest.mark.browser


@pytest.fixture
def hub(sqlite_template: Path, tmp_path: Path, unused_port: int) -> Iterator[str]:
    """A hub of its own process, on loopback."""
    (tmp_path / "semaphore.db").write_bytes(sqlite_template.read_bytes())
    command = [sys.executable, "-m", "semaphore_hub", "serve", "--port", str(unused_port), "--data", str(tmp_path)]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{unused_port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, "the hub stopped"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def test_the_documentation_shows_every_operation_without_the_internet(hub: str, page: Page) -> None:
    outside: list[str] = []
    problems: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((hub, "data:")):
            outside.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{hub}/docs")
    page.wait_for_selector(".opblock", timeout=30_000)
    shown = page.locator(".opblock").count()
    document = page.evaluate("async () => (await (await fetch('/openapi.json')).json()).paths")
    assert shown == sum(len(operations) for operations in document.values())
    assert "Semaphore Hub" in page.title()
    assert outside == []
    assert problems == []


def test_an_operation_can_be_tried_from_the_page(hub: str, page: Page) -> None:
    page.goto(f"{hub}/docs")
    page.wait_for_selector("#operations-operations-getHealth", timeout=30_000)
    page.click("#operations-operations-getHealth .opblock-summary-control")
    page.click("#operations-operations-getHealth button.execute")
    page.wait_for_selector("#operations-operations-getHealth .live-responses-table .response-col_status")
    answer = page.inner_text("#operations-operations-getHealth .live-responses-table")
    assert "200" in answer
    assert '"status": "ok"' in answer
