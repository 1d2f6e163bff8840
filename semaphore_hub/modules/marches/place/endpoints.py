"""HTTP operations on what PLACE says: ``/v1/marches/place``. Nothing is written through them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.fields import ReferenceConsultation
from semaphore_hub.modules.marches.place.dits import Periode, StatutPlace
from semaphore_hub.modules.marches.place.reading import FiltresContrats
from semaphore_hub.modules.marches.place.schemas import (
    ConsultationPlaceVue,
    PageConsultationsPlace,
    PageContratsPlace,
)
from semaphore_hub.modules.referentiel.champs import SIRET_PATTERN, SansNull

router = APIRouter(prefix="/v1/marches/place", tags=["PLACE"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de la consultation suivie, dans le hub")]
Acheteur = Annotated[str, Field(pattern=SIRET_PATTERN)]


class RechercheConsultationsPlace(Pagination):
    """Query parameters of the consultations; every condition given must hold."""

    reference: Annotated[ReferenceConsultation | None, SansNull()] = Field(
        default=None, description="référence de la consultation"
    )
    acheteur: Annotated[Acheteur | None, SansNull()] = Field(default=None, description="SIRET de l'acheteur")
    statut: Annotated[StatutPlace | None, SansNull()] = Field(default=None, description="étape à PLACE")

    def filtres(self) -> dict[str, str | None]:
        """Wanted value by column."""
        return {"reference": self.reference, "acheteur": self.acheteur, "statut": self.statut}


class RechercheContratsPlace(Pagination):
    """Query parameters of the contracts; every condition given must hold."""

    divergences: Annotated[bool | None, SansNull()] = Field(
        default=None, description="true : seulement ceux qui diffèrent ; false : seulement ceux qui concordent"
    )
    acheteur: Annotated[Acheteur | None, SansNull()] = Field(default=None, description="SIRET de l'acheteur")
    periode: Annotated[Periode | None, SansNull()] = Field(
        default=None, description="mois ou année de la notification", examples=["2026-03", "2026"]
    )

    def filtres(self) -> FiltresContrats:
        """What the service searches for."""
        return FiltresContrats(acheteur=self.acheteur, periode=self.periode, divergences=self.divergences)


@router.get(
    "/consultations",
    operation_id="listerConsultationsPlace",
    summary="Suivre les consultations à PLACE",
    response_model=PageConsultationsPlace,
    responses=responses(401, 403, 422),
)
def lister_consultations(
    recherche: Annotated[RechercheConsultationsPlace, Query()],
    services: ServicesDep,
    caller: CallerDep,
) -> Response:
    """Consultations as PLACE last said them, with what differs from the projets of the hub as they are now."""
    with services.database.read() as connection:
        items, last = services.suivi_place.consultations(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageConsultationsPlace(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/consultations/{uid}",
    operation_id="lireConsultationPlace",
    summary="Lire une consultation suivie à PLACE",
    response_model=ConsultationPlaceVue,
    responses=responses(401, 403, 404, 422),
)
def lire_consultation(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """One consultation, its lots with their projets or marchés, and what differs; the buyer decides what to do."""
    with services.database.read() as connection:
        found = services.suivi_place.consultation(connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/contrats",
    operation_id="listerContratsPlace",
    summary="Rapprocher les contrats de PLACE et les marchés",
    response_model=PageContratsPlace,
    responses=responses(401, 403, 422),
)
def lister_contrats(
    recherche: Annotated[RechercheContratsPlace, Query()],
    services: ServicesDep,
    caller: CallerDep,
) -> Response:
    """Contracts PLACE has, with their marché and what differs; and marchés that its months should have and lack.

    A search by divergences examines a bounded number of contracts: a page may hold fewer items than asked for, even
    none, and have a "next".
    """
    with services.database.read() as connection:
        items, last = services.suivi_place.contrats(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageContratsPlace(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")
