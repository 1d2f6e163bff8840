"""Schematron files are evaluated as the standard says: same verdict as the reference implementation, much faster."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from lxml import etree, isoschematron  # type: ignore[attr-defined]  # the stubs lack it

import contracts
from contracts.schematron import Schematron, SchematronError, assert_texts, compiled
from contracts.schematron_guard import Guard
from contracts.xml import parse, path_of
from tests.contracts.pes.mutations import structural
from tests.contracts.pes.official import ACQUIT, CONTRACTS, complete

SCH = """<schema xmlns="http://purl.oclc.org/dsdl/schematron">
 <title>Essai</title>
 <ns prefix="m" uri="urn:m"/>
 <let name="plafond" value="100"/>
 <pattern>
  <let name="premier" value="//lot[1]/@n"/>
  <rule context="m:r/lot[@type='cadre']">
   <assert id="E-CADRE" test="not(montant)">Le lot <value-of select="@n"/> n'a pas de montant.</assert>
  </rule>
  <rule context="lot">
   <let name="m" value="number(montant)"/>
   <assert id="E-MONTANT" test="$m &lt;= $plafond">Lot <value-of select="@n"/> :
     <value-of select="$m"/> dépasse (<name/>).</assert>
   <report id="E-PREMIER" test="@n = $premier and $m = 0">Le premier lot est nul.</report>
  </rule>
 </pattern>
 <pattern>
  <rule context="/m:r">
   <assert id="E-SOMME" test="sum(lot/montant) = @total">La somme n'est pas le total.</assert></rule>
 </pattern>
</schema>"""
DOCUMENTS = [
    '<r xmlns="urn:m" total="10"><lot xmlns="" n="1"><montant>10</montant></lot></r>',
    '<r xmlns="urn:m" total="10"><lot xmlns="" n="1"><montant>0</montant></lot></r>',
    '<r xmlns="urn:m" total="110"><lot xmlns="" n="1"><montant>110</montant></lot></r>',
    '<r xmlns="urn:m" total="500"><lot xmlns="" n="1" type="cadre"><montant>500</montant></lot></r>',
    '<r xmlns="urn:m" total="0"><lot xmlns="" n="1" type="cadre"/></r>',
    '<r xmlns="urn:m" total="1"><lot xmlns="" n="1"><montant>x</montant></lot></r>',
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "essai.sch"
    path.write_text(SCH, "utf-8")
    return path


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_document_gets_the_verdict_of_the_reference_implementation(file: Path, document: str) -> None:
    reference = isoschematron.Schematron(
        etree.parse(str(file)), store_report=True, error_finder=isoschematron.Schematron.ASSERTS_AND_REPORTS
    )
    tree = parse(document.encode())
    reference.validate(tree)
    svrl = "{http://purl.oclc.org/dsdl/svrl}"
    failed = reference.validation_report.iter(f"{svrl}failed-assert", f"{svrl}successful-report")
    assert [failure.rule for failure in compiled(file).failures(tree)] == [node.get("id") for node in failed]


def test_a_failure_says_its_message_with_the_values_and_the_place(file: Path) -> None:
    tree = parse(DOCUMENTS[2].encode())
    (failure,) = compiled(file).failures(tree)
    assert failure.message == "Lot 1 : 110 dépasse (lot)."
    assert path_of(failure.node) == "/r/lot"


def test_only_the_first_rule_that_matches_a_node_applies_in_a_pattern(file: Path) -> None:
    found = [failure.rule for failure in compiled(file).failures(parse(DOCUMENTS[3].encode()))]
    assert found == ["E-CADRE"]


def test_messages_can_be_listed_without_a_document(file: Path) -> None:
    assert assert_texts(file)["E-CADRE"] == "Le lot … n'a pas de montant."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('test="not(montant)"', 'test="not(montant"'),
        ('id="E-CADRE" ', ""),
        ("<title>Essai</title>", '<phase id="p"/>'),
        ("<pattern>", '<pattern abstract="true">'),
        ("context=\"m:r/lot[@type='cadre']\"", 'context="a[b]|c"'),
        ('<let name="premier"', '<let name="plafond"'),
    ],
)
def test_what_is_not_supported_is_refused_when_the_file_is_read(file: Path, old: str, new: str) -> None:
    file.write_text(SCH.replace(old, new), "utf-8")
    with pytest.raises(SchematronError):
        compiled(file)


def node_by_node(path: Path, tree: etree._ElementTree) -> list[tuple[str, str, str]]:
    """What the file says without its guard: every rule is evaluated at every node."""
    unguarded = Schematron(path)
    every = {number for pattern in unguarded._patterns for number in pattern.numbers}
    unguarded._guard = cast("Guard", SimpleNamespace(broken=lambda _: every))
    return [(failure.rule, path_of(failure.node), failure.message) for failure in unguarded.failures(tree)]


def guarded(path: Path, tree: etree._ElementTree) -> list[tuple[str, str, str]]:
    return [(failure.rule, path_of(failure.node), failure.message) for failure in compiled(path).failures(tree)]


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_the_guard_misses_nothing_on_a_document_damaged_in_every_place(contract_id: str) -> None:
    path = contracts.get(contract_id).schematron
    assert path is not None
    tree, seen = complete(contract_id), set[str]()
    step = 2 if contract_id == ACQUIT else 25
    for number, damage in enumerate(structural(tree)):
        if number % step:
            continue
        found = node_by_node(path, tree)
        assert guarded(path, tree) == found, damage
        seen.update(rule for rule, _, _ in found)
    assert len(seen) >= (3 if contract_id == ACQUIT else 15)


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_the_guard_lets_a_sound_document_through_and_stops_each_broken_one(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    path = contract.schematron
    assert path is not None
    coded = {rule.id: rule.kind for rule in contract.rules}
    for example in contract.examples:
        if example.rule is None or coded[example.rule] == "schematron":
            tree = parse(example.path.read_bytes())
            broken = compiled(path)._guard.broken(tree)
            assert bool(broken) is (example.rule is not None), example.path.name
            assert guarded(path, tree) == node_by_node(path, tree)


PLACES = """<schema xmlns="http://purl.oclc.org/dsdl/schematron">
 <ns prefix="m" uri="urn:m"/>
 <let name="seuil" value="number(/*/@seuil)"/>
 <pattern>
  <let name="borne" value="$seuil + 1"/>
  <rule context="a/b | c/b | m:d">
   <let name="n" value="@n"/>
   <assert id="E-SEUIL" test="$n &lt; $borne">Trop.</assert>
   <assert id="E-DOUBLE" test="not(../*[@n = $n][2])">Deux fois.</assert>
  </rule>
  <rule context="b"><assert id="E-ORPHELIN" test="false()">Hors de a et de c.</assert></rule>
  <rule context="e[@n]"><let name="m" value="@n"/><assert id="E-AUTRE" test="not(//b[@n = $m])">Repris.</assert></rule>
 </pattern>
</schema>"""


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('<r seuil="3"><a><b n="1"/></a><c><b n="3"/></c></r>', []),
        ('<r seuil="3"><a><b n="1"/></a><c><b n="4"/></c></r>', [("E-SEUIL", "/r/c/b")]),
        ('<r seuil="3"><x><b n="1"/></x></r>', [("E-ORPHELIN", "/r/x/b")]),
        ('<r seuil="3"><a><x><b n="9"/></x></a></r>', [("E-ORPHELIN", "/r/a/x/b")]),
        ('<r seuil="3"><a><b n="2"/><o n="2"/></a></r>', [("E-DOUBLE", "/r/a/b")]),
        ('<r seuil="3"><x><d xmlns="urn:m" n="7"/></x></r>', [("E-SEUIL", "/r/x/d")]),
        ('<r seuil="3"><x><d n="7"/></x></r>', []),
        ('<r seuil="3"><a><b n="2"/></a><e n="2"/><e/></r>', [("E-AUTRE", "/r/e[1]")]),
    ],
)
def test_places_namespaces_and_variables_of_every_level_are_seen_by_the_guard(
    tmp_path: Path, document: str, expected: list[tuple[str, str]]
) -> None:
    path = tmp_path / "places.sch"
    path.write_text(PLACES, "utf-8")
    tree = parse(document.encode())
    assert [(rule, place) for rule, place, _ in guarded(path, tree)] == expected
    assert guarded(path, tree) == node_by_node(path, tree)
