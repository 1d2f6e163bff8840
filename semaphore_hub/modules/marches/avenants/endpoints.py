"""HTTP operations on amendments, beside the general one: ``/v1/marches/{uid}/…``."""

from __future__ import annotations

from fastapi import APIRouter, Response

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.avenants.schemas import ChangementTitulaire, Prolongation, SimulationVue
from semaphore_hub.modules.marches.endpoints import UidPath
from semaphore_hub.modules.marches.schemas import NouvelleModification

router = APIRouter(prefix="/v1/marches", tags=["marchés"], route_class=StrictRoute)

_VERSIONED = versioned("lireMarche", "modifierMarche", "corrigerMarche")
_CHANGE = {**responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428), 201: _VERSIONED}


def _answer(marche: MarcheVue) -> Answer:
    return Answer(marche, 201, {"ETag": etag(marche.version)})


@router.post(
    "/{uid}/modifications/simulation",
    operation_id="simulerModification",
    summary="Essayer une modification sans l'enregistrer",
    response_model=SimulationVue,
    responses=responses(400, 401, 403, 404, 409, 413, 415, 422),
)
def simuler_modification(
    uid: UidPath, body: NouvelleModification, services: ServicesDep, caller: CallerDep
) -> Response:
    """The modification under every case of the code, allowed or refused, with the arithmetic; nothing is written."""
    with services.database.read() as connection:
        simulation = services.marches.simuler_modification(connection, caller, uid, body)
    return Response(simulation.model_dump_json(), media_type="application/json")


@router.post(
    "/{uid}/prolongation",
    operation_id="prolongerMarche",
    summary="Prolonger un marché",
    status_code=201,
    response_model=MarcheVue,
    responses=_CHANGE,
)
def prolonger_marche(uid: UidPath, version: ExpectedVersion, body: Prolongation, change: ChangeDep) -> Response:
    """A longer duration and nothing else, on the case of the code given: an amendment like the others."""
    return change.run(lambda unit: _answer(change.services.marches.prolonger(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/changement-titulaire",
    operation_id="changerTitulaireMarche",
    summary="Changer les titulaires d'un marché",
    status_code=201,
    response_model=MarcheVue,
    responses=_CHANGE,
)
def changer_titulaire(uid: UidPath, version: ExpectedVersion, body: ChangementTitulaire, change: ChangeDep) -> Response:
    """Other holders, by a review clause or a transfer (R2194-6): an amendment like the others."""
    return change.run(
        lambda unit: _answer(change.services.marches.changer_titulaire(unit, change.caller, uid, version, body))
    )
