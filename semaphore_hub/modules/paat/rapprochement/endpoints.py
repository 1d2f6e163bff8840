"""HTTP operations on the gains of operators: ``/v1/paat/gains-operateurs``, ``/v1/paat/rapprochement``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.paat.rapprochement.schemas import (
    DeclarationGains,
    DeclarationVue,
    PageGainsOperateurs,
    RapprochementVue,
)
from semaphore_hub.modules.paat.trame.endpoints import CLASSEUR, classeur
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, Entree, SansNull

router = APIRouter(prefix="/v1/paat", tags=["PAAT"], route_class=StrictRoute)


class RechercheGains(Pagination):
    """Query parameters of the list; every condition given must hold."""

    annee: Annotated[Annotated[int, Field(ge=2015, le=2099), BeforeValidator(whole)] | None, SansNull()] = None
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    operateur: Annotated[Operateur | None, SansNull()] = None

    def filtres(self) -> dict[str, object]:
        """Wanted value by column."""
        wanted = None if self.operateur is None else self.operateur.value
        return {"annee": self.annee, "ght": self.ght, "operateur": wanted}


class RechercheRapprochement(Entree):
    """Query parameters of a reconciliation; every condition given must hold."""

    annee: Annotated[int, Field(ge=2015, le=2099, description="année des plans"), BeforeValidator(whole)]
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    operateur: Annotated[Operateur | None, SansNull()] = None


@router.post(
    "/gains-operateurs",
    operation_id="declarerGainsOperateurs",
    summary="Déclarer des gains d'opérateurs",
    response_model=DeclarationVue,
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def declarer_gains_operateurs(body: DeclarationGains, change: ChangeDep) -> Response:
    """Record what operators (UniHA, RESAH, UGAP…) declare, all or none; given again, nothing changes."""
    return change.run(lambda unit: Answer(change.services.rapprochement.declarer(unit, change.caller, body)))


@router.get(
    "/gains-operateurs",
    operation_id="listerGainsOperateurs",
    summary="Lister les gains déclarés par les opérateurs",
    response_model=PageGainsOperateurs,
    responses=responses(401, 403, 422),
)
def lister_gains_operateurs(
    recherche: Annotated[RechercheGains, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Gains of operators in the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.rapprochement.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageGainsOperateurs(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/rapprochement",
    operation_id="rapprocherGains",
    summary="Rapprocher les gains des GHT et des opérateurs",
    response_model=RapprochementVue,
    responses=responses(401, 403, 422),
)
def rapprocher_gains(
    recherche: Annotated[RechercheRapprochement, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Both figures line by line, and the lower one that is retained; what one side alone declares."""
    with services.database.read() as connection:
        found = services.rapprochement.rapprocher(
            connection, caller, recherche.annee, ght=recherche.ght, operateur=recherche.operateur
        )
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/rapprochement.xlsx",
    operation_id="exporterRapprochement",
    summary="Télécharger le rapprochement des gains",
    response_class=Response,
    responses={**responses(401, 403, 422), 200: CLASSEUR},
)
def exporter_rapprochement(
    recherche: Annotated[RechercheRapprochement, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """The same as a workbook, with every line."""
    with services.database.read() as connection:
        return classeur(
            services.rapprochement.exporter(
                connection, caller, recherche.annee, ght=recherche.ght, operateur=recherche.operateur
            )
        )
