"""Damaged files of every format: a verdict for each record, never a crash."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from lxml import etree

import contracts
from contracts.correspondance import PRESENT, convert
from contracts.refusal import Refused
from semaphore_hub.imports import ImportRefused, records
from semaphore_hub.imports.mapping import prepare
from semaphore_hub.imports.source import CONCESSION
from semaphore_hub.kernel.errors import HubError
from tests.contracts.mutations import json_mutations, xml_mutations

STEP = 151  # a few damages of each kind for each format: short, and other ones for each

JSON = ("daj/decp-json/1.5.0", "daj/decp-json/2.0.0", "daj/decp-json/2.0.4")
XML = ("daj/decp-xml/1.5.0", "daj/decp-xml/2.0.0", "daj/decp-xml/2.0.2", "dgfip/opendata/1.5.0")
PES = "dgfip/pes-marche/5.30"


def base(contract_id: str) -> bytes:
    """The richest valid example of a contract."""
    folder = contracts.get(contract_id).folder / "examples" / "valid"
    wanted = [path for path in sorted(folder.iterdir()) if path.stem in ("complet", "marche_et_concession")]
    return (wanted or sorted(folder.glob("marches_et_concession.*")))[0].read_bytes()


def verdicts(contract_id: str, body: bytes) -> list[bool]:
    """Whether each record of a file is ready to be recorded, after a conversion to both forms in force."""
    contract = contracts.get(contract_id)
    file = io.BytesIO(body)
    found = []
    try:
        records.check(contract, file)
        file.seek(0)
        for record in records.read(contract, file):
            found.append(record.data is not None and _prepared(record))
            assert record.kind == CONCESSION or record.reasons or record.data is not None
    except ImportRefused:
        with pytest.raises(Refused):
            list(convert(contract, io.BytesIO(body), io.BytesIO()))
        return found
    for to in PRESENT:
        said = list(convert(contract, io.BytesIO(body), io.BytesIO(), to))
        assert all(one.written or one.findings or (one.converted and one.converted.refusals) for one in said)
    return found


def _prepared(record: Any) -> bool:
    try:
        prepare(record)
    except HubError:
        return False
    return True


@pytest.mark.parametrize(("rank", "contract_id"), list(enumerate(JSON)))
def test_damaged_json_gets_a_verdict(rank: int, contract_id: str) -> None:
    document = json.loads(base(contract_id))
    found = [
        verdict
        for _, damaged in islice(json_mutations(document), rank * 7, None, STEP)
        for verdict in verdicts(contract_id, json.dumps(damaged).encode())
    ]
    assert {True, False} == set(found)


@pytest.mark.parametrize(("rank", "contract_id"), list(enumerate(XML)))
def test_damaged_xml_gets_a_verdict(rank: int, contract_id: str) -> None:
    root = contracts.xml.parse(base(contract_id)).getroot()
    found = [
        verdict
        for _, damaged in islice(xml_mutations(root), rank * 7, None, STEP)
        for verdict in verdicts(contract_id, etree.tostring(damaged, encoding="UTF-8", xml_declaration=True))
    ]
    assert {True, False} == set(found)


def _pes() -> Iterator[bytes]:
    values = ("", "0", "1", "00", "05", "99", "x", "2026-02-30", "9" * 20, "-5")
    count = len(list(contracts.xml.parse(base(PES)).getroot().iter()))
    for rank in range(0, count, 19):
        root = contracts.xml.parse(base(PES)).getroot()
        node = list(root.iter())[rank]
        if "V" in node.attrib:
            node.set("V", values[rank % len(values)])
        elif (parent := node.getparent()) is not None:
            parent.remove(node)
        body = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
        assert isinstance(body, bytes)
        yield body


def test_a_damaged_pes_gets_a_verdict() -> None:
    found = [verdict for body in _pes() for verdict in verdicts(PES, body)]
    assert {True, False} == set(found)


@pytest.mark.parametrize(
    ("contract_id", "change"),
    [
        ("daj/decp-json/1.5.0", {"acheteur": []}),
        ("daj/decp-json/1.5.0", {"acheteur": "CH Fictif"}),
        ("daj/decp-json/2.0.4", {"titulaires": [None]}),
        ("daj/decp-json/2.0.4", {"titulaires": [12]}),
        ("daj/decp-json/2.0.4", {"titulaires": ["x"]}),
    ],
)
def test_what_the_official_schemas_let_through_by_mistake_is_refused_in_words(
    contract_id: str, change: dict[str, Any]
) -> None:
    document = json.loads(base(contract_id))
    held = document["marches"]
    (held if isinstance(held, list) else held["marche"])[0].update(change)
    body = json.dumps(document).encode()
    contract = contracts.get(contract_id)
    file = io.BytesIO(body)
    records.check(contract, file)
    file.seek(0)
    first = next(iter(records.read(contract, file)))
    assert [reason.regle for reason in first.reasons] == ["CONV-FORME"]
    assert verdicts(contract_id, body)[0] is False


@pytest.mark.parametrize(
    "path", ["lieuExecution/code", "titulaires/titulaire/id", "objet", "actesSousTraitance/*/sousTraitant/id"]
)
def test_an_empty_element_is_an_empty_text_and_not_an_absent_one(path: str) -> None:
    contract_id = "daj/decp-xml/2.0.2"
    root = contracts.xml.parse(base(contract_id)).getroot()
    for found in root.iterfind(f"marche/{path}"):
        found.text = None
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assert contracts.validate(contract_id, body).valid
    last = verdicts(contract_id, body)[1]
    # An act of nobody is left out; the others are what a marché cannot do without.
    assert last is ("sousTraitant" in path)
