"""Every version of the DECP: our schemas give the official verdict, and every file of the references is recognised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree

import contracts
from contracts import json as strict_json
from tests.contracts.mutations import json_mutations, xml_mutations
from tests.shared import SHARED, shared_path

FORMER = ("1.5.0", "2.0.0")
STEP = 16  # one mutation in sixteen, other ones for each base: short, and the bases together meet every rule


@cache
def official_json(version: str) -> jsonschema.Draft7Validator:
    """Draft 7 reads these schemas (draft 4 to 7) alike, but for 12.0, an integer since draft 6."""
    name = "marches.json" if version in FORMER else f"schema_decp_v{version}.json"
    schema = json.loads(shared_path("standards", "decp", f"v{version}", name).read_text("utf-8-sig"))
    schema.pop("id", None)
    schema.pop("$id", None)
    return jsonschema.Draft7Validator(schema)


@cache
def official_xml(*parts: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared_path("standards", "decp", *parts)))


def ours_json(contract_id: str, value: Any) -> bool:
    schema = contracts.get(contract_id).schema
    assert schema is not None
    return strict_json.validator(schema).is_valid(value)


@cache
def ours_xml(contract_id: str) -> etree.XMLSchema:
    schema = contracts.get(contract_id).schema
    assert schema is not None
    return etree.XMLSchema(etree.parse(schema))


def examples(version: str, form: str) -> list[Path]:
    found = sorted(shared_path("standards", "decp", f"v{version}", "exemples", form).glob(f"*.{form}"))
    assert found
    return found


@pytest.mark.parametrize("version", FORMER)
def test_every_official_json_example_gets_the_official_verdict(version: str) -> None:
    for file in examples(version, "json"):
        value = json.loads(file.read_text("utf-8-sig"))
        assert ours_json(f"daj/decp-json/{version}", value) == official_json(version).is_valid(value), file.name


@pytest.mark.parametrize("version", FORMER)
@pytest.mark.parametrize(
    ("rank", "name"), list(enumerate(["mar-avec-modifications", "cc-avec-modifications", "paquet"]))
)
def test_every_small_damage_to_a_json_example_gets_the_official_verdict(version: str, rank: int, name: str) -> None:
    file = shared_path("standards", "decp", f"v{version}", "exemples", "json", f"{name}.json")
    document = json.loads(file.read_text("utf-8-sig"))
    verdicts = {True: 0, False: 0}
    for what, damaged in islice(json_mutations(document), rank % STEP, None, STEP):
        expected = official_json(version).is_valid(damaged)
        assert ours_json(f"daj/decp-json/{version}", damaged) == expected, what
        verdicts[expected] += 1
    assert verdicts[True] > 20
    assert verdicts[False] > 35


def test_a_contract_with_both_authorities_is_judged_as_either() -> None:
    file = shared_path("standards", "decp", "v1.5.0", "exemples", "json", "cc-basique.json")
    document = json.loads(file.read_text("utf-8-sig"))
    concession = document["marches"][0]
    for both in ({**concession, "acheteur": {"id": "1", "nom": "x"}}, {**concession, "acheteur": None, "nature": "?"}):
        value = {"marches": [both]}
        assert ours_json("daj/decp-json/1.5.0", value) == official_json("1.5.0").is_valid(value)


@pytest.mark.parametrize("version", FORMER)
def test_every_official_xml_example_gets_the_official_verdict(version: str) -> None:
    official = official_xml(f"v{version}", "marches.xsd")
    for file in examples(version, "xml"):
        tree = contracts.xml.parse(file.read_bytes())
        assert ours_xml(f"daj/decp-xml/{version}").validate(tree) == official.validate(tree), file.name


@pytest.mark.parametrize("version", FORMER)
@pytest.mark.parametrize(("rank", "name"), [(0, "mar-avec-modifications"), (1, "cc-avec-modifications")])
def test_every_small_damage_to_an_xml_example_gets_the_official_verdict(version: str, rank: int, name: str) -> None:
    official = official_xml(f"v{version}", "marches.xsd")
    file = shared_path("standards", "decp", f"v{version}", "exemples", "xml", f"{name}.xml")
    root = contracts.xml.parse(file.read_bytes()).getroot()
    verdicts = []
    for what, damaged in islice(xml_mutations(root), rank, None, STEP):
        tree = etree.fromstring(etree.tostring(damaged)).getroottree()
        verdicts.append(official.validate(tree))
        assert ours_xml(f"daj/decp-xml/{version}").validate(tree) == verdicts[-1], what
    assert verdicts.count(True) > 12
    assert verdicts.count(False) > 30


@pytest.mark.parametrize("tag", ["1.5.0", "2.0.0"])
def test_the_former_format_of_the_dgfip_gets_the_official_verdict(tag: str) -> None:
    official = official_xml("dgfip", f"marches-dgfip_tag{tag}.xsd")
    base = contracts.get("dgfip/opendata/1.5.0").folder / "examples/valid/marche_et_concession.xml"
    root = contracts.xml.parse(base.read_bytes()).getroot()
    verdicts = []
    for what, damaged in islice(xml_mutations(root), 0, None, STEP):
        tree = etree.fromstring(etree.tostring(damaged)).getroottree()
        verdicts.append(official.validate(tree))
        assert ours_xml("dgfip/opendata/1.5.0").validate(tree) == verdicts[-1], what
    assert verdicts.count(True) > 12
    assert verdicts.count(False) > 30


# --- 2.0.1, 2.0.2 and 2.0.3 are read with the format in force: these are all the differences --------------------------


def _documents() -> Iterator[tuple[str, Any]]:
    folder = contracts.get("daj/decp-json/2.0.4").folder / "examples/valid"
    for rank, name in enumerate(("travaux_avec_sous_traitance_et_modifications", "concession")):
        document = json.loads((folder / f"{name}.json").read_text("utf-8"))
        yield name, document
        yield from islice(json_mutations(document), rank, None, 40)


@pytest.mark.parametrize("version", ["2.0.2", "2.0.3"])
def test_the_versions_before_differ_only_on_the_envelope_and_on_type(version: str) -> None:
    for what, document in _documents():
        now = ours_json("daj/decp-json/2.0.4", document)
        before = official_json(version).is_valid(document)
        if not isinstance(document, dict):
            continue  # only 2.0.4 says that the root is an object
        envelope = document.get("marches", {})
        named = isinstance(envelope, dict) and ("marche" in envelope or "contrat-concession" in envelope)
        assert before == now or (version == "2.0.2" and before and not named), what


def test_2_0_2_took_type_as_a_property() -> None:
    folder = contracts.get("daj/decp-json/2.0.4").folder / "examples/valid"
    document = json.loads((folder / "accord_cadre.json").read_text("utf-8"))
    document["marches"]["marche"][0]["_type"] = "Marché"
    verdicts = {version: official_json(version).is_valid(document) for version in ("2.0.2", "2.0.3", "2.0.4")}
    assert verdicts == {"2.0.2": True, "2.0.3": False, "2.0.4": False}
    assert not ours_json("daj/decp-json/2.0.4", document)


def test_2_0_1_differs_on_the_apostrophe_and_on_the_origins_it_required() -> None:
    folder = contracts.get("daj/decp-json/2.0.4").folder / "examples/valid"
    document = json.loads((folder / "accord_cadre.json").read_text("utf-8"))
    marche = document["marches"]["marche"][0]
    marche |= {"origineUE": 0.5, "origineFrance": 0.1}
    assert official_json("2.0.1").is_valid(document)
    for field, straight in (
        ("ccag", "Techniques de l'information et de la communication"),
        ("techniques", {"technique": ["Système d'acquisition dynamique"]}),
    ):
        before = marche[field]
        for value, verdicts in (
            (straight, (False, True)),
            (json.loads(json.dumps(straight).replace("'", "’")), (True, False)),
        ):
            marche[field] = value
            assert (official_json("2.0.1").is_valid(document), ours_json("daj/decp-json/2.0.4", document)) == verdicts
        marche[field] = before
    del marche["origineUE"]
    assert (official_json("2.0.1").is_valid(document), ours_json("daj/decp-json/2.0.4", document)) == (False, True)


def test_2_0_1_let_the_execution_data_of_a_concession_be_an_empty_list_no_more_than_now() -> None:
    folder = contracts.get("daj/decp-json/2.0.4").folder / "examples/valid"
    document = json.loads((folder / "concession.json").read_text("utf-8"))
    document["marches"]["contrat-concession"][0]["donneesExecution"] = []
    verdicts = {version: official_json(version).is_valid(document) for version in ("2.0.1", "2.0.2", "2.0.3", "2.0.4")}
    assert verdicts == {"2.0.1": False, "2.0.2": True, "2.0.3": True, "2.0.4": True}
    assert ours_json("daj/decp-json/2.0.4", document)


# --- every file of the references -------------------------------------------------------------------------------------


def _reference_files() -> list[str]:
    root = SHARED / "standards"
    found = [path for part in ("decp", "samples") for path in sorted((root / part).rglob("*")) if path.is_file()]
    # Without the references one test is left, which skips (or fails) in words.
    return [str(path.relative_to(root)) for path in found] or ["decp"]


EXPECTED_RULES = {
    "invalide_metier_21_origineFrance_sup_origineUE.json": "DECP-ORIGINE-ORDRE",
    "invalide_metier_22_pas_de_consideration_et_autre.json": "DECP-CONSIDERATIONS",
    "invalide_metier_24_duree_sup_180.json": "DECP-DUREE",
}
NO_DOCUMENT = (
    "schema",
    "marches.json",
    "var_glob",
    "var_to_export",
    "expectedResult__",
    "_index",
    "Changelog",
    "README",
)


def _expected(name: str) -> tuple[str | None, bool | None]:
    """Contract and verdict that a reference file must get; None for a verdict that is not settled by its name."""
    file = name.rpartition("/")[2]
    if file.endswith((".xsd", ".txt", ".md")) or file.startswith(NO_DOCUMENT) or any(x in file for x in NO_DOCUMENT):
        return None, None
    if name.endswith(".csv"):
        return "daj/decp-csv/1", None if "table-schema" in name else True
    form = "json" if name.endswith(".json") else "xml"
    if "exemples-synthetiques" in name:
        return "daj/decp-json/2.0.4", not file.startswith("invalide_") or "metier" in file
    if name.startswith("samples"):
        return "daj/decp-json/1.5.0", "001b_duplicate" not in file
    if "v2.0.3" in name:
        return f"daj/decp-{form}/{'2.0.4' if form == 'json' else '2.0.2'}", True
    # The examples "avec-uid" of the tag 2.0.0 are still written in 1.5.0.
    former = "v1.5.0" in name or "avec-uid" in file or file == "paquet-result.json"
    return f"daj/decp-{form}/{'1.5.0' if former else '2.0.0'}", True


@pytest.mark.parametrize("name", _reference_files())
def test_a_reference_file_is_recognised_and_gets_its_verdict(name: str) -> None:
    path = shared_path("standards", *name.split("/"))
    if not path.is_file():
        pytest.skip("no reference files")
    body = path.read_bytes()
    found = contracts.recognise(body, path.name)
    contract, verdict = _expected(name)
    assert found == contract
    if found is None:
        return
    report = contracts.validate(found, body)
    assert verdict is None or report.valid == verdict
    assert all(finding.path and finding.message for finding in report.findings)
    assert all(finding.line for finding in report.findings if finding.rule == "DECP-SCHEMA")
    if path.name.startswith("invalide_"):
        rule = EXPECTED_RULES.get(path.name, "DECP-SCHEMA")
        assert rule in {finding.rule for finding in report.findings}
    if path.name.startswith("valide_"):
        assert report.findings == ()
