"""HTTP operations on what the GEF says of an establishment: ``/v1/etablissements/{siret}/…``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.referentiel.champs import SIRET_PATTERN, SansNull
from semaphore_hub.modules.referentiel.gef.vues import (
    EtatTiers,
    PageComptes,
    PageStructures,
    PageTiers,
    lister_comptes,
    lister_structures,
    lister_tiers,
)

router = APIRouter(prefix="/etablissements/{siret}", tags=["référentiel"], route_class=StrictRoute)

SiretPath = Annotated[str, Path(pattern=SIRET_PATTERN, description="SIRET de l'établissement, entité juridique")]
_READ = responses(401, 403, 404, 422)


class RechercheStructures(Pagination):
    """Query parameters of the list of structures."""

    actives: bool = Field(default=False, description="seulement celles qui sont actives")


class RechercheComptes(Pagination):
    """Query parameters of the list of accounts."""

    exercice: Annotated[Annotated[int, Field(ge=2000, le=2100), BeforeValidator(whole)] | None, SansNull()] = None
    ouverts: bool = Field(default=False, description="seulement ceux qui sont ouverts")


class RechercheTiers(Pagination):
    """Query parameters of the list of third parties."""

    etat: Annotated[EtatTiers | None, SansNull()] = Field(
        default=None, description="« en_attente » : le fournisseur manque au référentiel"
    )


@router.get(
    "/structures",
    operation_id="listerStructures",
    summary="Lire les unités fonctionnelles d'un établissement",
    response_model=PageStructures,
    responses=_READ,
)
def structures(
    siret: SiretPath, recherche: Annotated[RechercheStructures, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """UF as the GEF says them, with their pole and centre of responsibility, active or not."""
    with services.database.read() as connection:
        items, last = lister_structures(
            connection, caller, siret, actives=recherche.actives, limit=recherche.limit, after=recherche.after
        )
    page = PageStructures(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/comptes",
    operation_id="listerComptes",
    summary="Lire les comptes budgétaires d'un établissement",
    response_model=PageComptes,
    responses=_READ,
)
def comptes(
    siret: SiretPath, recherche: Annotated[RechercheComptes, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Accounts by year and budget as the GEF says them, open or closed."""
    with services.database.read() as connection:
        items, last = lister_comptes(
            connection,
            caller,
            siret,
            exercice=recherche.exercice,
            ouverts=recherche.ouverts,
            limit=recherche.limit,
            after=recherche.after,
        )
    page = PageComptes(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/tiers",
    operation_id="listerTiers",
    summary="Lire les tiers d'un établissement",
    response_model=PageTiers,
    responses=_READ,
)
def tiers(
    siret: SiretPath, recherche: Annotated[RechercheTiers, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Third parties under the codes of the GEF, linked to the suppliers of the référentiel by their identifier."""
    with services.database.read() as connection:
        items, last = lister_tiers(
            connection, caller, siret, etat=recherche.etat, limit=recherche.limit, after=recherche.after
        )
    page = PageTiers(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")
