"""HTTP operations on orders, receipts and payments: ``/v1/marches/{uid}/…`` and those off contract."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.marches.endpoints import UidPath
from semaphore_hub.modules.marches.execution.flux import vues
from semaphore_hub.modules.marches.execution.flux.rattachement import HorsMarche
from semaphore_hub.modules.referentiel.champs import SIRET_PATTERN, Jour, SansNull

router = APIRouter(tags=["marchés"], route_class=StrictRoute)

_READ = responses(401, 403, 404, 422)


class RechercheHorsMarche(Pagination):
    """Query parameters of the lists of what is off contract; every condition given must hold."""

    etablissement: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = Field(
        default=None, description="SIRET de l'établissement"
    )
    depuis: Annotated[Jour | None, SansNull()] = Field(default=None, description="daté de ce jour ou après")
    avant: Annotated[Jour | None, SansNull()] = Field(default=None, description="daté d'avant ce jour")
    motif: Annotated[HorsMarche | None, SansNull()] = Field(
        default=None, description="aucun numéro, numéro d'aucun marché, ou de plusieurs"
    )

    def filtres(self) -> vues.FiltresHorsMarche:
        """What is searched for."""
        return vues.FiltresHorsMarche(self.etablissement, self.depuis, self.avant, self.motif)


@router.get(
    "/mandats-hors-marche",
    operation_id="listerMandatsHorsMarche",
    summary="Lire les mandats sans marché",
    response_model=vues.PageMandatsHorsMarche,
    responses=responses(401, 403, 422),
)
def mandats_hors_marche(
    recherche: Annotated[RechercheHorsMarche, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Payments reconciled with no marché, and why: what the indicators of purchases off contract are made of."""
    with services.database.read() as connection:
        items, totaux, last = vues.mandats_hors_marche(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = vues.PageMandatsHorsMarche(items=tuple(items), totaux=totaux, next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/commandes-hors-marche",
    operation_id="listerCommandesHorsMarche",
    summary="Lire les commandes sans marché",
    response_model=vues.PageCommandesHorsMarche,
    responses=responses(401, 403, 422),
)
def commandes_hors_marche(
    recherche: Annotated[RechercheHorsMarche, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Orders that name no marché."""
    with services.database.read() as connection:
        items, totaux, last = vues.commandes_hors_marche(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = vues.PageCommandesHorsMarche(items=tuple(items), totaux=totaux, next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}/commandes",
    operation_id="listerCommandesMarche",
    summary="Lire les commandes d'un marché",
    response_model=vues.PageCommandes,
    responses=_READ,
)
def commandes(
    uid: UidPath, pagination: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Lines of orders as the GEF say them, with what each said before it was changed."""
    with services.database.read() as connection:
        items, last = vues.commandes_du_marche(connection, caller, uid, limit=pagination.limit, after=pagination.after)
    page = vues.PageCommandes(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}/receptions",
    operation_id="listerReceptionsMarche",
    summary="Lire les réceptions d'un marché",
    response_model=vues.PageReceptions,
    responses=_READ,
)
def receptions(
    uid: UidPath, pagination: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """What was received of the lines ordered on the marché."""
    with services.database.read() as connection:
        items, last = vues.receptions_du_marche(connection, caller, uid, limit=pagination.limit, after=pagination.after)
    page = vues.PageReceptions(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}/mandats",
    operation_id="listerMandatsMarche",
    summary="Lire les mandats d'un marché",
    response_model=vues.PageMandats,
    responses=_READ,
)
def mandats(
    uid: UidPath, pagination: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Lines of payments as the GEF say them, with what each said before it was changed."""
    with services.database.read() as connection:
        items, last = vues.mandats_du_marche(connection, caller, uid, limit=pagination.limit, after=pagination.after)
    page = vues.PageMandats(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")
