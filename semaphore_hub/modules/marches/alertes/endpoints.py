"""HTTP operations of alerts: ``/v1/marches/alertes``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.alertes.regles import CodeAlerte
from semaphore_hub.modules.marches.alertes.schemas import (
    Acquittement,
    AlerteVue,
    DemandeEvaluation,
    Evaluation,
    PageAlertes,
)
from semaphore_hub.modules.marches.alertes.service import FiltresAlertes
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SansNull

router = APIRouter(prefix="/v1/marches/alertes", tags=["alertes"], route_class=StrictRoute)


class RechercheAlertes(Pagination):
    """Query parameters of the list; every condition given must hold."""

    code: Annotated[CodeAlerte | None, SansNull()] = None
    marche: Annotated[Annotated[str, Field(pattern=ID_PATTERN)] | None, SansNull()] = None
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    ouvertes: bool = Field(default=False, description="seulement celles que personne n'a acquittées")

    def filtres(self) -> FiltresAlertes:
        """What the service searches for."""
        return FiltresAlertes(code=self.code, marche=self.marche, ght=self.ght, ouvertes=self.ouvertes)


@router.get(
    "",
    operation_id="listerAlertes",
    summary="Lister les alertes sur les marchés",
    response_model=PageAlertes,
    responses=responses(401, 403, 422),
)
def lister_alertes(
    recherche: Annotated[RechercheAlertes, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Alerts of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.alertes.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageAlertes(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "/evaluation",
    operation_id="evaluerAlertes",
    summary="Rechercher les alertes du jour",
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def evaluer_alertes(body: DemandeEvaluation, services: ServicesDep, caller: CallerDep) -> Evaluation:
    """Look at every marché of the perimeter; the hub also does it by itself, regularly. Said again, nothing is new."""
    return services.alertes.evaluer(caller, body.jour)


@router.post(
    "/{uid}/acquittement",
    operation_id="acquitterAlerte",
    summary="Acquitter une alerte",
    response_model=AlerteVue,
    responses=responses(400, 401, 403, 404, 409, 413, 415, 422),
)
def acquitter_alerte(uid: Annotated[str, Path(pattern=ID_PATTERN)], body: Acquittement, change: ChangeDep) -> Response:
    """Say that the alert was seen, and what is done about it."""
    return change.run(lambda unit: Answer(change.services.alertes.acquitter(unit, change.caller, uid, body)))
