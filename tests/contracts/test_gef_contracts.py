"""The supposed IDEO GELF contracts: every rule has an example that breaks it, and the artefacts agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate as validate_openapi
from referencing import Registry, Resource

import contracts

IDS = [
    "gef_ideo_gelf/marches-api/1",
    "gef_ideo_gelf/marches-csv/1",
    "gef_ideo_gelf/acquittement-json/1",
    "gef_ideo_gelf/acquittement-csv/1",
]
EXAMPLES = [(contract_id, one) for contract_id in IDS for one in contracts.get(contract_id).examples]
OPENAPI = contracts.get(IDS[0]).folder / "openapi.yaml"
# The size rule needs 50 MiB, the others of this list break nothing of their own kind.
WITHOUT_EXAMPLE = {"GEF-TAILLE", "GEF-ACQ-TAILLE"}


@pytest.mark.parametrize(("contract_id", "example"), EXAMPLES, ids=lambda value: getattr(value, "path", Path("")).name)
def test_an_example_breaks_exactly_the_rule_its_name_says(contract_id: str, example: contracts.Example) -> None:
    report = contracts.validate(contract_id, example.path.read_bytes())
    assert {finding.rule for finding in report.findings} == ({example.rule} if example.rule else set())
    assert all(finding.message.endswith(".") for finding in report.findings)


@pytest.mark.parametrize("contract_id", IDS)
def test_every_rule_has_an_example_that_breaks_it(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    broken = {example.rule for example in contract.examples}
    assert {rule.id for rule in contract.rules} - broken <= WITHOUT_EXAMPLE


@pytest.mark.parametrize("contract_id", IDS)
def test_the_contract_says_that_it_is_a_hypothesis(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    assert contract.status == "assumed"
    assert "supposé" in contract.title
    assert contract.schema is not None
    assert "hypothèse" in contract.schema.read_text("utf-8")


def test_a_document_too_big_is_refused() -> None:
    for contract_id in IDS:
        [finding] = contracts.validate(contract_id, b" " * (50 * 1024 * 1024 + 1)).findings
        assert finding.rule.endswith("-TAILLE")


@pytest.mark.parametrize(("contract_id", "example"), [pair for pair in EXAMPLES if pair[1].rule is None])
def test_a_valid_example_is_recognised(contract_id: str, example: contracts.Example) -> None:
    assert contracts.recognise(example.path.read_bytes(), example.path.name) == contract_id


def test_a_finding_names_the_place_and_the_line() -> None:
    path = contracts.get(IDS[0]).folder / "examples" / "invalid" / "GEF-COMPTE.json"
    [finding] = contracts.validate(IDS[0], path.read_bytes()).findings
    assert finding.path == "$.lignes[0].compte"
    assert finding.line is not None
    assert "401100" in path.read_text("utf-8").splitlines()[finding.line - 1]


def test_the_openapi_document_is_valid_and_says_that_it_is_a_hypothesis() -> None:
    document = yaml.safe_load(OPENAPI.read_text("utf-8"))
    validate_openapi(document, base_uri=OPENAPI.as_uri())
    assert "hypothèse" in document["info"]["description"]
    for path, operations in document["paths"].items():
        for method in set(operations) - {"parameters"}:
            assert "401" in operations[method]["responses"], f"{method} {path}"


COMPONENTS = {
    "MessageFournisseur": "fournisseur",
    "MessageMarche": "marche",
    "MessageModification": "modification",
    "MessageCorrection": "correction",
}


def validators() -> dict[str, Draft202012Validator]:
    """The component schemas, resolved as OpenAPI tools do: by the files their ``$ref`` names."""
    components = yaml.safe_load(OPENAPI.read_text("utf-8"))["components"]["schemas"]

    def load(uri: str) -> Resource[Any]:
        content = json.loads(Path(uri.removeprefix("file://")).read_text("utf-8"))
        content.pop("$id")
        return Resource.from_contents(content)

    registry: Registry[Any] = Registry(retrieve=load)  # type: ignore[call-arg]
    return {
        kind: Draft202012Validator(
            {"$ref": OPENAPI.parent.as_uri() + "/" + components[name]["$ref"]},
            registry=registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        for name, kind in COMPONENTS.items()
    }


def test_the_openapi_components_and_the_message_schema_give_the_same_verdict() -> None:
    by_kind = validators()
    compared = 0
    for example in contracts.get(IDS[0]).examples:
        try:
            document = json.loads(example.path.read_bytes())
        except ValueError:
            continue
        if document["typeMessage"] not in by_kind:
            continue
        findings = contracts.validate(IDS[0], example.path.read_bytes()).findings
        refused = any(finding.rule == "GEF-SCHEMA" for finding in findings)
        assert by_kind[document["typeMessage"]].is_valid(document) is not refused, example.path.name
        compared += 1
    assert compared >= 20


def test_a_component_refuses_the_messages_of_another_type() -> None:
    by_kind = validators()
    for example in contracts.get(IDS[0]).examples:
        if example.rule is None:
            document = json.loads(example.path.read_bytes())
            taken = [kind for kind, validator in by_kind.items() if validator.is_valid(document)]
            assert taken == [document["typeMessage"]]


def test_the_same_rule_says_the_same_in_json_and_in_csv() -> None:
    in_json, in_csv = ({rule.id: rule for rule in contracts.get(one).rules} for one in IDS[:2])
    same = {"GEF-SIRET", "GEF-FINESS", "GEF-COMPTE", "GEF-DATES", "GEF-MODIF"}
    for rule_id in same:
        assert in_json[rule_id].message == in_csv[rule_id].message
        assert in_json[rule_id].severity == in_csv[rule_id].severity


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*here, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*here, index))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_gives_a_report_never_a_crash(data: st.DataObject) -> None:
    contract_id = data.draw(st.sampled_from([IDS[0], IDS[2]]))
    example = data.draw(st.sampled_from([one for one in contracts.get(contract_id).examples if one.rule is None]))
    document = json.loads(example.path.read_bytes())
    *parents, last = data.draw(st.sampled_from([place for place in places(document) if place]))
    target = document
    for step in parents:
        target = target[step]
    target[last] = data.draw(JSON_VALUES)
    report = contracts.validate(contract_id, json.dumps(document).encode())
    assert report.contract == contract_id


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_text_in_any_cell_gives_a_report_never_a_crash(data: st.DataObject) -> None:
    contract_id = data.draw(st.sampled_from([IDS[1], IDS[3]]))
    example = data.draw(st.sampled_from([one for one in contracts.get(contract_id).examples if one.rule is None]))
    header, first, *rest = example.path.read_text("utf-8-sig").splitlines()
    cells = first.split(";")
    position = data.draw(st.integers(0, len(cells) - 1))
    cells[position] = data.draw(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
    report = contracts.validate(contract_id, "\r\n".join([header, ";".join(cells), *rest]).encode())
    assert report.contract == contract_id
