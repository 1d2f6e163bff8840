"""``post``: recording one marché with its event, through the whole HTTP application and at the service.

Baseline: the least FastAPI endpoint with the same pydantic model, which inserts the same rows and the same event with
SQLAlchemy Core in one transaction, on a database of the same kind with the same pragmas. It checks nothing against the
référentiel, applies no rule, and answers two fields.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from benchmarks import databases, world
from benchmarks.measure import Pair, Result, Sample, Stopwatch, compared, in_turns, in_turns_async
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import create_app
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches.description import stored
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire, MarcheTitulaire
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.modules.referentiel.models import Fournisseur
from semaphore_hub.ports.events import MARCHE_CREE

REQUESTS, SECONDS = 20, 6.0
_marche, _titulaire, _beneficiaire = (table_of(model) for model in (Marche, MarcheTitulaire, MarcheBeneficiaire))


def run(kinds: Sequence[str]) -> list[Result]:
    """Both levels on each kind of database."""
    results = []
    for kind in kinds:
        with ExitStack() as stack:
            ours = stack.enter_context(world.hub(stack.enter_context(databases.fresh(kind))))
            other = stack.enter_context(world.hub(stack.enter_context(databases.fresh(kind))))
            record = recorder(other.database)
            bodies = (json.dumps(world.marche(number)).encode() for number in itertools.count(1))
            pairs = asyncio.run(_over_http(ours, record, bodies.__next__))
            results.append(compared("post", kind, "requests/s", pairs, at_least=0.5))
            pairs = in_turns(
                lambda ours=ours, next_body=bodies.__next__: _serve(ours, next_body),  # type: ignore[misc]
                lambda record=record, next_body=bodies.__next__: _record(record, next_body),  # type: ignore[misc]
                SECONDS,
            )
            results.append(compared("post: service only", kind, "marchés/s", pairs))
    return results


def recorder(database: Database) -> Callable[[NouveauMarche], str]:
    """The baseline's work: the rows of one marché and its event, in one transaction; gives the uid."""
    fournisseur = table_of(Fournisseur)
    with database.read() as connection:
        uids = {row.identifiant: row.uid for row in connection.execute(select(fournisseur))}

    def record(nouveau: NouveauMarche) -> str:
        uid = new_id()
        with database.engine.connect() as connection:
            if database.is_sqlite:  # the driver is told not to begin transactions by itself
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.execute(
                _marche.insert(),
                {
                    "uid": uid,
                    "version": 1,
                    "statut": "attribue",
                    "ght": world.GHT,
                    "acheteur_siret": nouveau.acheteur.id,
                    "id": nouveau.id,
                    "id_contrat": None,
                    "objet": nouveau.objet,
                    "code_cpv": nouveau.codeCPV,
                    "montant_cents": to_cents(nouveau.montant),
                    "duree_mois": nouveau.dureeMois,
                    "date_notification": None,
                    "date_publication": None,
                    "type_achat": "fournitures",
                    "created_ms": int(world.TODAY.timestamp() * 1000),
                    "donnees": {**stored(nouveau), "champsCompletes": [], "avertissements": []},
                    "importe": None,
                },
            )
            connection.execute(
                _titulaire.insert(),
                [
                    {
                        "marche_uid": uid,
                        "rang": rang,
                        "fournisseur_uid": uids[holder.id],
                        "role": holder.role,
                        "montant_cents": None,
                    }
                    for rang, holder in enumerate(nouveau.titulaires)
                ],
            )
            connection.execute(
                _beneficiaire.insert(),
                [
                    {"marche_uid": uid, "rang": rang, "etablissement_siret": one.id}
                    for rang, one in enumerate(nouveau.beneficiaires)
                ],
            )
            connection.execute(
                event_table.insert(),
                {
                    "id": new_id(),
                    "type": MARCHE_CREE,
                    "subject": f"marche/{uid}",
                    "version": 1,
                    "time": world.TODAY,
                    "ght": world.GHT,
                    "data": {
                        "uid": uid,
                        "id": nouveau.id,
                        "acheteur": nouveau.acheteur.id,
                        "objet": nouveau.objet,
                        "montant": str(nouveau.montant),
                    },
                    "routed": False,
                },
            )
            connection.commit()
        return uid

    return record


def bare_app(record: Callable[[NouveauMarche], str]) -> FastAPI:
    """The baseline's application."""
    app = FastAPI()

    @app.post("/v1/marches", status_code=201)
    def creer(body: NouveauMarche) -> dict[str, str | int]:
        return {"uid": record(body), "version": 1}

    return app


async def _over_http(
    ours: HubServices, record: Callable[[NouveauMarche], str], next_body: Callable[[], bytes]
) -> list[Pair]:
    hub = httpx.ASGITransport(create_app(ours, dispatch=False))
    bare = httpx.ASGITransport(bare_app(record))
    async with (
        httpx.AsyncClient(transport=hub, base_url="http://hub") as hub_client,
        httpx.AsyncClient(transport=bare, base_url="http://bare") as bare_client,
    ):
        return await in_turns_async(
            lambda: _post(hub_client, next_body), lambda: _post(bare_client, next_body), SECONDS
        )


async def _post(client: httpx.AsyncClient, next_body: Callable[[], bytes]) -> Sample:
    bodies = [next_body() for _ in range(REQUESTS)]
    watch = Stopwatch()
    for body in bodies:
        answer = await client.post("/v1/marches", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 201, answer.text
    return watch.sample(REQUESTS)


def _serve(services: HubServices, next_body: Callable[[], bytes]) -> Sample:
    bodies = [next_body() for _ in range(REQUESTS)]
    watch = Stopwatch()
    for body in bodies:
        with services.database.write() as unit:
            view = services.marches.creer(unit, LOCAL, NouveauMarche.model_validate_json(body))
            view.model_dump_json()
    return watch.sample(REQUESTS)


def _record(record: Callable[[NouveauMarche], str], next_body: Callable[[], bytes]) -> Sample:
    bodies = [next_body() for _ in range(REQUESTS)]
    watch = Stopwatch()
    for body in bodies:
        record(NouveauMarche.model_validate_json(body))
    return watch.sample(REQUESTS)
