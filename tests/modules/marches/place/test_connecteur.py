"""What the connector of PLACE really gives is what the service takes: every valid example of its contracts."""

from __future__ import annotations

import pytest

import contracts
from semaphore_hub.delivery.registry import load_connectors
from semaphore_hub.ports.connector import Inbound
from tests.modules.marches.place.suivi import Place

INBOUND = (
    ("place/consultation/2", "api"),
    ("place/export-consultations-json/1", "file"),
    ("place/export-consultations-csv/1", "file"),
    ("daj/decp-xml/1.5.0", "api"),
    ("daj/decp-xml/2.0.2", "api"),
    ("place/donnees-essentielles/1", "api"),
)


@pytest.mark.parametrize(("contract_id", "channel"), INBOUND)
async def test_what_every_valid_example_says_is_kept_once(
    embedded_place: Place, contract_id: str, channel: str
) -> None:
    place = embedded_place
    service = place.services.suivi_place
    handlers = {"place.consultation": service.suivre, "place.decp": service.rapprocher}
    connector = load_connectors().get("place")
    followed: set[str] = set()
    for example in contracts.get(contract_id).examples:
        body = example.path.read_bytes()
        if not contracts.validate(contract_id, body).valid:
            continue
        # Each example as one partner: several say the same consultation otherwise.
        partner = f"place-{len(followed)}"
        followed.add(partner)
        document = Inbound(f"contrats-2026-03-{example.path.name}", body, "", channel)
        expected: set[str] = set()
        for command in connector.interpret(document).commands:
            told = []
            for _ in range(2):
                with place.services.database.write() as unit:
                    handlers[command.name](unit, partner, None, command.data)
                told.append(len(place.events))
            assert told[0] == told[1]
            expected |= (
                {command.data["reference"]}
                if command.name == "place.consultation"
                else {one["id"] for one in command.data["marches"]}
            )
        consultations = await place.listed("consultations", limit=200)
        contrats = await place.listed("contrats", limit=200)
        kept = {one["reference"] for one in consultations if one["partenaire"] == partner}
        kept |= {one["place"]["id"] for one in contrats if one["place"]["partenaire"] == partner}
        assert kept == expected
    assert followed
