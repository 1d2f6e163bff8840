"""The common GEF contracts: their examples are what they say, and a rule is the same in every syntax."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contracts
from tests.contracts.gef.breaking import BREAKS, FLUX, MESSAGE, REPONSE, Break, changed, valid
from tests.contracts.gef.syntaxes import Document, columns_of, csv_contract, to_csv, to_json, to_xml

PARTNERS = ("gef", "gef_eai_prodige")
DOCUMENTS = [one for one in contracts.catalogue() if one.partner in PARTNERS and one.schema is not None]
EXAMPLES = [
    pytest.param(one, example, id=f"{one.id}/{example.path.name}") for one in DOCUMENTS for example in one.examples
]
VALID = [(one, example) for one in DOCUMENTS for example in one.examples if example.rule is None]
TREES = [(one.id, example.path.stem) for one, example in VALID if one.id in (MESSAGE, FLUX, REPONSE)]
# Nothing in them says what they are, or the key that says it is what is missing.
_UNRECOGNISABLE = ("vide.csv", "virgules", "separateur", "colonne_absente", "utf16", "sans_message")
WRITERS = {"json": to_json, "xml": to_xml, "csv": to_csv}


def rules_of(contract_id: str, body: bytes) -> set[str]:
    return {finding.rule for finding in contracts.validate(contract_id, body).findings}


def contract_of(base: str, syntax: str, document: Document) -> str:
    return csv_contract(document) if syntax == "csv" else base.replace("-json/", f"-{syntax}/")


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
def test_every_rule_has_an_example_that_breaks_it(contract: contracts.InterfaceContract) -> None:
    broken = {example.rule for example in contract.examples}
    # A document over 50 MiB is no example to ship.
    assert {rule.id for rule in contract.rules} - broken == {f"{contract.prefix}-TAILLE"}
    assert any(example.rule is None for example in contract.examples)


@pytest.mark.parametrize("contract", DOCUMENTS, ids=lambda one: str(one.id))
def test_the_contract_says_that_it_is_a_hypothesis(contract: contracts.InterfaceContract) -> None:
    assert contract.status == "assumed"
    assert "supposé" in contract.title
    assert any("hypothèse" in source for source in contract.sources)
    assert contract.schema is not None
    assert "hypothèse" in contract.schema.read_text("utf-8")


def test_a_document_too_big_is_refused_in_every_syntax() -> None:
    body = b" " * (50 * 1024 * 1024 + 1)
    for contract_id in (MESSAGE, "gef/flux-xml/1", "gef/marches-csv/1"):
        assert rules_of(contract_id, body) == {"GEFC-TAILLE"}


@pytest.mark.parametrize("case", BREAKS, ids=lambda one: f"{one.base[1]}/{one.name}")
def test_the_same_fault_breaks_the_same_rule_in_every_syntax(case: Break) -> None:
    document = case.document()
    said = 0
    for syntax in case.only:
        contract_id = contract_of(case.base[0], syntax, document)
        if case.rule in {rule.id for rule in contracts.get(contract_id).rules}:
            assert rules_of(contract_id, WRITERS[syntax](document)) == {case.rule}, contract_id
            said += 1
    assert said


def test_a_rule_has_one_severity_one_source_and_one_sentence_per_kind() -> None:
    known: dict[tuple[str, str], tuple[str, str, str]] = {}
    compared = 0
    for contract in DOCUMENTS:
        if contract.partner != "gef":
            continue
        for rule in contract.rules:
            if rule.kind == "schema":
                continue
            said = (rule.severity, rule.source, rule.message)
            assert known.setdefault((rule.id, rule.kind), said) == said, f"{contract.id} {rule.id}"
            assert known.get((rule.id, "coded"), said)[:2] == said[:2]
            compared += 1
    assert compared > 100


@pytest.mark.parametrize(("base", "name"), TREES)
def test_a_valid_document_is_valid_in_its_other_syntaxes(base: str, name: str) -> None:
    document = valid(base, name)
    assert rules_of(base.replace("-json/", "-xml/"), to_xml(document)) == set()
    if document.get("lignes") != [] or base == REPONSE:
        assert rules_of(csv_contract(document), to_csv(document, end="\r\n")) == set()


def test_a_finding_names_the_place_in_each_syntax() -> None:
    document = changed(valid(MESSAGE, "marche"), {"imputations.1.compte": "401100"})
    [in_json] = contracts.validate(MESSAGE, to_json(document)).findings
    assert in_json.path == "$.imputations[1].compte"
    [in_xml] = contracts.validate("gef/message-xml/1", to_xml(document)).findings
    assert in_xml.path == "/message/imputations/imputation[2]/compte"
    [in_csv] = contracts.validate("gef/marches-csv/1", to_csv(document)).findings
    assert in_csv.path == "ligne 3, colonne imputation_compte"
    assert "401100" in in_json.message
    assert "401100" in in_xml.message
    assert "401100" in in_csv.message
    coded = changed(valid(MESSAGE, "produits"), {"produits.lignes.0.gtin": "3769999000016"})
    [finding] = contracts.validate("gef/message-xml/1", to_xml(coded)).findings
    assert finding.path == "/message/produits/lignes/ligneProduit[1]/gtin"
    assert finding.line is not None
    assert b"3769999000016" in to_xml(coded).splitlines()[finding.line - 1]


def test_a_holder_charged_to_two_units_is_told_once_by_row() -> None:
    document = changed(
        valid(MESSAGE, "marche_lot_titulaire_etranger"),
        {
            "marche.titulaires.0.typeIdentifiant": "SIRET",
            "marche.titulaires.0.id": "99900101900011",
            "imputations": [
                {
                    "ligne": rank,
                    "titulaire": {"typeIdentifiant": "SIRET", "id": "99900101900011"},
                    "uf": uf,
                    "compte": "2154",
                }
                for rank, uf in enumerate(("2110", "2120"), start=1)
            ],
        },
    )
    findings = contracts.validate("gef/marches-csv/1", to_csv(document)).findings
    assert [(one.rule, one.path) for one in findings] == [
        ("GEFC-SIRET", "ligne 2, colonne titulaire_id"),
        ("GEFC-SIRET", "ligne 3, colonne titulaire_id"),
    ]


@pytest.mark.parametrize("syntax", ["json", "xml", "csv"])
def test_a_long_flux_full_of_faults_gives_a_bounded_report(syntax: str) -> None:
    line = valid(FLUX, "mandats")["lignes"][1]
    lines = [{**line, "ligne": rank, "compte": "1641", "numeroMandat": str(rank)} for rank in range(1, 3001)]
    document = changed(valid(FLUX, "mandats"), {"lignes": lines, "nombreLignes": len(lines)})
    report = contracts.validate(contract_of(FLUX, syntax, document), WRITERS[syntax](document))
    assert len(report.findings) == 1001
    assert report.valid


def leaves(value: Any, here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*here, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*here, str(index)))
    else:
        yield here


# Blanks around a number are read in XML and not in JSON: left out.
TEXTS = st.sampled_from(
    [
        *("", "x", "0", "-1", "2", "12.345", "1e3", "200000.00", "00012", "+1", "A B", "a;b", 'a"b', "\u00a0", "é<&>"),
        *("2026-02-30", "2020-01-01", "2099-12-31", "2026-11-03T09:30:00Z", "SIRET", "TVA", "99900101900011"),
        *("990780018", "4011", "accepte", "rejete", "en_attente", "partiel", "marche", "produits", "x" * 31, "x" * 300),
    ]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_json_and_xml_give_the_same_verdict_on_any_value(data: st.DataObject) -> None:
    base, name = data.draw(st.sampled_from(TREES))
    document = valid(base, name)
    place = data.draw(st.sampled_from(list(leaves(document))))
    text = data.draw(TEXTS)
    whole = _is_int(document, place) and str(_int(text)) == text
    document = changed(document, {".".join(place): _int(text) if whole else text})
    in_json = rules_of(base, to_json(document))
    in_xml = rules_of(base.replace("-json/", "-xml/"), to_xml(document))
    assert ("GEFC-SCHEMA" in in_json) == ("GEFC-SCHEMA" in in_xml)
    if "GEFC-SCHEMA" not in in_json:
        assert in_json == in_xml


def _is_int(document: Document, place: tuple[str, ...]) -> bool:
    value: Any = document
    for step in place:
        value = value[int(step) if isinstance(value, list) else step]
    return type(value) is int


def _int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if here:
        yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*here, str(key)))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_gives_a_report_never_a_crash(data: st.DataObject) -> None:
    base, name = data.draw(st.sampled_from(TREES))
    document = valid(base, name)
    place = data.draw(st.sampled_from(list(places(document))))
    broken = changed(document, {".".join(place): data.draw(JSON_VALUES)})
    assert contracts.validate(base, json.dumps(broken).encode()).contract == base


CSV_VALID = [(one.id, example.path) for one, example in VALID if one.format == "csv"]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_text_in_any_cell_gives_a_report_never_a_crash(data: st.DataObject) -> None:
    contract_id, path = data.draw(st.sampled_from(CSV_VALID))
    header, first, *rest = Path(path).read_text("utf-8-sig").splitlines()
    cells = first.split(";")
    position = data.draw(st.integers(0, len(cells) - 1))
    cells[position] = data.draw(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
    report = contracts.validate(contract_id, "\r\n".join([header, ";".join(cells), *rest]).encode())
    assert report.contract == contract_id


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"{}", b'{"lignes": [1], "marche": []}'])
@pytest.mark.parametrize("contract_id", [MESSAGE, FLUX, REPONSE])
def test_what_is_no_object_is_refused_by_the_schema(contract_id: str, body: bytes) -> None:
    assert "GEFC-SCHEMA" in rules_of(contract_id, body)


def test_every_column_is_filled_in_some_valid_file() -> None:
    """With the writer, which refuses a value without a column: CSV says what JSON says, less the declared losses."""
    empty = {
        (contract.id, column)
        for contract in DOCUMENTS
        if contract.format == "csv"
        for column in columns_of(contract.id)
    }
    for contract, example in VALID:
        if contract.format == "csv":
            lines = csv.DictReader(io.StringIO(example.path.read_text("utf-8-sig")), delimiter=";")
            empty -= {(contract.id, column) for line in lines for column, cell in line.items() if cell}
    assert empty == set()
