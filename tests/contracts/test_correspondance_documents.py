"""Conversions of files: what comes out is valid, and says everything that was completed, lost or refused."""

from __future__ import annotations

import copy
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

import contracts
from contracts.correspondance import PRESENT, convert, decp_of_pes, readable
from contracts.refusal import Refused
from contracts.streaming import WrongEnvelope
from tests.contracts.conversions import JSON, XML, completions, converted, example, former, losses, refusals
from tests.shared import shared_path

PES = "dgfip/pes-marche/5.30"
CONVERTIBLE = [
    pytest.param(contract, example.path, id=f"{contract.id}/{example.path.name}")
    for contract in contracts.catalogue()
    if contract.schema is not None and readable(contract)
    for example in contract.examples
    if example.rule is None
]


@pytest.mark.parametrize("to", PRESENT)
@pytest.mark.parametrize(("contract", "path"), CONVERTIBLE)
def test_every_valid_example_becomes_a_valid_document(
    contract: contracts.InterfaceContract, path: Path, to: str
) -> None:
    said, result = converted(contract.id, path.read_bytes(), to)
    written = [outcome for outcome in said if outcome.written]
    if to == JSON:
        assert len(written) == len(result["marche"]) + len(result.get("contrat-concession", ()))
    else:
        assert len(written) == len(result)
    assert all(outcome.written or refusals(outcome) for outcome in said)


@pytest.mark.parametrize("folder", ["v1.5.0", "v2.0.0", "v2.0.3"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_official_example_is_converted(folder: str, form: str) -> None:
    for file in sorted(shared_path("standards", "decp", folder, "exemples", form).glob(f"*.{form}")):
        body = file.read_bytes()
        found = contracts.recognise(body, file.name)
        assert found is not None
        for to in PRESENT:
            assert all(outcome.written for outcome in converted(found, body, to)[0]), file.name


@pytest.mark.parametrize(
    "name", ["marches_et_concession", "travaux_avec_sous_traitance_et_modifications", "concession"]
)
def test_json_to_xml_and_back_changes_nothing(name: str) -> None:
    body = example(JSON, f"{name}.json").read_bytes()
    out = io.BytesIO()
    there = list(convert(contracts.get(JSON), io.BytesIO(body), out, XML))
    back, result = converted(XML, out.getvalue())
    assert all(outcome.written and not losses(outcome) and not completions(outcome) for outcome in [*there, *back])
    before = json.loads(body, parse_float=Decimal)["marches"]
    assert {kind: held for kind, held in result.items() if held} == {
        kind: held for kind, held in before.items() if held
    }


def test_a_json_contract_with_more_inside_loses_it_in_xml_and_says_where() -> None:
    document = json.loads(example(JSON, "accord_cadre.json").read_text("utf-8"))
    document["marches"]["marche"][0]["acheteur"]["nom"] = "CH Fictif"
    (said,), root = converted(JSON, json.dumps(document).encode(), XML)
    assert losses(said) == {"propriete-inconnue"}
    assert said.converted is not None
    assert [champ for _, champ in said.converted.losses] == ["$.acheteur.nom"]
    assert root.find(".//nom") is None


def test_what_the_json_takes_and_the_xml_does_not_is_said_and_left_out() -> None:
    document = json.loads(example(JSON, "accord_cadre.json").read_text("utf-8"))
    document["marches"]["marche"][0]["dateNotification"] = "2026-02-30"
    (said,), root = converted(JSON, json.dumps(document).encode(), XML)
    assert not said.written
    assert any(finding.rule == "DECP-SCHEMA" and "dateNotification" in finding.path for finding in said.findings)
    assert len(root) == 0


def test_a_value_repeated_in_xml_is_kept_once() -> None:
    root = contracts.xml.parse(example(XML, "accord_cadre.xml").read_bytes()).getroot()
    listed = root.find("marche/techniques")
    assert listed is not None
    listed.append(copy.deepcopy(listed[0]))
    (said,), result = converted(XML, etree.tostring(root, encoding="utf-8"))
    assert losses(said) == {"valeur-repetee"}
    assert len(result["marche"][0]["techniques"]["technique"]) == 1


def test_one_bad_contract_leaves_the_others() -> None:
    good = former("1.5.0")
    body = json.dumps({"marches": [good, former("1.5.0", nature="?"), former("1.5.0", id="2021DM00200")]}).encode()
    said, result = converted("daj/decp-json/1.5.0", body)
    assert [outcome.written for outcome in said] == [True, False, True]
    assert [marche["id"] for marche in result["marche"]] == ["2021DM00100", "2021DM00200"]
    assert [(finding.rule, finding.path) for finding in said[1].findings if finding.severity == "error"] == [
        ("DECP-SCHEMA", "$.marches[1].nature")
    ]


@pytest.mark.parametrize("body", [b'{"marches": [', b'{"marches": {"marche": []}}', b'{"marches": 1}'])
def test_a_file_that_cannot_be_read_writes_nothing(body: bytes) -> None:
    out = io.BytesIO()
    if body == b'{"marches": {"marche": []}}':
        # Well formed, but not the envelope of 1.5.0: nothing in it contradicts it before a contract is met.
        list(convert(contracts.get("daj/decp-json/1.5.0"), io.BytesIO(body), out))
        return
    with pytest.raises(Refused):
        list(convert(contracts.get("daj/decp-json/1.5.0"), io.BytesIO(body), out))
    assert out.getvalue() == b""


def test_the_envelope_must_be_that_of_the_version() -> None:
    body = json.dumps({"marches": {"marche": [former("1.5.0")]}}).encode()
    with pytest.raises(WrongEnvelope):
        list(convert(contracts.get("daj/decp-json/1.5.0"), io.BytesIO(body), io.BytesIO()))


def test_only_the_format_in_force_is_written() -> None:
    with pytest.raises(ValueError, match=r"1\.5\.0"):
        list(convert(contracts.get(JSON), io.BytesIO(b"{}"), io.BytesIO(), "daj/decp-json/1.5.0"))


def test_decp_of_pes_gives_the_contracts_in_the_order_of_the_file() -> None:
    found = decp_of_pes(example(PES, "complet.xml").read_bytes())
    assert [(made.kind, made.data["id"]) for made in found] == [
        ("marche", "2026MS001"),
        ("contrat-concession", "2026CONC01"),
    ]
