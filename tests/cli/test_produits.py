"""The commands on products: exit codes, the report, a progress bar only on a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from semaphore_hub.cli import produits
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.marches.produits.service import ProduitsService
from tests.contracts.produits_samples import DRUG, LINE, text_of
from tests.modules.fakes import RecordedEvents


@pytest.fixture
def data(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose hub has a catalogue, with a right file and a wrong one in it."""
    assert sqlite_url.endswith("/hub.db")
    services = catalogue_of(tmp_path)
    monkeypatch.setattr(produits, "services_for", lambda _data: services)
    (tmp_path / "bon.csv").write_text(text_of(LINE, DRUG), "utf-8")
    (tmp_path / "faux.csv").write_text(text_of(LINE, {**DRUG, "gtin": "1"}), "utf-8")
    return tmp_path


def catalogue_of(data: Path) -> SimpleNamespace:
    """Services with the catalogue of that folder."""
    database = Database(f"sqlite:///{data / 'hub.db'}")
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    return SimpleNamespace(database=database, produits=ProduitsService(database, clock, RecordedEvents()))


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and standard output of a command."""
    answer = CliRunner(env={"COLUMNS": "200"}).invoke(produits.app, [str(one) for one in arguments])
    return answer.exit_code, answer.stdout


def test_a_right_file_is_imported_then_known(data: Path) -> None:
    code, out = run("import", data / "bon.csv", "--json")
    assert (code, json.loads(out)["creees"]) == (0, 2)
    code, out = run("import", data / "bon.csv")
    assert code == 0
    assert "déjà chargé" in out
    code, out = run("list-imports")
    assert code == 0
    assert "bon.csv" in out


def test_a_wrong_file_is_refused_or_taken_in_part(data: Path) -> None:
    code, out = run("import", data / "faux.csv", "--json")
    assert (code, json.loads(out)["etat"]) == (1, "refuse")
    report = data / "rapport.csv"
    code, out = run("import", data / "faux.csv", "--partiel", "--rapport", report)
    assert code == 1
    assert "PEM-GTIN" in out
    assert "PEM-GTIN" in report.read_text("utf-8")


def test_progress_is_shown_when_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    produits.import_produits(catalogue_of(data), LOCAL, data / "bon.csv", show=True)
    shown = capsys.readouterr().err
    assert "checking" in shown
    assert "loading" in shown
