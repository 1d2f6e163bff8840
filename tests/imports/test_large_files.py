"""Large files: read twice and never held; what is read of a record is forgotten when the next one comes."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest

import contracts
from semaphore_hub.imports import ImportRefused, records
from tests.imports.hub import Hub, changed, json_file
from tests.imports.test_decp_xml import as_xml, xml_file


def _peak(contract_id: str, path: Path, count: int) -> int:
    """Python's peak memory to check a file and read all its records, validated one by one."""
    contract = contracts.get(contract_id)
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            assert records.check(contract, file) == hashlib.sha256(path.read_bytes()).hexdigest()
            file.seek(0)
            tracemalloc.reset_peak()
            assert sum(record.data is not None for record in records.read(contract, file)) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_memory_does_not_grow_with_the_number_of_records(tmp_path: Path, form: str) -> None:
    peaks = []
    for count in (20, 20, 400):  # the first run compiles schemas and fills caches
        marches = [changed(id=f"2026{number:06d}", objet="x" * 900) for number in range(count)]
        path = tmp_path / f"decp.{form}"
        if form == "json":
            json_file(path, *marches)
        else:
            xml_file(path, *(as_xml(marche) for marche in marches))
        peaks.append(_peak("daj/decp-json/2.0.4" if form == "json" else "daj/decp-xml/2.0.2", path, count))
    # What is read ahead is a few blocks. The larger file is 0.9 MB, and its marchés held together several times that.
    assert peaks[2] < peaks[1] + 1_000_000


def test_the_report_of_many_marches_holds_each_completion_once(hub: Hub, tmp_path: Path) -> None:
    report = hub.run(json_file(tmp_path / "decp.json", *(changed(id=f"2026DM{number:03d}") for number in range(4))))
    done = [item for record in report.enregistrements for item in record.completes]
    assert len({id(item) for item in done}) == len(set(done)) < len(done)
    assert report.sha256 == hashlib.sha256((tmp_path / "decp.json").read_bytes()).hexdigest()


def test_a_file_that_changes_between_its_two_readings_is_refused(tmp_path: Path) -> None:
    path = json_file(tmp_path / "decp.json", changed(), changed(id="2026DM002"))
    contract = contracts.get("daj/decp-json/2.0.4")
    with path.open("rb") as file:
        records.check(contract, file)
        path.write_text(json.dumps({"marches": {"marche": [changed()]}})[:-3], "utf-8")
        file.seek(0)
        with pytest.raises(ImportRefused, match="tronqué"):
            list(records.read(contract, file))
