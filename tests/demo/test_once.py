"""The whole scenario, run as ``semaphore-hub demo --once --json`` runs it."""

from __future__ import annotations

import json
import sqlite3

import jsonschema
from lxml import etree

import contracts
from mock_partners import MOCKS
from tests.demo.conftest import Outcome
from tests.shared import shared_path


def test_everything_is_delivered_and_only_json_is_printed(outcome: Outcome) -> None:
    assert (outcome.code, outcome.errors) == (0, "")
    document = outcome.document
    assert outcome.output == json.dumps(document, ensure_ascii=False) + "\n"
    assert set(document) == {"ok", "events", "partners"}
    assert document["ok"] is True
    assert set(document["partners"]) == set(MOCKS)
    assert len(MOCKS) == 13
    counts = document["partners"].values()
    assert sum(count["acknowledged"] for count in counts) >= 300
    refused = {name: count["rejected"] for name, count in document["partners"].items() if count["rejected"]}
    assert refused == {"dgfip": 1, "gef_ideo_gelf": 2}
    assert all(count["dead"] == count["pending"] == 0 for count in counts)


def test_the_counts_are_those_of_the_database(outcome: Outcome) -> None:
    with sqlite3.connect(outcome.root / "semaphore.db") as database:
        states = dict(
            database.execute("SELECT partner, count(*) FROM delivery WHERE state = 'ACKNOWLEDGED' GROUP BY partner")
        )
        events = database.execute("SELECT count(*) FROM event").fetchone()[0]
        channels = {row[0] for row in database.execute("SELECT channel FROM delivery WHERE partner = 'gef_ideo_gelf'")}
        attempts = {row[0] for row in database.execute("SELECT outcome FROM attempt")}
    database.close()
    partners = outcome.document["partners"]
    assert states == {name: count["acknowledged"] for name, count in partners.items()}
    assert events == outcome.document["events"]
    assert channels == {"api", "file"}
    assert {"retry", "unknown", "notoffered"} <= attempts


def test_every_document_received_satisfies_its_contract(outcome: Outcome) -> None:
    for partner, contract in (
        ("daj", ["daj/decp-json/2.0.4"]),
        ("dgfip", ["dgfip/pes-marche/5.17"]),
        ("gef_ideo_gelf", ["gef_ideo_gelf/marches-api/1", "gef_ideo_gelf/marches-csv/1"]),
    ):
        files = sorted((outcome.root / "received" / partner).iterdir())
        assert len(files) >= outcome.document["partners"][partner]["acknowledged"]
        for file in files:
            reports = [contracts.validate(one, file.read_bytes()) for one in contract]
            assert any(report.valid for report in reports), f"{file.name}: {reports}"


def test_every_pes_received_is_valid_against_the_official_schema(outcome: Outcome) -> None:
    schema = etree.XMLSchema(etree.parse(_official_schema()))
    files = sorted((outcome.root / "received" / "dgfip").iterdir())
    assert len(files) == outcome.document["partners"]["dgfip"]["acknowledged"] + 1  # and one planned refusal
    for file in files:
        schema.assertValid(etree.parse(file))


def test_every_decp_received_is_valid_against_the_official_schema(outcome: Outcome) -> None:
    path = shared_path("standards", "decp", "v2.0.4", "schema_decp_v2.0.4.json")
    schema = jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))
    files = sorted((outcome.root / "received" / "daj").iterdir())
    assert len(files) == outcome.document["partners"]["daj"]["acknowledged"]
    for file in files:
        schema.validate(json.loads(file.read_bytes()))


def _official_schema() -> str:
    return str(shared_path("standards", "pes", "xsd-v5.17", "PES_V2", "Rev0", "PES_Aller.xsd"))
