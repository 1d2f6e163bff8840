"""``validate`` never raises on a bad document, and its report says rule, place and what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts
from contracts.report import MAX_FINDINGS

DAJ = ("daj/decp-json/2.0.4", "daj/decp-xml/2.0.2", "daj/decp-csv/1")
HOSTILE = [
    b"",
    b"\0" * 100,
    b"\xff\xfe\x00\x00",
    b"<",
    b"{",
    b"[]",
    b"null",
    b'"texte"',
    b"<a/>",
    b"uid,id\n",
    b"\xef\xbb\xbf",
    b'{"marches": {"marche": 1}}',
    b'{"marches": {"marche": [null, 1, "x", [], {}, {"titulaires": [1], "acheteur": 2, "techniques": []}]}}',
    b"<marches><marche/><contrat-concession/><autre/></marches>",
    b"<marches><marche><titulaires><titulaire/><!-- x --></titulaires><montant>NaN</montant></marche></marches>",
]


@pytest.mark.parametrize("contract_id", DAJ)
@pytest.mark.parametrize("body", HOSTILE)
def test_no_document_is_too_bad_for_a_report(contract_id: str, body: bytes) -> None:
    report = contracts.validate(contract_id, body)
    assert not report.valid
    assert all(finding.message and finding.rule.startswith("DECP-") for finding in report.findings)
    json.dumps(report.to_dict())


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_KEYS = st.sampled_from(["id", "montant", "dureeMois", "titulaires", "titulaire", "acheteur", "modifications", "objet"])
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4))


@settings(max_examples=200, deadline=None)
@given(st.lists(_VALUES, max_size=3))
def test_any_json_shape_gets_a_report(items: list[object]) -> None:
    body = json.dumps({"marches": {"marche": items, "contrat-concession": items}})
    report = contracts.validate(DAJ[0], body.encode("utf-8", "surrogatepass"))
    assert report.valid == (items == [])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_get_a_report(body: bytes) -> None:
    for contract_id in DAJ:
        report = contracts.validate(contract_id, body)
        assert report.contract == contract_id
        # An empty list of marchés is all that so few bytes can say rightly.
        assert not report.valid or b"<marches" in body
    contracts.recognise(body)


@pytest.mark.parametrize("suffix", ["json", "xml", "csv"])
def test_sixty_megabytes_are_one_finding(suffix: str) -> None:
    contract_id = next(c for c in DAJ if suffix in c)
    (finding,) = contracts.validate(contract_id, b" " * (60 * 1024 * 1024)).findings
    assert finding.rule == "DECP-TAILLE"


def test_a_report_is_plain_data_for_the_command_line() -> None:
    report = contracts.validate(DAJ[0], b'{"marches": 1}')
    assert report.to_dict() == {
        "contract": DAJ[0],
        "valid": False,
        "findings": [
            {
                "rule": "DECP-SCHEMA",
                "severity": "error",
                "path": "$.marches",
                "line": 1,
                "message": "« marches » : 1 n'est pas un objet { }.",
            }
        ],
    }


@pytest.mark.parametrize(
    ("contract_id", "body"),
    [
        (DAJ[0], b'{"marches": {"marche": [' + b"1," * 200_000 + b"1]}}"),
        (DAJ[1], b"<marches>" + b"<marche/>" * 20_000 + b"</marches>"),
    ],
)
def test_a_document_full_of_faults_gets_a_bounded_report(contract_id: str, body: bytes) -> None:
    report = contracts.validate(contract_id, body)
    assert not report.valid
    assert len(report.findings) == MAX_FINDINGS + 1
    assert "premières anomalies" in report.findings[-1].message


def test_warnings_past_the_bound_do_not_make_a_document_invalid() -> None:
    example = contracts.get(DAJ[0]).folder / "examples/invalid/DECP-DUREE.json"
    document = json.loads(example.read_bytes())
    (marche,) = document["marches"]["marche"]
    document["marches"]["marche"] = [{**marche, "id": str(n)} for n in range(MAX_FINDINGS + 5)]
    report = contracts.validate(DAJ[0], json.dumps(document).encode())
    assert report.valid
    assert len(report.findings) == MAX_FINDINGS + 1
    assert report.findings[-1].severity == "warning"


def test_an_error_past_the_bound_of_warnings_still_makes_it_invalid() -> None:
    findings = (contracts.Finding(f"R-{n}", "warning", "", None, "x") for n in range(5))
    from contracts.report import bounded

    kept = bounded((*findings, contracts.Finding("R-9", "error", "", None, "x")), "R-SCHEMA", limit=3)
    assert [finding.rule for finding in kept] == ["R-0", "R-1", "R-2", "R-SCHEMA"]
    assert not contracts.Report("c", kept).valid


def test_an_api_contract_without_documents_of_its_own_cannot_validate() -> None:
    for contract in contracts.catalogue():
        if contract.schema is None:
            with pytest.raises(contracts.UnknownContract, match="describes an API"):
                contracts.validate(contract.id, b"{}")


def test_the_announced_encoding_must_be_the_contract_s() -> None:
    body = b'<?xml version="1.0" encoding="ISO-8859-1"?><marches/>'
    (finding,) = contracts.validate(DAJ[1], body).findings
    assert finding.rule == "DECP-ENCODAGE"
    assert finding.message == "Le document annonce l'encodage ISO-8859-1, le contrat demande UTF-8."
