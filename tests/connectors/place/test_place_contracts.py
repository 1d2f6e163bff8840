"""Contracts and changes are read from the simulated PLACE, once and not too often."""

from __future__ import annotations

from datetime import timedelta

from tests.connectors.place.place_events import BUYER, event
from tests.connectors.place.place_platform import HOLDER, platform


async def test_contracts_are_read_month_by_month_and_carry_what_the_hub_compares() -> None:
    async with platform(moisSuivis=2, contratsDepuis="2025-11-15", releveContratsMinutes=0) as place:
        for numero, day in (("2025DM007", "2025-11-30"), ("2026DM001", "2026-03-01"), ("DM-9", "2026-03-31")):
            await place.notify(numero=numero, objet="Gants", acheteur=BUYER, montantHT="1000.50", dateNotification=day)
        found = await place.commands()
        assert [one.data["periode"] for one in found] == ["2025-11", "2026-03"]
        old, [first, second] = found[0].data["marches"], found[1].data["marches"]
        assert [one["numeros"] for one in (*old, first, second)] == [
            ["2025DM00700", "2025DM007", "DM007"],
            ["2026DM00100", "2026DM001", "DM001"],
            ["2026DM900", "2026DM9", "DM9"],
        ]
        assert {name: first[name] for name in ("acheteur", "montant", "dateNotification", "titulaires")} == {
            "acheteur": BUYER,
            "montant": "1000.50",
            "dateNotification": "2026-03-01",
            "titulaires": [HOLDER],
        }
        assert await place.collect() == []
        # Only the last months are read again; what changed there comes under another name.
        await place.notify(numero="2025DM007", montantHT="1.00", dateNotification="2025-11-30")
        await place.notify(numero="2026DM001", montantHT="2000.00", dateNotification="2026-03-01")
        place.clock.advance(timedelta(seconds=1))
        [again] = await place.collect()
        assert again.name == "contrats-2026-03-20260320T080001.xml"


async def test_contracts_are_not_asked_for_more_often_than_wanted() -> None:
    async with platform(releveContratsMinutes=60) as place:
        await place.notify(numero="2026DM001", objet="Gants", acheteur=BUYER, montantHT="1.00")
        assert len(await place.collect()) == 1
        await place.notify(numero="2026DM002", objet="Gants", acheteur=BUYER, montantHT="1.00")
        assert await place.collect() == []
        place.clock.advance(timedelta(minutes=60))
        assert len(await place.collect()) == 1


async def test_a_change_within_the_same_second_is_not_missed_and_what_stays_is_read_twice_at_most() -> None:
    async with platform() as place:
        await place.deliver(event("consulte_lot"))
        [first] = await place.collect()
        await place.control("offres", {"reference": "2026-AOO-017"})
        assert await place.collect() == []  # its version is the same instant: too early to tell
        place.clock.advance(timedelta(seconds=2))
        [second] = await place.collect()
        assert first.name == second.name
        assert place.connector.interpret(second).commands[0].data["nombreOffres"] == 1
        for _ in range(2):
            place.clock.advance(timedelta(seconds=2))
            assert await place.collect() == []
        asked: list[str] = []
        place.transport.consultations.read = asked.append  # type: ignore[attr-defined]
        assert (await place.collect(), asked) == ([], [])


async def test_a_document_not_confirmed_is_given_again() -> None:
    async with platform() as place:
        await place.deliver(event("consulte_lot"))
        for _ in range(2):
            assert [one.name async for one in place.connector.collect(place.transport)]
