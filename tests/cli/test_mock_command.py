"""The command ``mock``: what it hands to the mocks, and what it refuses before anything listens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mock_partners.gef.mock import GefMock
from mock_partners.kit import Mock
from semaphore_hub.cli import servers
from tests.cli.test_cli import run


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Mock]:
    """The mocks that the command would have run."""
    found: list[Mock] = []

    def keep(mocks: Sequence[Mock], *_: object) -> None:
        found.extend(mocks)

    monkeypatch.setattr(servers, "run_mocks", keep)
    return found


def written(folder: Path, content: object) -> Path:
    path = folder / "options.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_each_mock_gets_its_own_options_and_its_two_folders_side_by_side(made: list[Mock], tmp_path: Path) -> None:
    options = written(tmp_path, {"gef_0904": {"version": "09.04.00100"}, "gef_saas": {"client_id": "autre"}})
    done = run("mock", "gef_0904", "gef_nc", "--folders", tmp_path / "echanges", "--options", options)
    assert done.returncode == 0, done.stderr
    old, other = made
    assert isinstance(old, GefMock)
    assert isinstance(other, GefMock)
    assert (old.state.version, other.state.version) == ("09.04.00100", "NC")
    for mock in made:
        folder = tmp_path / "echanges" / mock.id
        assert (mock.config.depot_dir, mock.config.retour_dir) == (folder / "depot", folder / "retour")
        assert (folder / "depot").is_dir()
        assert (folder / "retour").is_dir()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"gef_9999": {}}, "gef_9999"),
        ({"gef_0904": 3}, "gef_0904"),
        ("{", "JSON"),
        ({"gef_0904": {"forme_numero": "romain"}}, "romain"),
        ({"gef_0904": {"sftp": {"port": 2203}}}, "password"),
        ({"gef_0904": {"sftp": {"port": 0, "user": "hub", "password": "fictif"}}}, "depot_dir"),
    ],
)
def test_options_that_make_no_sense_are_said_and_nothing_runs(
    made: list[Mock], tmp_path: Path, content: object, words: str
) -> None:
    folders = () if words == "depot_dir" else ("--folders", tmp_path)
    done = run("mock", "gef_0904", *folders, "--options", written(tmp_path, content))
    assert (done.returncode, made) == (2, [])
    assert words in done.stderr


def test_a_file_that_is_not_there_is_said(made: list[Mock], tmp_path: Path) -> None:
    done = run("mock", "gef_0904", "--options", tmp_path / "nowhere.json")
    assert (done.returncode, made) == (2, [])
    assert "nowhere.json" in done.stderr.replace("\n", "")
