"""HTTP operations of censuses of needs: ``/v1/planification/recensements``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.planification.champs import CodeNCHFS
from semaphore_hub.modules.planification.recensements.schemas import (
    BesoinEntree,
    BesoinsEnregistres,
    BesoinsEntree,
    BesoinVue,
    NouveauRecensement,
    PageBesoins,
    PageRecensements,
    RecensementVue,
    StatutRecensement,
    SyntheseVue,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SIRET_PATTERN, SansNull

router = APIRouter(prefix="/v1/planification/recensements", tags=["planification"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du recensement dans le hub")]
_VERSIONED = versioned("lireRecensement", "cloreRecensement")
_NEEDS = responses(400, 401, 403, 404, 409, 413, 415, 422)


class RechercheRecensements(Pagination):
    """Query parameters of the list; every condition given must hold."""

    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    annee: Annotated[Annotated[int, Field(ge=2020, le=2100), BeforeValidator(whole)] | None, SansNull()] = None
    statut: Annotated[StatutRecensement | None, SansNull()] = None

    def filtres(self) -> dict[str, Any]:
        """Wanted value by column."""
        return {"ght": self.ght, "annee": self.annee, "statut": self.statut}


class RechercheBesoins(Pagination):
    """Query parameters of the needs of a census; every condition given must hold."""

    etablissement: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None
    codeNCHFS: Annotated[CodeNCHFS | None, SansNull()] = None
    nonRepris: bool = Field(default=False, description="seulement ceux qu'aucun projet ne reprend")

    def filtres(self) -> dict[str, str | None]:
        """Wanted value by column."""
        return {"etablissement_siret": self.etablissement, "code_nchfs": self.codeNCHFS}


def _answer(recensement: RecensementVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(recensement.version)}
    if status == 201:
        headers["Location"] = f"/v1/planification/recensements/{recensement.uid}"
    return Answer(recensement, status, headers)


@router.post(
    "",
    operation_id="ouvrirRecensement",
    summary="Ouvrir un recensement des besoins",
    status_code=201,
    response_model=RecensementVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def ouvrir_recensement(body: NouveauRecensement, change: ChangeDep) -> Response:
    """Ask the établissements of a GHT for their needs of a year, between two days."""
    return change.run(lambda unit: _answer(change.services.recensements.ouvrir(unit, change.caller, body), 201))


@router.get(
    "",
    operation_id="listerRecensements",
    summary="Chercher des recensements",
    response_model=PageRecensements,
    responses=responses(401, 403, 422),
)
def lister_recensements(
    recherche: Annotated[RechercheRecensements, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Censuses of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.recensements.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageRecensements(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}",
    operation_id="lireRecensement",
    summary="Lire un recensement",
    response_model=RecensementVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_recensement(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A census as it stands; its ETag is what the closing asks for."""
    with services.database.read() as connection:
        found = services.recensements.lire(connection, caller, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.post(
    "/{uid}/cloture",
    operation_id="cloreRecensement",
    summary="Clore un recensement",
    response_model=RecensementVue,
    responses={**responses(401, 403, 404, 409, 412, 422, 428), 200: _VERSIONED},
)
def clore_recensement(uid: UidPath, version: ExpectedVersion, change: ChangeDep) -> Response:
    """No need changes any more; projects may go on taking them."""
    return change.run(lambda unit: _answer(change.services.recensements.clore(unit, change.caller, uid, version)))


@router.get(
    "/{uid}/synthese",
    operation_id="lireSyntheseRecensement",
    summary="Lire la synthèse d'un recensement",
    response_model=SyntheseVue,
    responses=responses(401, 403, 404, 422),
)
def lire_synthese_recensement(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """By homogeneous category and établissement, summed over the GHT, with those who have not answered."""
    with services.database.read() as connection:
        found = services.recensements.synthese(connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post(
    "/{uid}/besoins",
    operation_id="ajouterBesoin",
    summary="Dire un besoin",
    status_code=201,
    response_model=BesoinVue,
    responses=_NEEDS,
)
def ajouter_besoin(uid: UidPath, body: BesoinEntree, change: ChangeDep) -> Response:
    """State one need; a code unknown to the nomenclature kept is a warning."""
    return change.run(lambda unit: Answer(change.services.recensements.ajouter(unit, change.caller, uid, body), 201))


@router.put(
    "/{uid}/besoins",
    operation_id="enregistrerBesoins",
    summary="Dire ou redire des besoins, tous ou aucun",
    response_model=BesoinsEnregistres,
    responses=_NEEDS,
)
def enregistrer_besoins(uid: UidPath, body: BesoinsEntree, change: ChangeDep) -> Response:
    """By établissement and reference; those left out stay as they are, each line at fault is said."""
    return change.run(lambda unit: Answer(change.services.recensements.enregistrer(unit, change.caller, uid, body)))


@router.get(
    "/{uid}/besoins",
    operation_id="listerBesoins",
    summary="Lister les besoins d'un recensement",
    response_model=PageBesoins,
    responses=responses(401, 403, 404, 422),
)
def lister_besoins(
    uid: UidPath, recherche: Annotated[RechercheBesoins, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """In the order they were first stated; their uid is what a project takes."""
    with services.database.read() as connection:
        items, last = services.recensements.besoins(
            connection,
            caller,
            uid,
            recherche.filtres(),
            non_repris=recherche.nonRepris,
            limit=recherche.limit,
            after=recherche.after,
        )
    page = PageBesoins(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")
