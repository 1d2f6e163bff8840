"""A correction is flagged as one where the PES allows it; and what is known of what partners answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from semaphore_hub.delivery.facts import SqlDeliveryFacts
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.modules.marches.execution.schemas import NouvelleRevision
from semaphore_hub.modules.marches.schemas import CorrectionMarche
from semaphore_hub.ports.facts import Publication
from tests.e2e.bench import PARTNERS, Bench, open_bench


@pytest.fixture
async def bench(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Bench]:
    async with open_bench(database_url, tmp_path, clock, partners=("daj", *PARTNERS)) as opened:
        yield opened


def version_of(bench: Bench, uid: str) -> int:
    with bench.services.database.read() as connection:
        return bench.services.marches.lire(connection, LOCAL, uid).version


def correct(bench: Bench, uid: str, subject: str) -> None:
    version = version_of(bench, uid)
    with bench.services.database.write() as unit:
        body = CorrectionMarche.model_validate({"motif": "Objet mal recopié", "objet": subject})
        bench.services.marches.corriger(unit, LOCAL, uid, version, body)


def revise(bench: Bench, uid: str) -> None:
    version = version_of(bench, uid)
    with bench.services.database.write() as unit:
        body = NouvelleRevision.model_validate({"date": "2026-10-01", "motif": "Révision", "coefficient": "1.02"})
        bench.services.execution.reviser(unit, LOCAL, uid, version, body)


def flags(bench: Bench) -> list[bool]:
    """Whether each PES file says that it corrects the one before."""
    query = select(delivery.c.body).where(delivery.c.partner == "dgfip").order_by(delivery.c.position)
    with bench.services.database.read() as connection:
        return [b'<CaractereCorrectifEnregistrement V="1"/>' in body for body in connection.execute(query).scalars()]


async def test_a_correction_replaces_an_amendment_and_only_updates_after_a_revision(bench: Bench) -> None:
    uid = bench.notify(1)
    bench.amend(uid, "215000.00")
    correct(bench, uid, "Objet corrigé")
    revise(bench, uid)
    correct(bench, uid, "Objet corrigé encore")
    await bench.until(lambda: bench.states("dgfip") == ["ACKNOWLEDGED"] * 5)
    assert flags(bench) == [False, False, True, False, False]


async def test_what_the_open_data_have_and_what_they_still_wait_for(bench: Bench) -> None:
    facts = SqlDeliveryFacts(bench.services.registry)
    uid = bench.notify(1)
    subject = f"marche/{uid}"
    await bench.until(lambda: bench.states("daj") == ["ACKNOWLEDGED"])
    bench.faults("daj", script=["503"] * 500)
    bench.amend(uid, "215000.00")
    await bench.until(lambda: bench.states("daj") == ["ACKNOWLEDGED", "RETRYING"])
    with bench.services.database.read() as connection:
        assert facts.publishes(connection)
        known = facts.publications(connection, [subject, "marche/unknown"])
        assert known == {subject: Publication(published=True, pending=frozenset({1}))}
        assert facts.unanswered(connection, [subject]) == {}
    bench.faults("daj")
    await bench.until(lambda: bench.states("daj") == ["ACKNOWLEDGED"] * 2)
    with bench.services.database.read() as connection:
        assert facts.publications(connection, [subject])[subject].pending == frozenset()
