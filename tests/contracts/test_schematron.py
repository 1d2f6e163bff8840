"""Schematron files are evaluated as the standard says: same verdict as the reference implementation, much faster."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree, isoschematron

from contracts.schematron import SchematronError, assert_texts, compiled
from contracts.xml import parse, path_of

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
    ],
)
def test_what_is_not_supported_is_refused_when_the_file_is_read(file: Path, old: str, new: str) -> None:
    file.write_text(SCH.replace(old, new), "utf-8")
    with pytest.raises(SchematronError):
        compiled(file)
