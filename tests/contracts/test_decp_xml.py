"""Our DECP XML schema gives the verdict of the official schema, on its examples and on every small damage to them."""

from __future__ import annotations

import copy
from functools import cache

import pytest
from lxml import etree

import contracts
from contracts import xsd
from tests.contracts.mutations import xml_mutations
from tests.shared import shared_path

DECP = "daj/decp-xml/2.0.2"
EXAMPLES = contracts.get(DECP).folder / "examples"
BASES = ("travaux_avec_sous_traitance_et_modifications", "accord_cadre", "concession", "marches_et_concession")


@cache
def official() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(shared_path("standards", "decp", "v2.0.2", "schema_decp_v2.0.2.xsd")))


def ours() -> etree.XMLSchema:
    schema = contracts.get(DECP).schema
    assert schema is not None
    return xsd.compiled(schema)


def official_examples() -> list[bytes]:
    files = sorted(shared_path("standards", "decp", "v2.0.3", "exemples", "xml").glob("*.xml"))
    assert len(files) == 3
    return [file.read_bytes() for file in files]


def same_verdict(root: etree._Element, what: str) -> bool:
    # Serialised and read again: what a partner sends is bytes, without the leftovers of our edits.
    tree = etree.fromstring(etree.tostring(root)).getroottree()
    expected = official().validate(tree)
    assert ours().validate(tree) == expected, what
    return expected


def test_the_official_examples_are_valid_under_both_schemas() -> None:
    for body in official_examples():
        assert official().validate(contracts.xml.parse(body))
        assert contracts.validate(DECP, body).valid


@pytest.mark.parametrize("base", BASES[:3])
def test_every_small_damage_gets_the_official_verdict(base: str) -> None:
    root = contracts.xml.parse((EXAMPLES / "valid" / f"{base}.xml").read_bytes()).getroot()
    verdicts = [same_verdict(damaged, what) for what, damaged in xml_mutations(root)]
    assert verdicts.count(False) > 500
    assert verdicts.count(True) > 20


def test_damage_to_the_official_examples_gets_the_official_verdict() -> None:
    for body in official_examples():
        root = contracts.xml.parse(body).getroot()
        root[:] = root[:1]
        for what, damaged in xml_mutations(root):
            same_verdict(damaged, what)


def test_marches_and_concessions_may_be_mixed_in_any_order() -> None:
    root = contracts.xml.parse((EXAMPLES / "valid" / f"{BASES[3]}.xml").read_bytes()).getroot()
    root.append(copy.deepcopy(root[0]))
    assert same_verdict(root, "marche after contrat-concession")
    root[:] = []
    assert same_verdict(root, "no contract at all")


def test_a_single_marche_is_a_document_as_in_the_official_schema() -> None:
    root = contracts.xml.parse((EXAMPLES / "valid" / "accord_cadre.xml").read_bytes()).getroot()
    assert same_verdict(root[0], "marche as root")


def test_json_and_xml_examples_of_the_same_contract_get_the_same_business_findings() -> None:
    pairs = 0
    for file in sorted(EXAMPLES.glob("invalid/*.xml")):
        twin = contracts.get("daj/decp-json/2.0.4").folder / "examples" / "invalid" / f"{file.stem}.json"
        if not twin.exists() or "SCHEMA" in file.stem or "ENCODAGE" in file.stem or "DATE" in file.stem:
            continue
        pairs += 1
        found = [
            [(f.rule, f.message) for f in contracts.validate(contract, path.read_bytes()).findings]
            for contract, path in ((DECP, file), ("daj/decp-json/2.0.4", twin))
        ]
        assert found[0] == found[1], file.name
    assert pairs > 15
