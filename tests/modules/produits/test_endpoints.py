"""The catalogue by HTTP: deposit a file, read imports, search products."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api import problems
from semaphore_hub.api.limits import BodyLimit
from semaphore_hub.modules.marches import endpoints as marches
from semaphore_hub.modules.marches.produits import endpoints as produits
from semaphore_hub.modules.marches.produits.service import ProduitsService
from tests.contracts.produits_samples import DRUG, LINE, text_of
from tests.modules.fakes import RecordedEvents, services_for
from tests.modules.produits.conftest import Catalogue, lines

URL = "/v1/marches/produits"
IMPORTS = f"{URL}/imports"


@pytest.fixture
async def client(embedded: Catalogue) -> AsyncIterator[AsyncClient]:
    """A client of the two routers, in the order the product includes them."""
    database, clock = embedded.database, embedded.clock
    events = RecordedEvents()
    given = services_for(database, clock, events)
    app = FastAPI()
    app.state.services = SimpleNamespace(**vars(given) | {"produits": ProduitsService(database, clock, events)})
    app.add_middleware(BodyLimit, max_bytes=100_000)
    app.include_router(produits.router)
    app.include_router(marches.router)
    problems.install(app, optional_auth=True)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


async def deposit(client: AsyncClient, *given: dict[str, str], **params: Any) -> Any:
    """Post a file of these lines."""
    body = text_of(*given).encode()
    return await client.post(
        IMPORTS, params={"nom": "produits.csv", **params}, content=body, headers={"Content-Type": "text/csv"}
    )


async def test_a_file_is_deposited_read_and_searched(client: AsyncClient) -> None:
    answer = await deposit(client, *lines(LINE, 3), DRUG)
    assert answer.status_code == 201, answer.text
    vue = answer.json()
    assert (vue["etat"], vue["creees"], vue["enAttente"], vue["nom"]) == ("termine", 4, 4, "produits.csv")
    read = await client.get(answer.headers["Location"])
    assert (read.status_code, read.json()) == (200, vue)
    listed = (await client.get(IMPORTS)).json()
    assert [one["id"] for one in listed["items"]] == [vue["id"]]
    page = (await client.get(URL, params={"limit": 3})).json()
    rest = (await client.get(URL, params={"limit": 3, "cursor": page["next"]})).json()
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]
    assert rest["items"][0]["prixUnitaireHT"] == "1.25"
    for params in ({"cip13": DRUG["code_cip13"]}, {"marche": "2026DM001", "q": "Paracétamol"}):
        assert len((await client.get(URL, params=params)).json()["items"]) == 1
    for day, count in (("2026-06-30", 4), ("2025-12-31", 0)):
        assert len((await client.get(URL, params={"valideLe": day})).json()["items"]) == count


async def test_the_same_file_again_is_said_so(client: AsyncClient) -> None:
    first = await deposit(client, LINE)
    again = await deposit(client, LINE, nom="autre_nom.csv")
    assert (again.status_code, again.json()["dejaCharge"], again.json()["id"]) == (200, True, first.json()["id"])


async def test_a_wrong_line_is_a_409_that_says_where_or_is_left_out_in_part(client: AsyncClient) -> None:
    given = (LINE, {**DRUG, "code_cip13": "3400935955839"})
    refused = await deposit(client, *given)
    assert refused.status_code == 409
    assert [(one["path"], one["rule"]) for one in refused.json()["errors"]] == [
        ("ligne 3, colonne code_cip13", "PEM-CIP")
    ]
    (kept,) = (await client.get(IMPORTS)).json()["items"]
    assert (kept["etat"], kept["refusees"]) == ("refuse", 1)
    taken = await deposit(client, *given, partiel="true")
    assert (taken.status_code, taken.json()["creees"], taken.json()["refusees"]) == (201, 1, 1)
    assert taken.json()["constats"][0]["regle"] == "PEM-CIP"


@pytest.mark.parametrize(
    ("params", "status"),
    [({"nom": "../x"}, 422), ({"partiel": "peut-être"}, 422), ({"sha256": "0" * 64}, 409), ({"ght": "FIC-09"}, 409)],
)
async def test_wrong_requests_are_refused(client: AsyncClient, params: dict[str, str], status: int) -> None:
    answer = await deposit(client, LINE, **params)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_limits_of_what_is_sent_and_asked(client: AsyncClient) -> None:
    assert (await deposit(client, *lines(LINE, 1000))).status_code == 413
    assert (await client.get(f"{IMPORTS}/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f")).status_code == 404
    assert (await client.get(f"{IMPORTS}/autre")).status_code == 422
    assert (await client.get(URL, params={"couleur": "bleu"})).status_code == 422
    assert (await client.get(URL, params={"cursor": "f" * 32})).json() == {"items": [], "next": None}
