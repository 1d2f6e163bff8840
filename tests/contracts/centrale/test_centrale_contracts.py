"""The contracts of both cooperatives: their examples are what they say, and the two are one model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate as validate_openapi
from referencing import Registry, Resource

import contracts
from contracts.rules import centrale

PARTNERS = ("uniha", "resah")
DOCUMENTS = [one for one in contracts.catalogue() if one.partner in PARTNERS and one.schema is not None]
EXAMPLES = [
    pytest.param(one, example, id=f"{one.id}/{example.path.name}") for one in DOCUMENTS for example in one.examples
]
INTERFACES = {
    "adhesion-json",
    "adhesions-csv",
    "acquittement-json",
    "acquittements-csv",
    "etat-adhesion-json",
    "etats-adhesion-csv",
    "marches-json",
    "marches-csv",
    "produits-json",
}
# Nothing in them says what they are, or the key that says it is what is missing.
_UNRECOGNISABLE = ("vide.csv", "virgules", "tronque")


@pytest.mark.parametrize(("contract", "example"), EXAMPLES)
def test_an_example_breaks_exactly_the_rule_its_name_says_and_is_recognised(
    contract: contracts.InterfaceContract, example: contracts.Example
) -> None:
    body = example.path.read_bytes()
    report = contracts.validate(contract.id, body)
    assert {finding.rule for finding in report.findings} == ({example.rule} if example.rule else set())
    assert all(finding.message.endswith(".") for finding in report.findings)
    if not any(mark in example.path.name for mark in _UNRECOGNISABLE):
        assert contracts.recognise(body, example.path.name) == contract.id


@pytest.mark.parametrize("contract", DOCUMENTS, ids=lambda one: str(one.id))
def test_every_rule_has_an_example_that_breaks_it_and_the_contract_says_it_is_a_hypothesis(
    contract: contracts.InterfaceContract,
) -> None:
    broken = {example.rule for example in contract.examples}
    # A document over 50 MiB is no example to ship.
    assert {rule.id for rule in contract.rules} - broken == {"CEN-TAILLE"}
    assert any(example.rule is None for example in contract.examples)
    assert contract.status == "assumed"
    assert "supposé" in contract.title
    assert contract.schema is not None
    assert "hypothèse" in contract.schema.read_text("utf-8")


@pytest.mark.parametrize("interface", sorted(INTERFACES))
def test_the_two_cooperatives_have_the_same_contract_under_their_own_name(interface: str) -> None:
    ours, theirs = (contracts.get(f"{partner}/{interface}/1") for partner in PARTNERS)
    assert ours.rules == theirs.rules
    assert {one.path.name for one in ours.examples} == {one.path.name for one in theirs.examples}
    assert ours.schema is not None
    assert theirs.schema is not None
    texts = [one.read_text("utf-8") for one in (ours.schema, theirs.schema)]
    said = [
        text.replace(partner, "x").replace(partner.capitalize(), "X").replace(name, "X")
        for text, partner, name in zip(texts, PARTNERS, ("UniHA", "RESAH"), strict=True)
    ]
    assert said[0].replace("convention d'adhésion", "convention de mise à disposition") == said[1]


def test_nothing_else_is_published_by_these_partners() -> None:
    assert {one.interface for one in DOCUMENTS} == INTERFACES
    for partner in PARTNERS:
        assert contracts.get(f"{partner}/api/1").status == "assumed"


def test_a_rule_has_one_severity_one_source_and_one_sentence() -> None:
    known: dict[str, tuple[str, str, str]] = {}
    for contract in DOCUMENTS:
        for rule in contract.rules:
            if rule.kind == "coded":
                said = rule.severity, rule.source, rule.message
                assert known.setdefault(rule.id, said) == said
    assert len(known) == 18


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"marches": 3}, {"marches": [None, {"lots": "x"}]}])
def test_no_check_raises_on_a_document_of_another_shape(document: Any) -> None:
    for name in (
        "sirets", "finess", "titulaires", "dates", "besoin", "facture", "rejet", "motif", "redevance", "nombre",
        "doublons", "prix_en_double", "lots", "groupement", "pages", "complet", "montants",
    ):  # fmt: skip
        list(getattr(centrale, name)(document))


def test_values_of_the_wrong_type_are_left_to_the_schema() -> None:
    wrong = {
        "adhesion": {"besoinTTC": 3, "dateFin": 1, "etablissement": {"siret": 1, "finess": []}},
        "acheteur": {"siret": {}},
        "statut": [],
        "nombreMarches": "2",
        "marches": [{"numero": [], "lots": [{"numero": {}, "titulaires": [{"id": []}], "beneficiaires": [1, None]}]}],
        "pages": [{"page": "1", "lignes": [{"numeroMarche": []}]}],
    }
    for partner in PARTNERS:
        for interface in ("adhesion-json", "marches-json", "produits-json"):
            report = contracts.validate(f"{partner}/{interface}/1", json.dumps(wrong).encode())
            assert {one.rule for one in report.findings} == {"CEN-SCHEMA"}


def _api(partner: str) -> tuple[Path, dict[str, Any]]:
    path = contracts.get(f"{partner}/api/1").folder / "openapi.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return path, document


@pytest.mark.parametrize("partner", PARTNERS)
def test_the_api_is_a_correct_openapi_document_whose_examples_follow_its_schemas(partner: str) -> None:
    path, api = _api(partner)
    validate_openapi(api, base_uri=path.as_uri())
    assert "hypothèse" in api["info"]["description"]

    def load(uri: str) -> Resource[Any]:
        content = json.loads(Path(uri.removeprefix("file://")).read_text("utf-8"))
        content.pop("$id")
        return Resource.from_contents(content)

    registry: Registry[Any] = Registry(retrieve=load)  # type: ignore[call-arg]
    registry = registry.with_resource(path.as_uri(), Resource.from_contents({**api, "$schema": _DIALECT}))
    checked = 0
    for pointer, schema, example in _examples(api):
        found = {"$ref": f"{path.as_uri()}#{pointer}/schema"}
        assert schema
        Draft202012Validator(found, registry=registry).validate(example)
        checked += 1
    assert checked >= 12


_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _examples(node: Any, pointer: str = "") -> list[tuple[str, Any, Any]]:
    found = []
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            found.append((pointer, node["schema"], node["example"]))
        for key, value in node.items():
            found += _examples(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    return found


def test_the_two_apis_differ_by_their_credentials_only() -> None:
    ours, theirs = (_api(partner)[1] for partner in PARTNERS)
    assert set(ours["paths"]) - set(theirs["paths"]) == {"/oauth/token"}
    assert list(ours["components"]["securitySchemes"]) == ["jeton", "client"]
    assert list(theirs["components"]["securitySchemes"]) == ["cleAPI"]
    for path, item in theirs["paths"].items():
        names = {method: one["operationId"] for method, one in item.items() if method in ("get", "post", "put")}
        assert names == {m: one["operationId"] for m, one in ours["paths"][path].items() if m in names}
