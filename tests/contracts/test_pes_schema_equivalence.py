"""Our PES schemas give the official verdict, on every known document and on thousands of damaged ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

import contracts
from tests.contracts.pes.mutations import VALUES, random_values, set_everywhere, structural
from tests.contracts.pes.official import ACQUIT, CONTRACTS, MARCHE, codes, complete, official, ours, refused_places
from tests.shared import shared_path

_OUT_OF_SCOPE = ("PES-PERIMETRE", "PES-DOCTYPE", "PES-XML", "ACQ-DOCTYPE", "ACQ-XML")


def _own_examples(contract_id: str) -> Iterator[etree._ElementTree]:
    for example in contracts.get(contract_id).examples:
        if example.rule not in _OUT_OF_SCOPE and "utf-8-reel" not in example.path.name:
            yield etree.parse(example.path)


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_official_and_synthetic_documents_get_the_official_verdict(contract_id: str) -> None:
    theirs, mine = official(contract_id), ours(contract_id)
    folder = shared_path("standards", "pes")
    documents = sorted([*folder.glob("exemples-synthetiques/*.xml"), *folder.glob("fixtures-pastell/*.xml")])
    verdicts = [theirs.validate(etree.parse(path)) for path in documents]

    assert [mine.validate(etree.parse(path)) for path in documents] == verdicts
    assert True in verdicts
    assert False in verdicts


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_our_examples_get_the_official_verdict(contract_id: str) -> None:
    theirs, mine = official(contract_id), ours(contract_id)
    compared = 0
    for tree in _own_examples(contract_id):
        compared += 1
        assert refused_places(mine, tree) == refused_places(theirs, tree), tree.docinfo.URL
    assert compared >= 15


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_the_complete_document_is_valid_and_uses_every_element_of_the_format(contract_id: str) -> None:
    tree = complete(contract_id)
    assert official(contract_id).validate(tree)

    used = {node.tag for node in tree.getroot().iterdescendants(etree.Element)}
    folder = contracts.get(contract_id).folder
    declared = {
        str(element.get("name"))
        for path in folder.glob("*.xsd")
        for element in etree.parse(path).iter("{http://www.w3.org/2001/XMLSchema}element")
        if element.getparent().tag != "{http://www.w3.org/2001/XMLSchema}schema"
    }
    assert declared - used <= {"PES_DepenseAller", "PES_RecetteAller", "PES_Facture", "IdMarche", "IdUnique"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_every_value_in_every_place_gets_the_official_verdict(contract_id: str) -> None:
    theirs, mine, tree = official(contract_id), ours(contract_id), complete(contract_id)
    seen = {"accepted": 0, "refused": 0}
    places = sum("V" in node.attrib for node in tree.iter(etree.Element))
    for value in (*VALUES, *random_values(seed=517, count=300), *codes(contract_id)):
        set_everywhere(tree, value)
        expected = refused_places(theirs, tree)
        assert refused_places(mine, tree) == expected, repr(value)
        seen["refused"] += len(expected)
        seen["accepted"] += places - len(expected)

    assert min(seen.values()) > 5_000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_every_damaged_structure_gets_the_official_verdict(contract_id: str) -> None:
    theirs, mine, tree = official(contract_id), ours(contract_id), complete(contract_id)
    verdicts = {True: 0, False: 0}
    for damage in structural(tree):
        expected = theirs.validate(tree)
        assert mine.validate(tree) == expected, damage
        verdicts[expected] += 1

    assert theirs.validate(tree), "the mutations were not undone"
    assert verdicts[True] > 20
    assert verdicts[False] > 400


@pytest.mark.parametrize("contract_id", MARCHE)
def test_blocks_out_of_scope_are_opaque_to_the_schema_and_refused_by_one_rule(contract_id: str) -> None:
    folder = contracts.get(contract_id).folder / "examples" / "invalid"
    for path in folder.glob("PES-PERIMETRE*.xml"):
        assert ours(contract_id).validate(etree.parse(path))
        assert [finding.rule for finding in contracts.validate(contract_id, path.read_bytes()).findings] == [
            "PES-PERIMETRE"
        ]


def test_acknowledgements_met_in_the_field_are_accepted_with_warnings_only() -> None:
    for path in sorted(shared_path("standards", "pes", "fixtures-pastell").glob("*ACQUIT*.xml")):
        report = contracts.validate(ACQUIT, path.read_bytes())
        assert report.valid, report.findings
        assert {finding.rule for finding in report.findings} == {"ACQ-NOMFIC"}
