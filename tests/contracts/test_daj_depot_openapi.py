"""The assumed deposit API of the DAJ: a correct OpenAPI 3.1 document, whose examples follow its own schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import contracts

_METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    document = yaml.safe_load((contracts.get("daj/depot-decp/1").folder / "openapi.yaml").read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def _operations(api: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in api["paths"].items():
        for method in _METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def _resolved(api: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    for step in node["$ref"].removeprefix("#/").split("/"):
        api = api[step]
    return api


def test_it_is_a_correct_openapi_document(api: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(api).validate()


def test_it_is_assumed_and_says_so(api: dict[str, Any]) -> None:
    assert contracts.get("daj/depot-decp/1").status == "assumed"
    assert "hypothèse" in (api["info"]["summary"] + api["info"]["description"]).lower()


def test_every_operation_is_named_once(api: dict[str, Any]) -> None:
    names = {operation["operationId"]: where for where, operation in _operations(api)}
    assert names == {
        "deposerDonnees": "post /depots",
        "lireCompteRenduDuDepot": "get /depots/{idDepot}/compte-rendu",
        "listerComptesRendus": "get /comptes-rendus",
        "lireCompteRendu": "get /comptes-rendus/{idCompteRendu}",
        "marquerCompteRenduLu": "post /comptes-rendus/{idCompteRendu}/lecture",
        "listerMarchesPublies": "get /donnees/marches",
        "listerConcessionsPubliees": "get /donnees/concessions",
        "lireSante": "get /sante",
    }


def test_every_error_is_a_problem_and_the_examples_follow_their_schemas(api: dict[str, Any]) -> None:
    checked = 0
    for where, operation in _operations(api):
        for status, found in operation["responses"].items():
            content = _resolved(api, found).get("content", {})
            if status >= "400":
                assert list(content) == ["application/problem+json"], f"{where} {status}"
            for media in content.values():
                examples = [media["example"]] if "example" in media else []
                examples += [_resolved(api, example)["value"] for example in media.get("examples", {}).values()]
                assert examples, f"{where} {status}"
                schema = {**media["schema"], "components": api["components"]}
                for example in examples:
                    errors = [error.message for error in Draft202012Validator(schema).iter_errors(example)]
                    assert errors == [], f"{where} {status}"
                    if status >= "400":
                        assert str(example["status"]) == status, where
                    checked += 1
    assert checked >= 20


def test_the_example_of_a_report_follows_the_contract_of_reports(api: dict[str, Any]) -> None:
    example = api["components"]["responses"]["CompteRendu"]["content"]["application/json"]["example"]
    assert contracts.validate("daj/compte-rendu/1", json.dumps(example).encode()).findings == ()


def test_the_headers_of_a_deposit_accept_their_examples_and_nothing_empty(api: dict[str, Any]) -> None:
    parameters = [_resolved(api, parameter) for parameter in api["paths"]["/depots"]["post"]["parameters"]]
    required = {"X-Nom-Fichier": True, "Idempotency-Key": True, "X-Remplace": False}
    assert {parameter["name"]: parameter["required"] for parameter in parameters} == required
    for parameter in parameters:
        validator = Draft202012Validator(parameter["schema"])
        assert validator.is_valid(parameter["example"])
        assert not validator.is_valid("")
