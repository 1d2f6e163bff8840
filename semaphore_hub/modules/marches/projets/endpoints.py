"""HTTP operations of projets and consultations: ``/v1/marches/projets``, ``/v1/marches/consultations``.

This router comes before the one of marchés, whose ``/v1/marches/{uid}`` would take "projets" for a uid.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.fields import ReferenceConsultation
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.projets.reading import Filtres
from semaphore_hub.modules.marches.projets.schemas import (
    Attribution,
    ConsultationVue,
    Infructuosite,
    Lancement,
    NouveauProjet,
    Ouverture,
    PageProjets,
    ProjetVue,
    RevisionProjet,
    SansSuite,
)
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SIRET_PATTERN, SansNull

router = APIRouter(prefix="/v1/marches", tags=["projets"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du projet dans le hub, puis du marché")]
_VERSIONED = versioned(
    "lireProjet",
    "reviserProjet",
    "lancerProjet",
    "ouvrirProjet",
    "attribuerProjet",
    "declarerProjetInfructueux",
    "declarerProjetSansSuite",
)
_MARCHE = versioned("lireMarche", "signerMarche", "notifierMarche", "declarerMarcheSansSuite")
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


async def _projets(request: Request) -> ProjetsService:
    service: ProjetsService = request.app.state.services.projets
    return service


ProjetsDep = Annotated[ProjetsService, Depends(_projets)]


class RechercheProjets(Pagination):
    """Query parameters of the list; every condition given must hold."""

    statut: Annotated[Statut | None, SansNull()] = None
    consultation: Annotated[ReferenceConsultation | None, SansNull()] = Field(
        default=None, description="référence de la consultation"
    )
    acheteur: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = Field(
        default=None, description="SIRET de l'acheteur"
    )
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None

    def filtres(self) -> Filtres:
        """What the service searches for."""
        return Filtres(statut=self.statut, consultation=self.consultation, acheteur=self.acheteur, ght=self.ght)


def _answer(projet: ProjetVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(projet.version)}
    if status == 201:
        headers["Location"] = f"/v1/marches/projets/{projet.uid}"
    return Answer(projet, status, headers)


def _attributed(marche: MarcheVue) -> Answer:
    return Answer(marche, 201, {"ETag": etag(marche.version), "Location": f"/v1/marches/{marche.uid}"})


@router.post(
    "/projets",
    operation_id="creerProjet",
    summary="Enregistrer un projet de marché",
    status_code=201,
    response_model=ProjetVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def creer_projet(body: NouveauProjet, change: ChangeDep, projets: ProjetsDep) -> Response:
    """Record a need, before its consultation; one projet per lot."""
    return change.run(lambda unit: _answer(projets.creer(unit, change.caller, body), 201))


@router.get(
    "/projets",
    operation_id="listerProjets",
    summary="Chercher des projets",
    response_model=PageProjets,
    responses=responses(401, 403, 422),
)
def lister_projets(
    recherche: Annotated[RechercheProjets, Query()], services: ServicesDep, caller: CallerDep, projets: ProjetsDep
) -> Response:
    """Projets of the caller's perimeter, newest first; those attributed are there as they were attributed."""
    with services.database.read() as connection:
        items, last = projets.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageProjets(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/projets/{uid}",
    operation_id="lireProjet",
    summary="Lire un projet",
    response_model=ProjetVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_projet(uid: UidPath, services: ServicesDep, caller: CallerDep, projets: ProjetsDep) -> Response:
    """A projet as it stands, with its warnings; its ETag is what changes ask for."""
    with services.database.read() as connection:
        projet = projets.lire(connection, caller, uid)
    return Response(projet.model_dump_json(), 200, {"ETag": etag(projet.version)}, "application/json")


@router.post(
    "/projets/{uid}/revision",
    operation_id="reviserProjet",
    summary="Réviser un projet avant son lancement",
    response_model=ProjetVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def reviser_projet(
    uid: UidPath, version: ExpectedVersion, body: RevisionProjet, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """Foresee something else; only before the launch."""
    return change.run(lambda unit: _answer(projets.reviser(unit, change.caller, uid, version, body)))


@router.post(
    "/projets/{uid}/lancement",
    operation_id="lancerProjet",
    summary="Lancer la consultation",
    response_model=ProjetVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def lancer_projet(
    uid: UidPath, version: ExpectedVersion, body: Lancement, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """The consultation is published; the lots of one consultation have the same dates."""
    return change.run(lambda unit: _answer(projets.lancer(unit, change.caller, uid, version, body)))


@router.post(
    "/projets/{uid}/ouverture",
    operation_id="ouvrirProjet",
    summary="Ouvrir les offres",
    response_model=ProjetVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def ouvrir_projet(
    uid: UidPath, version: ExpectedVersion, body: Ouverture, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """The offers are opened and counted, not before the deadline."""
    return change.run(lambda unit: _answer(projets.ouvrir(unit, change.caller, uid, version, body)))


@router.post(
    "/projets/{uid}/attribution",
    operation_id="attribuerProjet",
    summary="Attribuer le marché",
    status_code=201,
    response_model=MarcheVue,
    responses={**_CHANGE, 201: _MARCHE},
)
def attribuer_projet(
    uid: UidPath, version: ExpectedVersion, body: Attribution, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """Make a marché of the projet: same uid, same events; what follows is asked of the marché."""
    return change.run(lambda unit: _attributed(projets.attribuer(unit, change.caller, uid, version, body)))


@router.post(
    "/projets/{uid}/infructueux",
    operation_id="declarerProjetInfructueux",
    summary="Déclarer la procédure infructueuse",
    response_model=ProjetVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def declarer_projet_infructueux(
    uid: UidPath, version: ExpectedVersion, body: Infructuosite, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """No offer came, or none could be retained."""
    return change.run(lambda unit: _answer(projets.declarer_infructueux(unit, change.caller, uid, version, body)))


@router.post(
    "/projets/{uid}/sans-suite",
    operation_id="declarerProjetSansSuite",
    summary="Déclarer la procédure sans suite",
    response_model=ProjetVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def declarer_projet_sans_suite(
    uid: UidPath, version: ExpectedVersion, body: SansSuite, change: ChangeDep, projets: ProjetsDep
) -> Response:
    """The buyer gives up before the attribution; afterwards it is asked of the marché."""
    return change.run(lambda unit: _answer(projets.declarer_sans_suite(unit, change.caller, uid, version, body)))


@router.get(
    "/consultations/{reference:path}",
    operation_id="lireConsultation",
    summary="Lire une consultation et ses lots",
    response_model=ConsultationVue,
    responses=responses(401, 403, 404, 422),
)
def lire_consultation(
    reference: Annotated[ReferenceConsultation, Path(description="référence de la consultation")],
    acheteur: Annotated[str, Query(pattern=SIRET_PATTERN, description="SIRET de l'acheteur")],
    services: ServicesDep,
    caller: CallerDep,
    projets: ProjetsDep,
) -> Response:
    """Every lot with its status, projet or marché, and the totals."""
    with services.database.read() as connection:
        found = projets.consultation(connection, caller, reference, acheteur)
    return Response(found.model_dump_json(), media_type="application/json")
