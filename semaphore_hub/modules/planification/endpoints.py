"""HTTP operations of purchase projects: ``/v1/planification``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.planification.champs import CodeNCHFS, Ligne
from semaphore_hub.modules.planification.codes import Statut, Strategie
from semaphore_hub.modules.planification.delais import DelaisDonnes, TousDelais
from semaphore_hub.modules.planification.etapes import endpoints as etapes
from semaphore_hub.modules.planification.reading import Filtres
from semaphore_hub.modules.planification.schemas import (
    DemandeProcedure,
    EcheancesVue,
    NouveauProjetAchat,
    PageProjetsAchat,
    ProcedureVue,
    ProjetAchatVue,
    RetroplanningVue,
    RevisionProjetAchat,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SIRET_PATTERN, Entree, Jour, SansNull

router = APIRouter(prefix="/v1/planification", tags=["planification"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du projet d'achat dans le hub")]
_VERSIONED = versioned(
    "lireProjetAchat", "reviserProjetAchat", "recenserProjetAchat", "validerStrategie", "abandonnerProjetAchat"
)
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RechercheProjetsAchat(Pagination):
    """Query parameters of the list; every condition given must hold."""

    statut: Annotated[Statut | None, SansNull()] = None
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    acheteur: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None
    strategie: Annotated[Strategie | None, SansNull()] = None
    codeNCHFS: Annotated[CodeNCHFS | None, SansNull()] = None
    portefeuille: Annotated[Ligne | None, SansNull()] = None
    renouvelle: Annotated[Annotated[str, Field(pattern=ID_PATTERN)] | None, SansNull()] = None

    def filtres(self) -> Filtres:
        """What the service searches for."""
        return Filtres(
            ght=self.ght,
            statuts=None if self.statut is None else frozenset({self.statut}),
            acheteur=self.acheteur,
            strategie=self.strategie,
            nchfs=self.codeNCHFS,
            portefeuille=self.portefeuille,
            renouvelle=self.renouvelle,
        )


class LancementEnvisage(Entree):
    """A day of launch."""

    dateLancement: Annotated[Jour | None, SansNull()] = Field(
        default=None, description="envoi de l'avis ; absente : celle du projet"
    )


class RechercheEcheances(Entree):
    """Query parameters of the marchés that end."""

    avant: Jour = Field(description="jour avant lequel ils finissent")
    limit: Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)] = Field(
        default=200, description="nombre de marchés rendus"
    )


@router.post(
    "/projets",
    operation_id="planifierProjetAchat",
    summary="Planifier un projet d'achat",
    status_code=201,
    response_model=ProjetAchatVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def planifier_projet_achat(body: NouveauProjetAchat, change: ChangeDep) -> Response:
    """From scratch, from needs that were stated, or to renew a marché; its milestones are planned backwards."""
    return change.run(lambda unit: _answer(change.services.planification.planifier(unit, change.caller, body), 201))


@router.get(
    "/projets",
    operation_id="listerProjetsAchat",
    summary="Chercher des projets d'achat",
    response_model=PageProjetsAchat,
    responses=responses(401, 403, 422),
)
def lister_projets_achat(
    recherche: Annotated[RechercheProjetsAchat, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Projects of the caller's perimeter, newest first, each with what to look at."""
    with services.database.read() as connection:
        items, last = services.planification.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageProjetsAchat(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/projets/{uid}",
    operation_id="lireProjetAchat",
    summary="Lire un projet d'achat",
    response_model=ProjetAchatVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_projet_achat(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A project as it stands; its ETag is what changes ask for."""
    with services.database.read() as connection:
        found = services.planification.lire(connection, caller, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.post(
    "/projets/{uid}/revision",
    operation_id="reviserProjetAchat",
    summary="Réviser un projet d'achat avant sa consultation",
    response_model=ProjetAchatVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def reviser_projet_achat(
    uid: UidPath, version: ExpectedVersion, body: RevisionProjetAchat, change: ChangeDep
) -> Response:
    """Foresee something else; the milestones not reached yet are planned again."""
    return change.run(
        lambda unit: _answer(change.services.planification.reviser(unit, change.caller, uid, version, body))
    )


@router.get(
    "/projets/{uid}/procedure",
    operation_id="calculerProcedureProjet",
    summary="Calculer la procédure d'un projet pour une date de lancement",
    response_model=ProcedureVue,
    responses=responses(401, 403, 404, 409, 422),
)
def calculer_procedure_projet(
    uid: UidPath, lancement: Annotated[LancementEnvisage, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Computed now over the homogeneous category and the GHT, every step shown; nothing is kept."""
    with services.database.read() as connection:
        found = services.planification.procedure(connection, caller, uid, lancement.dateLancement)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/projets/{uid}/retroplanning",
    operation_id="lireRetroplanning",
    summary="Lire le rétroplanning d'un projet",
    response_model=RetroplanningVue,
    responses=responses(401, 403, 404, 422),
)
def lire_retroplanning(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """Computed now from the day the marché must begin, with how late the project is and what follows."""
    with services.database.read() as connection:
        found = services.planification.retroplanning(connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post(
    "/procedure",
    operation_id="calculerProcedure",
    summary="Calculer la procédure d'un besoin sans projet",
    response_model=ProcedureVue,
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def calculer_procedure(body: DemandeProcedure, services: ServicesDep, _caller: CallerDep) -> Response:
    """Thresholds of the day of launch, publicity, small lots; nothing of a GHT is summed, nothing is kept."""
    return Response(services.planification.calculer(body).model_dump_json(), media_type="application/json")


@router.get(
    "/echeances",
    operation_id="listerEcheances",
    summary="Lister les marchés qui finissent et les projets qui les renouvellent",
    response_model=EcheancesVue,
    responses=responses(401, 403, 422),
)
def lister_echeances(
    recherche: Annotated[RechercheEcheances, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Late ones first; a project is then planned with « renouvelle »."""
    with services.database.read() as connection:
        found = services.planification.echeances(connection, caller, recherche.avant, recherche.limit)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/delais",
    operation_id="lireDelaisPlanification",
    summary="Lire les délais du rétroplanning",
    response_model=TousDelais,
    responses=responses(401, 403),
)
def lire_delais_planification(services: ServicesDep, _caller: CallerDep) -> Response:
    """Days before the start by milestone and kind of procedure, with their source and the legal minima."""
    with services.database.read() as connection:
        found = services.planification.delais(connection)
    return Response(found.model_dump_json(), media_type="application/json")


@router.put(
    "/delais",
    operation_id="remplacerDelaisPlanification",
    summary="Remplacer les délais du rétroplanning",
    response_model=TousDelais,
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def remplacer_delais_planification(body: DelaisDonnes, change: ChangeDep) -> Response:
    """Whole kinds of procedure at a time; common to every GHT, so for an integrator."""
    return change.run(lambda unit: Answer(change.services.planification.remplacer_delais(unit, change.caller, body)))


def _answer(projet: ProjetAchatVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(projet.version)}
    if status == 201:
        headers["Location"] = f"/v1/planification/projets/{projet.uid}"
    return Answer(projet, status, headers)


router.include_router(etapes.router)
