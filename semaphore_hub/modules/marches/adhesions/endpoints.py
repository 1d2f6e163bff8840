"""HTTP operations of adhesions: ``/v1/marches/adhesions``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.adhesions.schemas import (
    AdhesionVue,
    Centrale,
    DemandeAdhesion,
    NumeroOperateur,
    PageAdhesions,
    Signature,
    Ventilation,
)
from semaphore_hub.modules.referentiel.champs import SIRET_PATTERN, SansNull
from semaphore_hub.ports.payloads import StatutAdhesion

router = APIRouter(prefix="/v1/marches/adhesions", tags=["adhésions"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de l'adhésion dans le hub")]
_VERSIONED = versioned("lireAdhesion", "signerAdhesion", "ventilerAdhesion")
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RechercheAdhesions(Pagination):
    """Query parameters of the list; every condition given must hold."""

    centrale: Annotated[Centrale | None, SansNull()] = None
    numeroMarche: Annotated[NumeroOperateur | None, SansNull()] = None
    etablissement: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None
    statut: Annotated[StatutAdhesion | None, SansNull()] = None

    def filtres(self) -> dict[str, str | None]:
        """Wanted value by column."""
        return {
            "centrale": self.centrale,
            "numero_marche": self.numeroMarche,
            "etablissement_siret": self.etablissement,
            "statut": self.statut,
        }


def _answer(adhesion: AdhesionVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(adhesion.version)}
    if status == 201:
        headers["Location"] = f"/v1/marches/adhesions/{adhesion.uid}"
    return Answer(adhesion, status, headers)


@router.post(
    "",
    operation_id="demanderAdhesion",
    summary="Demander une adhésion à un marché d'une centrale",
    status_code=201,
    response_model=AdhesionVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def demander_adhesion(body: DemandeAdhesion, change: ChangeDep) -> Response:
    """Ask a buying cooperative for a convention; its partner is told."""
    return change.run(lambda unit: _answer(change.services.adhesions.demander(unit, change.caller, body), 201))


@router.get(
    "",
    operation_id="listerAdhesions",
    summary="Chercher des adhésions",
    response_model=PageAdhesions,
    responses=responses(401, 403, 422),
)
def lister_adhesions(
    recherche: Annotated[RechercheAdhesions, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Adhesions of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.adhesions.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageAdhesions(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}",
    operation_id="lireAdhesion",
    summary="Lire une adhésion",
    response_model=AdhesionVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_adhesion(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """An adhesion as it stands; its ETag is what changes ask for."""
    with services.database.read() as connection:
        found = services.adhesions.lire(connection, caller, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.post(
    "/{uid}/signature",
    operation_id="signerAdhesion",
    summary="Signer la convention",
    response_model=AdhesionVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def signer_adhesion(uid: UidPath, version: ExpectedVersion, body: Signature, change: ChangeDep) -> Response:
    """Sign the convention that the cooperative sent."""
    return change.run(lambda unit: _answer(change.services.adhesions.signer(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/ventilation",
    operation_id="ventilerAdhesion",
    summary="Choisir l'établissement facturé",
    response_model=AdhesionVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def ventiler_adhesion(uid: UidPath, version: ExpectedVersion, body: Ventilation, change: ChangeDep) -> Response:
    """Choose who is invoiced the cooperative's fee."""
    return change.run(lambda unit: _answer(change.services.adhesions.ventiler(unit, change.caller, uid, version, body)))
