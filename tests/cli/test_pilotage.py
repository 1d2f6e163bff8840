"""The commands on steering: files in, documents out, exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_calamine import load_workbook
from typer.testing import CliRunner

from semaphore_hub.app import build
from semaphore_hub.cli import app as commands
from semaphore_hub.cli import documents, pilotage
from semaphore_hub.demo.steering import ACTIONS, trame
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.referentiel.schemas import NouveauGht


@pytest.fixture
def data(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files to import, and a hub that knows one GHT."""
    clock = ManualClock(datetime(2026, 7, 1, tzinfo=UTC))
    services = build(Settings(_env_file=None, database_url=sqlite_url), clock=clock)
    with services.database.write() as unit:
        services.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-01", nom="GHT fictif", region="BRE"))
    for module in (documents, pilotage):
        monkeypatch.setattr(module, "services_for", lambda _data: services)
    (tmp_path / "trame.xlsx").write_bytes(trame())
    (tmp_path / "objectifs.csv").write_text("annee;region;montant\n2026;Bretagne;100 000,00\n", "utf-8")
    (tmp_path / "faux.csv").write_text("annee;region;montant\n2026;Savoie;trois\n", "utf-8")
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and standard output of a command."""
    answer = CliRunner(env={"COLUMNS": "220"}).invoke(commands, [str(one) for one in arguments])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.stdout


def test_a_trame_is_simulated_imported_exported_and_known_again(data: Path) -> None:
    plan = ("--ght", "FIC-01", "--annee", "2026", "--json")
    code, out = run("import", data / "trame.xlsx", "--simulation", *plan)
    assert (code, json.loads(out)["simulation"]) == (0, True)
    code, out = run("import", data / "trame.xlsx", *plan)
    assert (code, json.loads(out)["creees"]) == (0, len(ACTIONS))
    code, out = run("paat", "export", "FIC-01", "2026", data / "export.xlsx")
    assert code == 0
    assert load_workbook(data / "export.xlsx").sheet_names[0] == "Trame PAAT"
    code, out = run("import", data / "export.xlsx", *plan)
    assert (code, json.loads(out)["inchangees"]) == (0, len(ACTIONS))
    code, out = run("import", data / "export.xlsx", "--ght", "FIC-01", "--annee", "2025")
    assert code == 1  # the file says 2026
    assert "refusée" in out


def test_facts_are_imported_once_and_shown(data: Path) -> None:
    run("import", data / "trame.xlsx", "--ght", "FIC-01", "--annee", "2026")
    code, out = run("import", data / "objectifs.csv", "--kind", "objectifs")
    assert (code, "charge" in out) == (0, True)
    assert "déjà importé" in run("import", data / "objectifs.csv", "--kind", "objectifs")[1]
    code, out = run("import", data / "faux.csv", "--kind", "objectifs")
    assert (code, "IND-IMPORT-" in out) == (1, True)
    assert json.loads(run("indicateurs", "refresh")[1])["restants"] == 0
    code, out = run("indicateurs", "show", "atteinte-objectif", "--annee", "2026", "--niveau", "region", "--json")
    assert (code, json.loads(out)["lignes"][0]["affichage"]) == (0, "109 %")
    assert "Gains retenus" in run("indicateurs", "show", "gains", "--annee", "2026", "--par", "famille")[1]
    assert "hypothèse" in run("indicateurs", "list")[1]
    assert json.loads(run("indicateurs", "refresh", "--rebuild")[1])["actions"] == len(ACTIONS)


def test_editions_and_snapshot_are_written(data: Path) -> None:
    run("import", data / "trame.xlsx", "--ght", "FIC-01", "--annee", "2026")
    run("indicateurs", "refresh")
    for name in ("rapport.html", "ars.xlsx"):
        assert run("indicateurs", "edit", data / name, "--annee", "2026")[0] == 0
        assert (data / name).stat().st_size > 5_000
    done = json.loads(run("indicateurs", "snapshot", data / "colonnes")[1])
    assert (done["lignes"], done["ecrites"]) == (len(ACTIONS), 1)
    assert json.loads(run("indicateurs", "snapshot", data / "colonnes")[1])["gardees"] == 1


def test_gains_of_operators_and_what_is_missing(data: Path) -> None:
    (data / "gains.csv").write_text(
        "operateur;annee;ght;reference;famille;numero_marche;etablissement;montant_reference;gain\n"
        "UniHA;2026;FIC-01;R1;Médicaments;U2001L1;;1200000;79000\n",
        "utf-8",
    )
    code, out = run("import", data / "gains.csv", "--kind", "gains-operateurs")
    assert (code, json.loads(out)["creees"]) == (0, 1)
    assert run("import", data / "absent.xlsx", "--ght", "FIC-01", "--annee", "2026")[0] == 2
    assert run("import", data / "objectifs.csv", "--kind", "gains-operateurs")[0] == 1
