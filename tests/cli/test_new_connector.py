"""A seventh GEF: made by the command, loaded as it is, held to what every connector must do, and taken away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from semaphore_hub.delivery.registry import CONNECTOR_DIRS, load_connectors
from tests.cli.test_cli import run

ROOT = Path(__file__).resolve().parents[2]
RESULT = re.compile(r"^(PASSED|FAILED) tests/conformance/\S+::(\w+)\[\S*?(gef_septieme\w*)", re.MULTILINE)
# What is wrong with a manifest shows in what is said; the others are not slowed down by it.
CHOSEN = "gef_septieme and not (gef_septieme_ and (faults or folders or answers or settings))"


def made(into: Path, name: str, *options: str) -> Path:
    """A new connector."""
    done = run("new-connector", name, "--into", into, *options)
    assert done.returncode == 0, done.stderr
    return into / name


def test_a_manifest_is_enough(tmp_path: Path) -> None:
    folder = made(tmp_path / "dehors", "gef_septieme", "--name", "GEF n° 7 (d'essai)")
    assert sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()) == [
        "README.md",
        "golden/settings.json",
        "manifest.toml",
    ]
    manifest = load_connectors([folder.parent]).get("gef_septieme").manifest
    assert (manifest.name, manifest.kind, manifest.status) == ("GEF n° 7 (d'essai)", "gef", "assumed")
    assert manifest.uses == "gef"
    shutil.rmtree(folder.parent)
    assert "gef_septieme" not in load_connectors()


def test_one_with_code_rests_on_the_kit_too(tmp_path: Path) -> None:
    folder = made(tmp_path, "gef_huitieme", "--code")
    loaded = load_connectors([tmp_path]).get("gef_huitieme")
    assert (loaded.manifest.uses, loaded.manifest.name) == (None, "GEF HUITIEME")
    assert "create(manifest" in (folder / "connector.py").read_text(encoding="utf-8")


def test_it_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("new-connector", "gef_septieme", "--into", tmp_path).stdout
    assert f"export {CONNECTOR_DIRS}={tmp_path}" in said
    assert "pytest tests/conformance -k gef_septieme" in said
    monkeypatch.setenv(CONNECTOR_DIRS, str(tmp_path))
    assert "export" not in run("new-connector", "gef_huitieme", "--into", tmp_path).stdout, "already found"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Gef-7"], "is not an id"),
        (["7_gef"], "is not an id"),
        (["../gef"], "is not an id"),
        (["gef_nc"], "has the id 'gef_nc' already"),
        (["deja_la"], "exists already"),
        (["gef_7", "--name", 'guillemet " dedans'], "the name must have"),
        (["gef_7", "--kind", "inconnu"], "'inconnu' is not"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "deja_la").mkdir()
    done = run("new-connector", *arguments, "--into", tmp_path)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert [one.name for one in tmp_path.rglob("*")] == ["deja_la"]


def changed(folder: Path, old: str, new: str) -> None:
    """Break a manifest."""
    path = folder / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
def test_the_conformance_suite_passes_as_it_is_made_and_fails_when_its_manifest_is_wrong(tmp_path: Path) -> None:
    made(tmp_path, "gef_septieme")
    made(tmp_path, "gef_septieme_code", "--code")
    changed(made(tmp_path, "gef_septieme_perte"), 'id = "historique"', 'id = "autrement"')
    changed(made(tmp_path, "gef_septieme_contrat"), 'marche = "gef/marches-csv/1"', 'marche = "gef/fournisseurs-csv/1"')
    changed(made(tmp_path, "gef_septieme_oubli"), "fr.semaphore.marche.echu.v1", "fr.semaphore.marche.consomme.v1")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfp", "-k", CHOSEN, "tests/conformance"],
        cwd=ROOT,
        env={**os.environ, CONNECTOR_DIRS: str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    results = RESULT.findall(done.stdout)
    assert {(name, test) for result, test, name in results if result == "FAILED"} == {
        ("gef_septieme_perte", "test_a_message_makes_only_losses_that_the_manifest_declares"),
        ("gef_septieme_perte", "test_a_field_is_told_as_it_is_or_covered_by_a_loss_of_its_message"),
        ("gef_septieme_perte", "test_a_loss_that_names_fields_is_real_in_an_example"),
        ("gef_septieme_contrat", "test_what_is_said_satisfies_the_contract_that_the_manifest_names"),
        ("gef_septieme_oubli", "test_an_event_that_the_manifest_declares_is_said_on_every_channel"),
    }, done.stdout[-4000:]
    assert {test for result, test, name in results if (result, name) == ("PASSED", "gef_septieme")} == every_test()


def every_test() -> set[str]:
    """The tests of the suite that are about one connector."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "conformance").glob("test_*.py")]
    found = {name for source in sources for name in re.findall(r"^(?:async )?def (test_\w+)\(", source, re.MULTILINE)}
    return found - {"test_the_settings_of_a_channel_by_folders_name_folders"}
