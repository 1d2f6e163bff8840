"""The convert command as a person types it: what is written, what is said, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import contracts
from semaphore_hub.cli import convert

JSON, XML = "daj/decp-json/2.0.4", "daj/decp-xml/2.0.2"


def app() -> typer.Typer:
    """The command alone, with a second one so that it keeps its name."""
    made = typer.Typer(pretty_exceptions_enable=False)
    convert.register(made)
    made.command("other")(lambda: None)
    return made


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    answer = CliRunner().invoke(app(), ["convert", *map(str, arguments)])
    return answer.exit_code, answer.stdout, answer.stderr


def example(contract_id: str, name: str, verdict: str = "valid") -> Path:
    return contracts.get(contract_id).folder / "examples" / verdict / name


def test_a_pes_becomes_a_valid_decp_and_says_what_is_completed_and_lost() -> None:
    code, out, said = run(example("dgfip/pes-marche/5.30", "complet.xml"))
    assert code == 0
    assert contracts.validate(JSON, out.encode()).valid
    assert "converti /PES_Aller/PES_Marche/Marches/Marche[1] 2026MS001" in said
    assert "perdu (comptable)" in said
    assert "complété  actesSousTraitance[0].datePublicationDonnees = 2026-08-25 (" in said


def test_a_former_decp_becomes_xml_in_a_file(tmp_path: Path) -> None:
    out = tmp_path / "decp.xml"
    code, printed, said = run(example("daj/decp-json/1.5.0", "marche_et_concession.json"), "--to", XML, "--out", out)
    assert (code, printed) == (0, "")
    assert contracts.validate(XML, out.read_bytes()).valid
    assert contracts.xml.parse(out.read_bytes()).getroot().tag == "marches"
    assert said.count("converti ") == 2
    assert "complété  ccag = Pas de CCAG (un CCAG ne s'applique que si" in said
    assert [path.name for path in tmp_path.iterdir()] == ["decp.xml"]


def test_a_contract_that_cannot_be_converted_is_exit_one_with_its_reason(tmp_path: Path) -> None:
    good = json.loads(example("daj/decp-json/1.5.0", "marche.json").read_text("utf-8"))["marches"][0]
    file = tmp_path / "v1.json"
    marches = [good, {**good, "id": "2021DM00200", "montant": 0}, {**good, "id": "2021DM00300", "nature": "?"}]
    file.write_text(json.dumps({"marches": marches}), "utf-8")
    code, out, said = run(file)
    assert code == 1
    assert [marche["id"] for marche in json.loads(out)["marches"]["marche"]] == ["2021DM00100"]
    assert "non converti $.marches[1] 2021DM00200" in said
    assert "CONV-MONTANT  $.montant" in said
    assert "DECP-SCHEMA  $.marches[2].nature ligne 1" in said


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (Path("absent.json"), "No such file"),
        (example(JSON, "DECP-JSON__tronque.json", "invalid"), "tronqué"),
        (example("daj/decp-xml/1.5.0", "DECP-DOCTYPE.xml", "invalid"), "DOCTYPE"),
        (example("daj/decp-csv/1", "consolide.csv"), "cannot be converted"),
        (Path(__file__), "no interface contract"),
    ],
)
def test_what_cannot_be_read_is_exit_two_and_writes_nothing(tmp_path: Path, file: Path, words: str) -> None:
    out = tmp_path / "decp.json"
    code, printed, said = run(file, "--out", out)
    assert (code, printed) == (2, "")
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_not_overwritten_and_only_the_format_in_force_is_written(tmp_path: Path) -> None:
    source = example("daj/decp-json/1.5.0", "marche.json")
    out = tmp_path / "decp.json"
    out.write_text("mien", "utf-8")
    code, _, said = run(source, "--out", out)
    assert (code, out.read_text("utf-8")) == (2, "mien")
    assert "not overwritten" in said
    code, _, said = run(source, "--to", "daj/decp-json/1.5.0")
    assert code == 2
    assert XML in said
