"""``/v1/planification/projets/{uid}/attribution`` and ``…/marches``: where the planning meets the marchés.

This router comes before the one of projects. It is of no module: a module does not know another one.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from semaphore_hub.api.attributions.schemas import AttributionProjet, AttributionVue, MarchesDuProjet
from semaphore_hub.api.attributions.service import attribuer
from semaphore_hub.api.attributions.suivi import suivre
from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.ids import ID_PATTERN

router = APIRouter(prefix="/v1/planification/projets/{uid}", tags=["planification"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du projet d'achat dans le hub")]
_VERSIONED = versioned("lireProjetAchat", "attribuerProjetAchat", "terminerProjetAchat")


@router.post(
    "/attribution",
    operation_id="attribuerProjetAchat",
    summary="Attribuer des lots et ouvrir leurs marchés",
    status_code=201,
    response_model=AttributionVue,
    responses={**responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428), 201: _VERSIONED},
)
def attribuer_projet_achat(
    uid: UidPath, version: ExpectedVersion, body: AttributionProjet, change: ChangeDep
) -> Response:
    """Open one marché per lot attributed, all or none; lots without a result are declared in the same request."""

    def operation(unit: UnitOfWork) -> Answer:
        done = attribuer(change.services, unit, change.caller, uid, version, body)
        headers = {"ETag": etag(done.version), "Location": f"/v1/planification/projets/{uid}/marches"}
        return Answer(done, 201, headers)

    return change.run(operation)


@router.get(
    "/marches",
    operation_id="suivreMarchesProjetAchat",
    summary="Suivre les marchés ouverts par un projet",
    response_model=MarchesDuProjet,
    responses=responses(401, 403, 404, 422),
)
def suivre_marches_projet_achat(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """What became of each lot: status, notification, amount against the estimate."""
    with services.database.read() as connection:
        found = suivre(services, connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")
