"""A property-based tester not written here, all its checks on, against a running hub."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_hub_answers_what_its_document_says(sqlite_template: Path, tmp_path: Path, unused_port: int) -> None:
    (tmp_path / "semaphore.db").write_bytes(sqlite_template.read_bytes())
    url = f"http://127.0.0.1:{unused_port}"
    serve = [sys.executable, "-m", "semaphore_hub", "serve", "--port", str(unused_port), "--data", str(tmp_path)]
    hub = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(url)
        schemathesis = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
        assert schemathesis is not None
        run = subprocess.run(
            [schemathesis, "run", f"{url}/openapi.json", "--workers", "1", "--max-examples", "2", "--seed", "20260302"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
    finally:
        hub.terminate()
        hub.wait(20)
    # What is wrong comes before pages of advice about links.
    assert run.returncode == 0, run.stdout.partition("= FAILURES =")[2][:8000] or run.stdout[-8000:]
    assert " passed" in run.stdout


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the hub does not answer")
