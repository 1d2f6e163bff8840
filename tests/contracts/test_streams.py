"""A long document validated window by window gets the findings of a whole reading, in a memory that does not grow."""

from __future__ import annotations

import copy
import importlib
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import contracts
from contracts.elements import PerElement
from contracts.records import PerRecord
from contracts.refusal import MAX_BYTES, Refused
from contracts.registry import InterfaceContract
from contracts.report import MAX_FINDINGS
from contracts.streams import json_stream, xml_reader, xml_stream
from contracts.xml import new_parser

XML = ("dgfip/pes-marche/5.17", "dgfip/pes-marche/5.30", "daj/decp-xml/2.0.2")
JSON = "daj/decp-json/2.0.4"
PES = XML[0]


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that cut everywhere, and windows of a few records."""
    monkeypatch.setattr(xml_reader, "BLOCK", 997)
    monkeypatch.setattr(xml_reader, "RECORDS", 2)
    monkeypatch.setattr(json_stream, "_RECORDS", 2)


def streamed(contract: InterfaceContract, body: bytes) -> list[tuple[str, str, str]]:
    """Rule, place and message of each finding, sorted: windows tell them in another order."""
    read = xml_stream.findings if contract.format == "xml" else json_stream.findings
    try:
        found = list(read(contract, io.BytesIO(body)))
    except Refused as refusal:
        return [(f"{contract.prefix}-{refusal.rule}", "/" if contract.format == "xml" else "$", refusal.message)]
    return sorted((finding.rule, f"{finding.path} {finding.line}", finding.message) for finding in found)


def whole(contract: InterfaceContract, body: bytes) -> list[tuple[str, str, str]]:
    report = contracts.validate_document(contract, body)
    unread = {f"{contract.prefix}-{suffix}" for suffix in ("XML", "JSON", "DOCTYPE", "ENCODAGE", "TAILLE")}
    if len(report.findings) == 1 and report.findings[0].rule in unread and report.findings[0].path in ("/", "$"):
        (one,) = report.findings
        if not (one.rule.endswith("ENCODAGE") and "le contrat demande" in one.message):
            return [(one.rule, one.path, one.message)]
    return sorted((finding.rule, f"{finding.path} {finding.line}", finding.message) for finding in report.findings)


@pytest.mark.parametrize("contract_id", [*XML, JSON])
def test_every_example_gets_the_findings_of_a_whole_reading(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    for example in contract.examples:
        body = example.path.read_bytes()
        assert streamed(contract, body) == whole(contract, body), example.path.name


def merged(contract: InterfaceContract) -> etree._Element:
    """The records of every readable example, one after the other in one document."""
    name = "complet.xml" if contract.partner == "dgfip" else "marches_et_concession.xml"
    root = etree.fromstring((contract.folder / "examples" / "valid" / name).read_bytes(), new_parser())
    for example in contract.examples:
        if any(suffix in example.path.name for suffix in ("-XML", "DOCTYPE", "ENCODAGE")):
            continue
        other = etree.fromstring(example.path.read_bytes(), new_parser())
        for path in contract.stream["records"]:
            place = root.find(path.rpartition("/")[0] or ".")
            assert place is not None
            place.extend(copy.deepcopy(record) for record in other.findall(path))
    return root


def written(contract: InterfaceContract, root: etree._Element) -> bytes:
    body = etree.tostring(root, encoding=contract.encoding, xml_declaration=True)
    assert isinstance(body, bytes)
    return body


@pytest.mark.parametrize("contract_id", XML[1:])
def test_records_far_apart_are_compared_as_in_a_whole_reading(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    body = written(contract, merged(contract))
    found = streamed(contract, body)
    assert found == whole(contract, body)
    rules = {rule for rule, _, _ in found}
    compared = {"DECP-DOUBLON"} if contract.partner == "daj" else {"PES-CONTRAT-UNIQUE", "PES-PJ-UNIQUE"}
    assert compared <= rules
    assert len(rules) > 10


@pytest.mark.parametrize("contract_id", XML[1:])
def test_what_stands_between_records_is_told_once(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    root = merged(contract)
    for path in contract.stream["records"]:
        damaged = copy.deepcopy(root)
        place = damaged.find(path.rpartition("/")[0] or ".")
        assert place is not None
        for rank in (3, 7):
            place.insert(rank, etree.Element("Inconnu"))
            place.insert(rank, etree.Comment("un commentaire"))
        body = written(contract, damaged)
        # Words may differ: libxml2 no longer lists what it expected, when no record stands before.
        found, expected = ([one[:2] for one in each(contract, body)] for each in (streamed, whole))
        assert found == expected, path


def test_a_piece_that_an_earlier_marche_says_on_paper_is_found() -> None:
    contract = contracts.get(PES)
    root = merged(contract)
    places = [root.find(path) for path in ("PES_Marche/Marches", "PES_PJ")]
    marches, pieces = (place for place in places if place is not None)
    reference = next(marches.iter("PJRef"))
    reference.find("Support").set("V", "02")  # type: ignore[union-attr]
    piece = copy.deepcopy(pieces[-1])
    piece.find("IdUnique").set("V", reference.find("IdUnique").get("V"))  # type: ignore[union-attr,arg-type]
    pieces.append(piece)
    body = written(contract, root)
    found = streamed(contract, body)
    assert found == whole(contract, body)
    assert "PES-PJ-SUPPORT" in {rule for rule, _, _ in found}


def test_a_contract_is_streamed_only_with_rules_that_take_records_one_at_a_time() -> None:
    streamed_contracts = [contract for contract in contracts.catalogue() if contract.stream]
    assert {contract.id for contract in streamed_contracts} >= {*XML, JSON}
    for contract in streamed_contracts:
        for check in filter(None, (rule.check for rule in contract.rules)):
            module, _, name = check.partition(":")
            assert isinstance(getattr(importlib.import_module(module), name), (PerElement, PerRecord)), check


def _all_json() -> dict[str, Any]:
    envelope: dict[str, Any] = {"marche": [], "contrat-concession": []}
    for example in contracts.get(JSON).examples:
        if not any(suffix in example.path.name for suffix in ("-JSON", "ENCODAGE")):
            for kind, records in json.loads(example.path.read_bytes())["marches"].items():
                envelope[kind] += records
    return {"marches": envelope}


@pytest.mark.parametrize("indent", [None, 1])
def test_json_records_are_found_at_their_rank_and_line(indent: int | None) -> None:
    contract = contracts.get(JSON)
    body = json.dumps(_all_json(), indent=indent).encode()
    found = streamed(contract, body)
    assert found == whole(contract, body)
    assert "DECP-DOUBLON" in {rule for rule, _, _ in found}


@pytest.mark.parametrize("text", ["{}", "[]", '{"marches": 1}', '{"marches": {"marche": {}}}', '{"marches": {}}'])
def test_json_that_is_no_list_of_contracts_is_invalid(text: str) -> None:
    contract = contracts.get(JSON)
    assert {rule for rule, _, _ in streamed(contract, text.encode())} == {"DECP-SCHEMA"}
    assert not contracts.validate_document(contract, text.encode()).valid


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ('"id": 1, "id": 2', "DECP-JSON"),
        ('"id": NaN', "DECP-JSON"),
        ('"id": "\\ud800"', "DECP-JSON"),
        ('"id": ' + "[" * 70 + "]" * 70, "DECP-JSON"),
        ('"id": ', "DECP-JSON"),
    ],
)
def test_json_that_is_not_strict_is_refused_and_nothing_else_is_said(inside: str, rule: str) -> None:
    contract = contracts.get(JSON)
    body = f'{{"marches": {{"marche": [{{}}, {{{inside}}}]}}}}'.encode()
    (finding,) = streamed(contract, body)
    assert finding[0] == rule
    assert {finding.rule for finding in contracts.validate_document(contract, body).findings} == {rule}


def _long_pes(count: int) -> bytes:
    """A flow of that many different marchés."""
    contract = contracts.get(PES)
    root = etree.parse(contract.folder / "examples" / "valid" / "marche-mono.xml").getroot()
    marches = root.find("PES_Marche/Marches")
    assert marches is not None
    (model,) = marches
    marches.clear()
    for number in range(count):
        marche = copy.deepcopy(model)
        marche.find("IdentifiantMarche/IdContrat").set("V", f"2026{number:08d}")  # type: ignore[union-attr]
        marches.append(marche)
        marches.append(etree.Comment("entre deux marchés"))
    return written(contract, root)


def test_the_tree_of_a_long_flow_holds_one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reader, "BLOCK", 16 * 1024)
    paths = [("PES_Marche", "Marches", "Marche")]
    largest: dict[int, int] = {}
    for count in (40, 160):
        seen = 0
        for window in xml_reader.Reader(io.BytesIO(_long_pes(count)), paths).windows():
            seen += len(window.records)
            largest[count] = max(largest.get(count, 0), sum(1 for _ in window.root.iter()))
        assert seen == count
    assert largest[160] < largest[40] * 1.2


def test_the_memory_of_a_long_json_does_not_grow_with_its_records() -> None:
    contract = contracts.get(JSON)
    model = json.loads((contract.folder / "examples/valid/accord_cadre.json").read_bytes())["marches"]["marche"][0]
    peaks = []
    for count in (300, 1500):
        body = json.dumps({"marches": {"marche": [{**model, "id": f"M{n}"} for n in range(count)]}}).encode()
        source = io.BytesIO(body)
        tracemalloc.start()
        assert list(json_stream.findings(contract, source)) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 1200 contracts more are 1.9 MB of text: what is remembered of each is a key of sixteen bytes.
    assert peaks[1] - peaks[0] < 600_000


@pytest.mark.parametrize("junk", ["<x/>", "<!-- x -->", "<?x y?>", "<x><y/></x>"])
@pytest.mark.parametrize("before", ["", "<marche>"])
def test_a_flood_of_elements_is_refused_before_it_is_held(
    junk: str, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_reader, "MAX_NODES", 1000)
    body = f"<marches>{before}{junk * 20_000}".encode()
    source = io.BytesIO(body)
    with pytest.raises(Refused) as refused:
        list(xml_stream.findings(contracts.get(XML[2]), source))
    assert refused.value.rule == "TAILLE"
    assert source.tell() < len(body) / 2


def test_characters_that_look_like_elements_are_not_counted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reader, "MAX_NODES", 1000)
    contract = contracts.get(XML[2])
    example = (contract.folder / "examples/valid/accord_cadre.xml").read_text("utf-8")
    marche = example[example.index("<marche>") : example.index("</marche>") + len("</marche>")]
    marche = marche.replace("<objet>", "<objet><![CDATA[" + "<" * 100 + "]]>", 1)
    body = f"<marches>{marche * 40}</marches>".encode()
    assert {rule for rule, _, _ in streamed(contract, body)} == {"DECP-DOUBLON"}


def test_wrong_records_without_end_are_read_no_further_than_the_report(tmp_path: Path) -> None:
    for contract_id, body in (
        (JSON, b'{"marches": {"marche": [' + b"1," * 700_000 + b"1]}}"),
        (XML[2], b"<marches>" + b"<marche/>" * 130_000 + b"</marches>"),
    ):
        path = tmp_path / "long"
        path.write_bytes(body)
        report = contracts.validate_file(contract_id, path)
        assert len(report.findings) == MAX_FINDINGS + 1
        assert not report.valid
        assert contracts.validate(contract_id, body) == report


def test_a_file_of_any_size_gets_the_verdict_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "document"
    for contract_id in (*XML, JSON, "daj/decp-csv/1"):
        for example in contracts.get(contract_id).examples[::5]:
            path.write_bytes(example.path.read_bytes())
            assert contracts.validate_file(contract_id, path) == contracts.validate(contract_id, path.read_bytes())
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for contract_id in (PES, JSON, "daj/decp-csv/1"):
        (finding,) = contracts.validate_file(contract_id, path).findings
        assert finding.rule.endswith("-TAILLE")


def test_a_file_that_cannot_be_read_or_a_contract_that_is_unknown_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        contracts.validate_file(JSON, tmp_path / "absent.json")
    with pytest.raises(contracts.UnknownContract):
        contracts.validate_file("daj/inconnu/1", tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b'<!DOCTYPE a SYSTEM "x">\n<marches/>', "DOCTYPE"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), "DOCTYPE"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><marches><a>é</a></marches>".encode(), "ENCODAGE"),
        (b"<marches><marche></marches>", "XML"),
        (b"<marches><marche/>", "XML"),
        (b"<marches>&inconnue;" + b"<marche/>" * 500 + b"</marches>", "XML"),
        (b"<marches><x:marche/></marches>", "XML"),
        (b"<?xml version='1.0' encoding='UTF-8'?><marches>\xe9</marches>", "ENCODAGE"),
    ],
)
def test_what_cannot_be_read_is_refused_as_in_a_whole_reading(body: bytes, rule: str) -> None:
    contract = contracts.get(XML[2])
    (finding,) = streamed(contract, body)
    assert finding[0] == f"DECP-{rule}"
    assert rule in contracts.validate_document(contract, body).findings[0].rule
