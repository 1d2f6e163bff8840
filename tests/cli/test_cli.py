"""The commands as a person types them: exit codes, messages, and what they leave alone."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

import contracts
from semaphore_hub.cli import main
from semaphore_hub.kernel.clock import ManualClock
from tests.e2e.bench import open_bench
from tests.shared import shared_path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would, in this process: starting Python anew costs more than the command."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["semaphore-hub", *map(str, arguments)]),
        mock.patch.dict(os.environ, {"COLUMNS": "200"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def test_the_command_runs_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "semaphore_hub", "validate", "nowhere.xml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "nowhere.xml" in done.stderr


def example(contract_id: str, verdict: str) -> Path:
    """An example of a contract, "valid" or "invalid"."""
    return sorted((contracts.get(contract_id).folder / "examples" / verdict).iterdir())[0]


@pytest.mark.parametrize("contract_id", ["dgfip/pes-marche/5.17", "daj/decp-json/2.0.4", "gef_ideo_gelf/marches-csv/1"])
def test_validate_tells_valid_from_invalid_and_says_the_rule(contract_id: str) -> None:
    good = run("validate", example(contract_id, "valid"), "--contract", contract_id, "--json")
    assert good.returncode == 0
    report = json.loads(good.stdout)
    assert (report["contract"], report["valid"]) == (contract_id, True)
    broken = example(contract_id, "invalid")
    bad = run("validate", broken, "--contract", contract_id, "--json")
    report = json.loads(bad.stdout)
    assert bad.returncode == (0 if report["valid"] else 1)
    assert any(broken.name.startswith(finding["rule"]) for finding in report["findings"])
    assert set(report["findings"][0]) == {"rule", "severity", "path", "line", "message"}


def test_validate_recognises_the_format_by_itself() -> None:
    answer = run("validate", example("dgfip/pes-acquit/2", "valid"), "--json")
    assert json.loads(answer.stdout)["contract"] == "dgfip/pes-acquit/2"


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"\x00\x01\x02", "recognises"), (b"hello", "recognises")]
)
def test_what_cannot_be_read_is_exit_two(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "file.bin"
    if content is not None:
        file.write_bytes(content)
    answer = run("validate", file)
    assert answer.returncode == 2
    assert words in answer.stderr.replace("\n", " ")


def test_an_unknown_contract_is_exit_two() -> None:
    answer = run("validate", example("dgfip/pes-acquit/2", "valid"), "--contract", "nobody/nothing/1")
    assert answer.returncode == 2
    assert "nobody/nothing/1" in answer.stderr


def test_contracts_are_listed_shown_and_exported(tmp_path: Path) -> None:
    listed = run("contracts", "list")
    assert "official" in listed.stdout
    assert "assumed" in listed.stdout
    shown = run("contracts", "show", "dgfip/pes-marche/5.17")
    assert "pes_marche.sch" in shown.stdout
    assert run("contracts", "show", "dgfip/pes-marche/0").returncode == 2
    assert run("contracts", "export", tmp_path / "kit").returncode == 0
    assert (tmp_path / "kit" / "dgfip" / "pes-marche" / "5.17" / "contract.toml").is_file()


def test_a_database_that_is_not_migrated_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    answer = run("deliveries", "list", "--data", tmp_path)
    assert answer.returncode == 78
    assert "semaphore-hub db upgrade" in answer.stderr.replace("\n", " ")
    assert run("db", "upgrade", "--data", tmp_path).returncode == 0
    assert run("deliveries", "list", "--data", tmp_path).returncode == 0


def test_a_backup_is_a_whole_database_and_overwrites_nothing(tmp_path: Path) -> None:
    run("db", "upgrade", "--data", tmp_path)
    copy = tmp_path / "copy.db"
    assert run("db", "backup", copy, "--data", tmp_path).returncode == 0
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM delivery").fetchone() == (0,)
    assert run("db", "backup", copy, "--data", tmp_path).returncode == 78


def test_serving_beyond_the_loopback_without_tokens_is_refused(tmp_path: Path) -> None:
    run("db", "upgrade", "--data", tmp_path)
    answer = run("serve", "--host", "0.0.0.0", "--port", "0", "--data", tmp_path)
    assert answer.returncode == 78
    assert "without tokens" in answer.stderr.replace("\n", " ")


def test_the_openapi_document_is_exported() -> None:
    document = json.loads(run("export", "openapi").stdout)
    assert document["openapi"].startswith("3.1")
    assert "/v1/marches" in document["paths"]


def test_an_import_needs_a_ght_and_reports_each_record(tmp_path: Path) -> None:
    path = shared_path("standards", "decp", "v2.0.3", "exemples", "json", "marches_concessions.json")
    run("db", "upgrade", "--data", tmp_path)
    without = run("import", path, "--data", tmp_path)
    assert without.returncode == 2
    assert "--ght" in without.stderr


@pytest.mark.parametrize("name", ["broken.json", "broken.xml", "broken.csv"])
def test_a_file_that_cannot_be_imported_changes_nothing(tmp_path: Path, name: str) -> None:
    run("db", "upgrade", "--data", tmp_path)
    (tmp_path / name).write_bytes(b'{"marches": {"marche": [' if name.endswith("json") else b"<marches><marche>")
    answer = run("import", tmp_path / name, "--ght", "FIC-01", "--data", tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.strip()
    with sqlite3.connect(tmp_path / "semaphore.db") as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)


async def test_deliveries_are_shown_replayed_and_discarded(sqlite_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_bench(sqlite_url, tmp_path, clock) as bench:
        bench.faults("gef_ideo_gelf", scenarios=["compte_inconnu"])
        bench.notify(1)
        bench.notify(2)
        await bench.until(lambda: bench.states("gef_ideo_gelf").count("REJECTED") == 2)
        first, second = [row.id for row in bench.deliveries("gef_ideo_gelf") if row.state == "REJECTED"]
    (tmp_path / "semaphore.db").write_bytes(Path(sqlite_url.removeprefix("sqlite:///")).read_bytes())
    shown = run("deliveries", "show", first, "--data", tmp_path)
    assert "COMPTE_INCONNU" in shown.stdout
    assert run("deliveries", "replay", first, "--data", tmp_path).returncode == 0
    assert run("deliveries", "discard", second, "--data", tmp_path).returncode == 2
    assert run("deliveries", "discard", second, "--reason", "saisi à la main", "--data", tmp_path).returncode == 0
    again = run("deliveries", "replay", second, "--data", tmp_path)
    assert again.returncode == 2
    assert "DISCARDED" in again.stderr
    listed = run("deliveries", "list", "--partner", "gef_ideo_gelf", "--state", "DISCARDED", "--data", tmp_path)
    assert "saisi" in listed.stdout.replace("\n", " ")
