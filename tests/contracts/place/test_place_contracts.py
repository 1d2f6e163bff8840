"""The interface contracts of PLACE: every rule has an example that breaks it, and nothing is passed off as known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

import contracts

IDS = sorted(one.id for one in contracts.catalogue() if one.partner == "place")
WITH_DOCUMENTS = [one for one in IDS if contracts.get(one).schema is not None]
EXAMPLES = [(contract_id, one) for contract_id in WITH_DOCUMENTS for one in contracts.get(contract_id).examples]
APIS = {"place/mpe-v1/1": "derived", "place/mpe-v2/2": "assumed"}
METHODS = ("get", "post", "put", "patch", "delete")


def test_the_contracts_are_those_of_the_two_channels() -> None:
    assert IDS == [
        "place/consultation/2",
        "place/depot-csv/1",
        "place/donnees-essentielles/1",
        "place/export-consultations-csv/1",
        "place/export-consultations-json/1",
        "place/mpe-v1/1",
        "place/mpe-v2/2",
    ]


@pytest.mark.parametrize(("contract_id", "example"), EXAMPLES, ids=lambda value: getattr(value, "path", Path("")).name)
def test_an_example_breaks_exactly_the_rule_its_name_says(contract_id: str, example: contracts.Example) -> None:
    report = contracts.validate(contract_id, example.path.read_bytes())
    assert {finding.rule for finding in report.findings} == ({example.rule} if example.rule else set())
    assert all("{detail}" not in finding.message and finding.message.endswith(".") for finding in report.findings)


@pytest.mark.parametrize("contract_id", WITH_DOCUMENTS)
def test_every_rule_has_an_example_that_breaks_it(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    missing = {rule.id for rule in contract.rules} - {example.rule for example in contract.examples}
    # A document over 50 MiB is no example to ship.
    assert missing == {f"{contract.prefix}-TAILLE"}
    assert all(rule.source for rule in contract.rules)


@pytest.mark.parametrize("contract_id", IDS)
def test_only_what_was_seen_publicly_is_derived(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    derived = contract_id in {"place/mpe-v1/1", "place/donnees-essentielles/1"}
    assert contract.status == ("derived" if derived else "assumed")
    assert derived or "supposé" in contract.title


@pytest.mark.parametrize(("contract_id", "example"), [pair for pair in EXAMPLES if pair[1].rule is None])
def test_a_valid_example_is_recognised(contract_id: str, example: contracts.Example) -> None:
    assert contracts.recognise(example.path.read_bytes(), example.path.name) == contract_id


@pytest.mark.parametrize("contract_id", APIS)
def test_the_api_is_a_correct_openapi_document_that_says_what_is_assumed(contract_id: str) -> None:
    text = (contracts.get(contract_id).folder / "openapi.yaml").read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    OpenAPIV31SpecValidator(document).validate()
    assert "hypothèse" in document["info"]["description"].lower()
    operations = [item[method] for item in document["paths"].values() for method in METHODS if method in item]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    # The platform is incomplete: any operation may not be offered, but the one that says it is up.
    assert all("501" in operation["responses"] for operation in operations if operation["operationId"] != "sante")
