"""What each partner was told of a marché, read back from the bytes that left, through three partners' formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select, update
from typer.testing import CliRunner

from semaphore_hub.app import build, create_app
from semaphore_hub.cli import app as command_line
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.settings import Settings
from tests.e2e.bench import PARTNERS, Bench, open_bench

EVERYONE = ("daj", *PARTNERS)


@pytest.fixture
async def bench(sqlite_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Bench]:
    async with open_bench(sqlite_url, tmp_path, clock, partners=EVERYONE) as opened:
        yield opened


@pytest.fixture(scope="module")
def application() -> FastAPI:
    """The application of the product, given the services of each test: working its routes out takes long."""
    return create_app(build(Settings(database_url="sqlite:///never-opened.db")), dispatch=False)


@pytest.fixture
async def client(bench: Bench, application: FastAPI) -> AsyncIterator[AsyncClient]:
    application.state.services = bench.services
    async with AsyncClient(transport=ASGITransport(application), base_url="http://hub") as opened:
        yield opened


async def accepted(bench: Bench, partner: str, count: int) -> None:
    await bench.until(lambda: bench.states(partner) == ["ACKNOWLEDGED"] * count)


async def views(client: AsyncClient, uid: str, *, gaps: bool = False) -> dict:
    answer = await client.get(f"/v1/marches/{uid}/vues", params={"ecarts": str(gaps).lower()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(answer: dict, champ: str) -> dict[str, tuple[str | None, str]]:
    [field] = [one for one in answer["champs"] if one["champ"] == champ]
    return {one["partenaire"]: (one["valeur"], one["verdict"]) for one in field["partenaires"]}


async def test_partners_were_told_the_same_and_every_difference_is_a_declared_loss(
    bench: Bench, client: AsyncClient
) -> None:
    uid = bench.notify(1)
    bench.amend(uid, "215000.00")
    for partner in EVERYONE:
        await accepted(bench, partner, 3 if partner == "gef_ideo_gelf" else 2)
    answer = await views(client, uid)
    assert answer["differences"] == 0, [one for one in answer["champs"] if "différence" in str(one)]
    # The DECP freezes the initial amount and appends; the PES and the GEF say the present one: read back, all agree.
    assert set(told(answer, "montant").values()) == {("215000.00", "identique")}
    assert told(answer, "initial.montant")["daj"] == ("200000.00", "identique")
    assert told(answer, "considerationsSociales")["gef_ideo_gelf"] == (None, "perte déclarée")
    assert told(answer, "complements.idContrat")["dgfip"][1] == "identique"
    gaps = await views(client, uid, gaps=True)
    assert 0 < len(gaps["champs"]) < len(answer["champs"])
    kinds = Counter(one["verdict"] for field in gaps["champs"] for one in field["partenaires"])
    assert set(kinds) == {"identique", "perte déclarée"}


async def test_what_waits_or_was_refused_is_said(bench: Bench, client: AsyncClient) -> None:
    uid = bench.notify(1)
    for partner in EVERYONE:
        await accepted(bench, partner, 2 if partner == "gef_ideo_gelf" else 1)
    bench.faults("dgfip", script=["503"] * 400)
    bench.amend(uid, "215000.00")
    await accepted(bench, "daj", 2)
    await bench.until(lambda: bench.states("dgfip")[-1] == "RETRYING")
    waiting = await views(client, uid)
    assert told(waiting, "montant")["dgfip"] == ("200000.00", "en attente")
    assert waiting["differences"] == 0
    bench.faults("dgfip", scenarios=["rupture_sequence"])
    await bench.until(lambda: bench.states("dgfip")[-1] == "REJECTED")
    refused = await views(client, uid)
    assert told(refused, "montant")["dgfip"] == ("200000.00", "refusé")
    assert "REJECTED" in next(one["refuse"] for one in refused["partenaires"] if one["partenaire"] == "dgfip")


async def test_a_wrong_message_is_a_difference_that_nothing_explains(bench: Bench, client: AsyncClient) -> None:
    uid = bench.notify(1)
    await accepted(bench, "daj", 1)
    with bench.services.database.write() as unit:
        body = unit.connection.execute(select(delivery.c.body).where(delivery.c.partner == "daj")).scalar_one()
        wrong = body.replace(b"33140000-3", b"33600000-6")
        assert wrong != body
        unit.connection.execute(update(delivery).where(delivery.c.partner == "daj").values(body=wrong))
    answer = await views(client, uid)
    assert answer["differences"] == 1
    assert told(answer, "codeCPV")["daj"] == ("33600000-6", "différence")


async def test_a_marche_that_was_not_notified_has_no_views(client: AsyncClient) -> None:
    answer = await client.get("/v1/marches/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f/vues")
    assert answer.status_code == 404


async def test_the_command_shows_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = bench.notify(1)
    for partner in EVERYONE:
        await accepted(bench, partner, 2 if partner == "gef_ideo_gelf" else 1)
    monkeypatch.setenv("SEMAPHORE_DATABASE_URL", bench.services.settings.database_url)
    for identifier in (uid, "DM0001", "2026DM0001"):
        done = CliRunner().invoke(command_line, ["vues", identifier, "--ecarts"], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        assert "différences inexpliquées : 0" in done.output
    done = CliRunner().invoke(command_line, ["vues", uid, "--json"])
    assert f'"uid": "{uid}"' in done.output
