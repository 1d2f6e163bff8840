"""HTTP operations of campaigns: ``/v1/paat/campagnes``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.concurrency import etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.paat.campagnes.schemas import (
    Avancement,
    CampagneVue,
    DemandeRappels,
    Ecarts,
    EtatApres,
    NouvelleCampagne,
    NouvelleRemontee,
    PageCampagnes,
    PageRappels,
    PageRemontees,
    RappelsDuJour,
    RemonteeDetail,
    RemonteeVue,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, Entree, SansNull
from semaphore_hub.ports.payloads.achats import Moment

router = APIRouter(prefix="/v1/paat/campagnes", tags=["PAAT"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de la campagne")]
RemonteePath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de la remontée")]
_Annee = Annotated[int, Field(ge=2015, le=2099), BeforeValidator(whole)]
_Ght = Annotated[str, Field(pattern=GHT_PATTERN)]
_READ = responses(401, 403, 404, 422)
_CAMPAGNE = versioned("lireCampagnePaat")
_CAMPAGNE["links"] |= {
    name: {"operationId": name, "parameters": {"uid": "$response.body#/uid"}}
    for name in ("suivreCampagnePaat", "remonterPaat", "listerRemonteesPaat")
}
_LIRE_REMONTEE = {"uid": "$response.body#/campagne", "remontee": "$response.body#/uid"}
_REMONTEE = {"links": {"lireRemonteePaat": {"operationId": "lireRemonteePaat", "parameters": _LIRE_REMONTEE}}}


class RechercheCampagnes(Pagination):
    """Query parameters of the list of campaigns."""

    annee: Annotated[_Annee | None, SansNull()] = None


class RechercheRemontees(Pagination):
    """Query parameters of the answers to a campaign."""

    ght: Annotated[_Ght | None, SansNull()] = None


class RechercheRappels(Pagination):
    """Query parameters of the reminders; every condition given must hold."""

    campagne: Annotated[Annotated[str, Field(pattern=ID_PATTERN)] | None, SansNull()] = None
    ght: Annotated[_Ght | None, SansNull()] = None


class RechercheEcarts(Entree):
    """Which states of a plan are compared."""

    ght: _Ght = Field(description="code du GHT", examples=["FIC-01"])
    annee: _Annee = Field(examples=[2026])
    avant: Moment = Field(default="mi_annee", description="campagne dont la dernière remontée est l'état de départ")
    apres: EtatApres = Field(
        default="fin_annee",
        description="campagne dont la dernière remontée est l'état d'arrivée, ou « plan » : le présent",
    )


@router.post(
    "",
    operation_id="ouvrirCampagnePaat",
    summary="Ouvrir une campagne de remontée",
    status_code=201,
    response_model=CampagneVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _CAMPAGNE},
)
def ouvrir_campagne(body: NouvelleCampagne, change: ChangeDep) -> Response:
    """Open the collection of the figures of a year, at mid-year or at its end; the DGOS does."""

    def opened(campagne: CampagneVue) -> Answer:
        headers = {"ETag": etag(campagne.version), "Location": f"/v1/paat/campagnes/{campagne.uid}"}
        return Answer(campagne, 201, headers)

    return change.run(lambda unit: opened(change.services.campagnes.ouvrir(unit, change.caller, body)))


@router.get(
    "",
    operation_id="listerCampagnesPaat",
    summary="Lister les campagnes",
    response_model=PageCampagnes,
    responses=responses(401, 403, 422),
)
def lister_campagnes(
    recherche: Annotated[RechercheCampagnes, Query()], services: ServicesDep, _caller: CallerDep
) -> Response:
    """Campaigns, newest first; they are common to every GHT."""
    with services.database.read() as connection:
        items, last = services.campagnes.lister(
            connection, recherche.annee, limit=recherche.limit, after=recherche.after
        )
    page = PageCampagnes(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "/rappels",
    operation_id="rappelerCampagnesPaat",
    summary="Relancer les GHT qui n'ont pas remonté",
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def rappeler(body: DemandeRappels, services: ServicesDep, caller: CallerDep) -> RappelsDuJour:
    """Say the reminders of the day; the hub also does it by itself, regularly. Said again, nothing is new."""
    day = body.jour or services.clock.today()
    return RappelsDuJour(jour=day, rappels=services.campagnes.rappeler(caller, day))


@router.get(
    "/rappels",
    operation_id="listerRappelsPaat",
    summary="Lister les rappels",
    response_model=PageRappels,
    responses=responses(401, 403, 422),
)
def lister_rappels(
    recherche: Annotated[RechercheRappels, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Reminders said to the GHT of the perimeter, newest first."""
    wanted = {"campagne_uid": recherche.campagne, "ght": recherche.ght}
    with services.database.read() as connection:
        items, last = services.campagnes.lister_rappels(
            connection, caller, wanted, limit=recherche.limit, after=recherche.after
        )
    page = PageRappels(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/ecarts",
    operation_id="comparerRemonteesPaat",
    summary="Comparer deux états du PAAT d'un GHT",
    response_model=Ecarts,
    responses=responses(401, 403, 404, 409, 422),
)
def comparer_remontees(
    recherche: Annotated[RechercheEcarts, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Lines added, removed, changed between two campaigns of a year, or since a campaign."""
    with services.database.read() as connection:
        found = services.campagnes.ecarts(
            connection, caller, recherche.ght, recherche.annee, recherche.avant, recherche.apres
        )
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}",
    operation_id="lireCampagnePaat",
    summary="Lire une campagne",
    response_model=CampagneVue,
    responses={**_READ, 200: _CAMPAGNE},
)
def lire_campagne(uid: UidPath, services: ServicesDep, _caller: CallerDep) -> Response:
    """A campaign."""
    with services.database.read() as connection:
        found = services.campagnes.lire(connection, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.get(
    "/{uid}/avancement",
    operation_id="suivreCampagnePaat",
    summary="Suivre l'avancement d'une campagne",
    response_model=Avancement,
    responses=_READ,
)
def suivre_campagne(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """Which GHT of the perimeter answered, which are missing, by region, with what the last answers amount to."""
    with services.database.read() as connection:
        found = services.campagnes.avancement(connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post(
    "/{uid}/remontees",
    operation_id="remonterPaat",
    summary="Remonter un PAAT à une campagne",
    status_code=201,
    response_model=RemonteeVue,
    responses={**responses(400, 401, 403, 404, 409, 413, 415, 422), 201: _REMONTEE},
)
def remonter_paat(uid: UidPath, body: NouvelleRemontee, change: ChangeDep) -> Response:
    """Freeze the plan's figures and lines as they are; done again, the last one counts."""

    def frozen(remontee: RemonteeVue) -> Answer:
        return Answer(remontee, 201, {"Location": f"/v1/paat/campagnes/{uid}/remontees/{remontee.uid}"})

    return change.run(lambda unit: frozen(change.services.campagnes.remonter(unit, change.caller, uid, body)))


@router.get(
    "/{uid}/remontees",
    operation_id="listerRemonteesPaat",
    summary="Lister les remontées d'une campagne",
    response_model=PageRemontees,
    responses=_READ,
)
def lister_remontees(
    uid: UidPath, recherche: Annotated[RechercheRemontees, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Answers of the GHT of the perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.campagnes.lister_remontees(
            connection, caller, uid, recherche.ght, limit=recherche.limit, after=recherche.after
        )
    page = PageRemontees(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}/remontees/{remontee}",
    operation_id="lireRemonteePaat",
    summary="Lire une remontée et ses lignes figées",
    response_model=RemonteeDetail,
    responses=_READ,
)
def lire_remontee(uid: UidPath, remontee: RemonteePath, services: ServicesDep, caller: CallerDep) -> Response:
    """What a plan said in a campaign, line by line, as it was then."""
    with services.database.read() as connection:
        found = services.campagnes.lire_remontee(connection, caller, uid, remontee)
    return Response(found.model_dump_json(), media_type="application/json")
