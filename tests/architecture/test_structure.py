"""Habits that keep the house easy to find one's way in, as tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mock_partners import MOCKS
from semaphore_hub.delivery.registry import load_connectors

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
PYTHON = [name for name in TRACKED if name.endswith(".py") and (ROOT / name).exists()]


def test_source_files_stay_under_four_hundred_lines() -> None:
    long = {
        name: count
        for name in PYTHON
        if not name.startswith(("tests/", "semaphore_hub/migrations/versions/"))
        and (count := (ROOT / name).read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}


def test_no_file_is_called_after_nothing() -> None:
    assert [name for name in PYTHON if Path(name).name in {"utils.py", "helpers.py", "misc.py"}] == []


def test_every_connector_has_its_contracts_mock_golden_files_and_readme() -> None:
    import contracts

    known = {contract.id for contract in contracts.catalogue()}
    registry = load_connectors()
    for manifest in registry.manifests():
        folder = ROOT / "connectors" / manifest.id
        assert (folder / "README.md").is_file(), manifest.id
        assert any((folder / "golden").iterdir()), manifest.id
        assert manifest.id in MOCKS
        for channel in manifest.channels:
            assert set(channel.contracts.values()) <= known, manifest.id
            assert set(channel.inbound) <= known, manifest.id


def test_nothing_committed_names_a_registry_or_a_machine() -> None:
    suspicious = re.compile(r"index-url|find-links|https?://[^\s\"']*/(simple|packages)/|/(root|home/[a-z]+)/")
    texts = [name for name in TRACKED if Path(name).suffix in {".py", ".toml", ".txt", ".md", ".yaml", ".yml", ".cfg"}]
    found = [
        name
        for name in texts
        if name != "tests/architecture/test_structure.py"
        and (ROOT / name).is_file()
        and suspicious.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line and line[0] not in "#-"]
    assert lines
    assert [line for line in lines if "==" not in line] == []
