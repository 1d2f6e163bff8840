"""Our DECP JSON schema gives the verdict of the official schema, on its examples and on every small damage to them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import contracts
from contracts import json as strict_json
from tests.contracts.mutations import json_mutations
from tests.shared import shared_path

DECP = "daj/decp-json/2.0.4"
EXAMPLES = contracts.get(DECP).folder / "examples"
BASES = ("valid/travaux_avec_sous_traitance_et_modifications.json", "valid/accord_cadre.json", "valid/concession.json")


@cache
def official() -> jsonschema.Draft7Validator:
    schema = json.loads(shared_path("standards", "decp", "v2.0.4", "schema_decp_v2.0.4.json").read_text("utf-8"))
    return jsonschema.Draft7Validator(schema)


def ours(value: Any) -> bool:
    schema = contracts.get(DECP).schema
    assert schema is not None
    return strict_json.validator(schema).is_valid(value)


def schema_verdict(body: bytes) -> bool:
    return not any(f.rule == "DECP-SCHEMA" for f in contracts.validate(DECP, body).findings)


@pytest.mark.parametrize("folder", ["v2.0.3/exemples/json", "exemples-synthetiques", "v2.0.0/exemples/json"])
def test_official_and_synthetic_examples_get_the_official_verdict(folder: str) -> None:
    files = sorted(shared_path("standards", "decp", *folder.split("/")).glob("*.json"))
    assert files
    for file in files:
        body = file.read_bytes()
        assert schema_verdict(body) == official().is_valid(json.loads(body)), file.name


def test_the_current_official_examples_are_valid() -> None:
    for file in shared_path("standards", "decp", "v2.0.3", "exemples", "json").glob("*.json"):
        assert contracts.validate(DECP, file.read_bytes()).valid, file.name


@pytest.mark.parametrize("base", BASES)
def test_every_small_damage_gets_the_official_verdict(base: str) -> None:
    document = json.loads((EXAMPLES / base).read_text("utf-8"))
    assert official().is_valid(document)
    verdicts = {True: 0, False: 0}
    for what, damaged in json_mutations(document):
        expected = official().is_valid(damaged)
        assert ours(damaged) == expected, what
        verdicts[expected] += 1
    assert verdicts[False] > 500
    assert verdicts[True] > 50


def test_damage_to_the_official_examples_gets_the_official_verdict() -> None:
    file = shared_path("standards", "decp", "v2.0.3", "exemples", "json", "concessions_avec_modifications.json")
    document = json.loads(file.read_text("utf-8"))
    document["marches"]["contrat-concession"] = document["marches"]["contrat-concession"][:1]
    for what, damaged in json_mutations(document):
        assert ours(damaged) == official().is_valid(damaged), what


def test_a_list_and_its_envelope_may_be_empty_as_in_the_official_schema() -> None:
    for body in (b'{"marches":{"marche":[]}}', b'{"marches":{"contrat-concession":[]}}'):
        assert contracts.validate(DECP, body).valid
    assert not contracts.validate(DECP, b'{"marches":{}}').valid


def test_the_invalid_synthetic_examples_say_where_and_what() -> None:
    file = shared_path("standards", "decp", "exemples-synthetiques", "invalide_04_offresRecues_0.json")
    report = contracts.validate(DECP, file.read_bytes())
    line = next(n for n, text in enumerate(file.read_text("utf-8").splitlines(), start=1) if "offresRecues" in text)
    assert [(f.path, f.line) for f in report.findings] == [("$.marches.marche[0].offresRecues", line)]
    assert report.findings[0].message == "« offresRecues » : la valeur 0 est trop petite, le minimum est 1."


def test_business_faults_of_the_synthetic_examples_are_warnings() -> None:
    expected = {
        "invalide_metier_21": "DECP-ORIGINE-ORDRE",
        "invalide_metier_22": "DECP-CONSIDERATIONS",
        "invalide_metier_24": "DECP-DUREE",
    }
    for file in sorted(shared_path("standards", "decp", "exemples-synthetiques").glob("invalide_metier_*.json")):
        report = contracts.validate(DECP, file.read_bytes())
        assert report.valid
        assert [f.rule for f in report.findings] == [expected[file.name[:18]]]


def test_the_only_wrong_marche_of_two_thousand_is_found_at_its_rank() -> None:
    document = json.loads(Path(EXAMPLES / BASES[1]).read_text("utf-8"))
    one = document["marches"]["marche"][0]
    document["marches"]["marche"] = [{**one, "id": f"2026-{n}"} for n in range(2_000)]
    document["marches"]["marche"][1_999]["montant"] = 0
    report = contracts.validate(DECP, json.dumps(document).encode())
    assert [(f.rule, f.path) for f in report.findings] == [("DECP-SCHEMA", "$.marches.marche[1999].montant")]
