"""The connector and the simulated PLACE through real folders: what the buyer imports and exports by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import contracts
from mock_partners.kit import MockClock, MockConfig
from mock_partners.place.app import create
from semaphore_hub.ports.connector import Outgoing
from tests.connectors.place.place_events import connector, event, no_secret, settings, translate


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {"dossierSortant": tmp_path / "import", "dossierEntrant": tmp_path / "export"}
    for folder in made.values():
        folder.mkdir()
    return made


@pytest.mark.parametrize("export", ["csv", "json"])
async def test_the_degraded_mode_says_the_same_as_the_api(folders: dict[str, Path], export: str) -> None:
    clock = MockClock()
    clock.set(datetime(2026, 2, 12, 8, tzinfo=UTC))
    config = MockConfig(
        depot_dir=folders["dossierSortant"],
        retour_dir=folders["dossierEntrant"],
        clock=clock,
        options={"export": export},
    )
    mock = create(config)
    made = connector()
    transport = made.open("file", settings(**folders), no_secret)
    assert (await made.check(transport)).ok
    for ordinal, name in enumerate(("consulte_complet", "attribue"), start=1):
        message = translate(event(name), "file", ordinal=ordinal)
        for _ in range(2):
            receipt = await made.deliver(Outgoing(message, "key"), transport)
            assert receipt.reference == message.filename
        await mock.scan()
    documents = [one async for one in made.collect(transport)]
    assert len(documents) == 2
    for document in documents:
        contract = f"place/export-consultations-{export}/1"
        assert contracts.recognise(document.body, document.name) == contract
        assert contracts.validate(contract, document.body).findings == ()
        await made.confirm(document, transport)
    [said] = made.interpret(documents[-1]).commands
    assert said.name == "place.consultation"
    assert said.data["statut"] == "attribuee"
    assert said.data["dateLimiteRemisePlis"] == "2026-02-04"
    assert said.data["identifiantExterne"] == event("attribue").data["uid"]
    assert said.data["attribution"] == {"numero": "2026DM001", "montantHT": "380000.00"} | (
        {"titulaires": []} if "titulaires" in said.data["attribution"] else {}
    )
    assert [one async for one in made.collect(transport)] == []
    assert sorted(one.name for one in (folders["dossierEntrant"] / "archive").iterdir())
    await transport.close()


@pytest.mark.parametrize("name", ["Consultations exportées le 12.CSV", "export.json", "données (1).xml"])
async def test_a_file_named_by_a_person_is_taken_and_another_is_left(folders: dict[str, Path], name: str) -> None:
    for one in (name, "notes.txt", ".cache.csv", "en cours.csv.part"):
        (folders["dossierEntrant"] / one).write_bytes(b"x")
    transport = connector().open("file", settings(**folders), no_secret)
    assert [one.name async for one in connector().collect(transport)] == [name]


async def test_a_missing_folder_is_seen_by_the_check(folders: dict[str, Path]) -> None:
    folders["dossierEntrant"].rmdir()
    health = await connector().check(connector().open("file", settings(**folders), no_secret))
    assert not health.ok
    assert "export" in health.detail
