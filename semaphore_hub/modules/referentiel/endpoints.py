"""HTTP operations of the référentiel: GHT, établissements, fournisseurs, code lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, LIGNE_PATTERN, SIRET_PATTERN, SansNull
from semaphore_hub.modules.referentiel.familles_tenues import (
    FamillesEntree,
    FamillesVue,
    enregistrer_familles,
    lister_familles,
)
from semaphore_hub.modules.referentiel.gef import endpoints as gef
from semaphore_hub.modules.referentiel.nomenclatures import NOMENCLATURES
from semaphore_hub.modules.referentiel.nomenclatures_tenues import (
    CodesEnregistres,
    CodesTenus,
    NomenclatureTenue,
    PageCodesTenus,
)
from semaphore_hub.modules.referentiel.schemas import (
    EtablissementVue,
    FournisseurVue,
    GhtVue,
    ModificationFournisseur,
    NouveauFournisseur,
    NouveauGht,
    NouveauRattachement,
    NouvelEtablissement,
    PageEtablissements,
    PageFournisseurs,
    PageGht,
    PageNomenclatures,
    RegionGht,
)

router = APIRouter(prefix="/v1", tags=["référentiel"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant dans le hub")]
GhtPath = Annotated[str, Path(pattern=GHT_PATTERN, description="code du GHT")]
_ETABLISSEMENT = versioned("lireEtablissement", "rattacherEtablissement")
_FOURNISSEUR = versioned("lireFournisseur", "modifierFournisseur")
_READ = responses(401, 403, 422)
_READ_ONE = responses(401, 403, 404, 422)
_CREATE = responses(400, 401, 403, 409, 413, 415, 422)
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RechercheEtablissements(Pagination):
    """Query parameters of the list of établissements."""

    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = Field(
        default=None, description="rattaché à ce GHT, maintenant ou auparavant"
    )
    siret: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None


class RechercheFournisseurs(Pagination):
    """Query parameters of the list of suppliers."""

    identifiant: Annotated[Annotated[str, Field(pattern="^[A-Za-z0-9]{1,80}$")] | None, SansNull()] = None
    q: Annotated[Annotated[str, Field(min_length=1, max_length=100, pattern=LIGNE_PATTERN)] | None, SansNull()] = Field(
        default=None, description="partie de la dénomination sociale"
    )


def _json(content: BaseModel, version: int | None = None) -> Response:
    headers = {} if version is None else {"ETag": etag(version)}
    return Response(content.model_dump_json(), 200, headers, "application/json")


# --- GHT --------------------------------------------------------------------------------------------------------------


@router.post(
    "/ght",
    operation_id="creerGht",
    summary="Enregistrer un GHT",
    status_code=201,
    response_model=GhtVue,
    responses=_CREATE,
)
def creer_ght(body: NouveauGht, change: ChangeDep) -> Response:
    """Record a GHT (integrators only)."""
    services = change.services
    return change.run(
        lambda unit: Answer(
            services.referentiel.creer_ght(unit, change.caller, body), 201, {"Location": f"/v1/ght/{body.code}"}
        )
    )


@router.get("/ght", operation_id="listerGht", summary="Lister les GHT", response_model=PageGht, responses=_READ)
def lister_ght(pagination: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """GHT of the caller's perimeter."""
    with services.database.read() as connection:
        items, last = services.referentiel.lister_ght(
            connection, caller, limit=pagination.limit, after=pagination.after
        )
    return _json(PageGht(items=tuple(items), next=cursor_of(last)))


@router.put(
    "/ght/{code}/region",
    operation_id="situerGht",
    summary="Dire la région d'un GHT",
    response_model=GhtVue,
    responses=responses(400, 401, 403, 404, 409, 413, 415, 422),
)
def situer_ght(code: GhtPath, body: RegionGht, change: ChangeDep) -> Response:
    """Say which region a GHT belongs to (integrators)."""
    service = change.services.referentiel
    return change.run(lambda unit: Answer(service.situer_ght(unit, change.caller, code, body)))


@router.get("/ght/{code}", operation_id="lireGht", summary="Lire un GHT", response_model=GhtVue, responses=_READ_ONE)
def lire_ght(
    code: GhtPath,
    services: ServicesDep,
    caller: CallerDep,
) -> Response:
    """One GHT."""
    with services.database.read() as connection:
        return _json(services.referentiel.lire_ght(connection, caller, code))


# --- établissements ---------------------------------------------------------------------------------------------------


@router.post(
    "/etablissements",
    operation_id="creerEtablissement",
    summary="Enregistrer un établissement et son GHT",
    status_code=201,
    response_model=EtablissementVue,
    responses={**_CREATE, 201: _ETABLISSEMENT},
)
def creer_etablissement(body: NouvelEtablissement, change: ChangeDep) -> Response:
    """Record an établissement with its first membership (integrators only)."""
    services = change.services

    def operation_answer(vue: EtablissementVue) -> Answer:
        return Answer(vue, 201, {"ETag": etag(vue.version), "Location": f"/v1/etablissements/{vue.uid}"})

    return change.run(
        lambda unit: operation_answer(services.referentiel.creer_etablissement(unit, change.caller, body))
    )


@router.get(
    "/etablissements",
    operation_id="listerEtablissements",
    summary="Lister les établissements",
    response_model=PageEtablissements,
    responses=_READ,
)
def lister_etablissements(
    recherche: Annotated[RechercheEtablissements, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Établissements that are, or were, in the caller's perimeter."""
    with services.database.read() as connection:
        items, last = services.referentiel.lister_etablissements(
            connection,
            caller,
            ght=recherche.ght,
            siret=recherche.siret,
            limit=recherche.limit,
            after=recherche.after,
        )
    return _json(PageEtablissements(items=tuple(items), next=cursor_of(last)))


@router.get(
    "/etablissements/{uid}",
    operation_id="lireEtablissement",
    summary="Lire un établissement",
    response_model=EtablissementVue,
    responses={**_READ_ONE, 200: _ETABLISSEMENT},
)
def lire_etablissement(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """One établissement, with every membership it has had."""
    with services.database.read() as connection:
        vue = services.referentiel.lire_etablissement(connection, caller, uid)
    return _json(vue, vue.version)


@router.post(
    "/etablissements/{uid}/rattachements",
    operation_id="rattacherEtablissement",
    summary="Rattacher un établissement à un GHT à partir d'un jour",
    status_code=201,
    response_model=EtablissementVue,
    responses={**_CHANGE, 201: _ETABLISSEMENT},
)
def rattacher_etablissement(
    uid: UidPath, version: ExpectedVersion, body: NouveauRattachement, change: ChangeDep
) -> Response:
    """Move an établissement to a GHT, or change its role; the previous membership ends the day before."""
    services = change.services

    def operation_answer(vue: EtablissementVue) -> Answer:
        return Answer(vue, 201, {"ETag": etag(vue.version)})

    return change.run(
        lambda unit: operation_answer(services.referentiel.rattacher(unit, change.caller, uid, version, body))
    )


# --- fournisseurs -----------------------------------------------------------------------------------------------------


@router.post(
    "/fournisseurs",
    operation_id="creerFournisseur",
    summary="Enregistrer un fournisseur",
    status_code=201,
    response_model=FournisseurVue,
    responses={**_CREATE, 201: _FOURNISSEUR},
)
def creer_fournisseur(body: NouveauFournisseur, change: ChangeDep) -> Response:
    """Record a supplier; the partners that keep suppliers are told."""
    fournisseurs = change.services.referentiel.fournisseurs

    def operation_answer(vue: FournisseurVue) -> Answer:
        return Answer(vue, 201, {"ETag": etag(vue.version), "Location": f"/v1/fournisseurs/{vue.uid}"})

    return change.run(lambda unit: operation_answer(fournisseurs.creer(unit, change.caller, body)))


@router.get(
    "/fournisseurs",
    operation_id="listerFournisseurs",
    summary="Chercher des fournisseurs",
    response_model=PageFournisseurs,
    responses=_READ,
)
def lister_fournisseurs(
    recherche: Annotated[RechercheFournisseurs, Query()], services: ServicesDep, _caller: CallerDep
) -> Response:
    """Suppliers, common to every GHT."""
    with services.database.read() as connection:
        items, last = services.referentiel.fournisseurs.lister(
            connection, identifiant=recherche.identifiant, q=recherche.q, limit=recherche.limit, after=recherche.after
        )
    return _json(PageFournisseurs(items=tuple(items), next=cursor_of(last)))


@router.get(
    "/fournisseurs/{uid}",
    operation_id="lireFournisseur",
    summary="Lire un fournisseur",
    response_model=FournisseurVue,
    responses={**_READ_ONE, 200: _FOURNISSEUR},
)
def lire_fournisseur(uid: UidPath, services: ServicesDep, _caller: CallerDep) -> Response:
    """One supplier."""
    with services.database.read() as connection:
        vue = services.referentiel.fournisseurs.lire(connection, uid)
    return _json(vue, vue.version)


@router.post(
    "/fournisseurs/{uid}/modification",
    operation_id="modifierFournisseur",
    summary="Modifier un fournisseur",
    response_model=FournisseurVue,
    responses={**_CHANGE, 200: _FOURNISSEUR},
)
def modifier_fournisseur(
    uid: UidPath, version: ExpectedVersion, body: ModificationFournisseur, change: ChangeDep
) -> Response:
    """Change a supplier's name, address, account or codes; a field left out keeps its value."""
    fournisseurs = change.services.referentiel.fournisseurs

    def operation_answer(vue: FournisseurVue) -> Answer:
        return Answer(vue, 200, {"ETag": etag(vue.version)})

    return change.run(lambda unit: operation_answer(fournisseurs.modifier(unit, change.caller, uid, version, body)))


# --- nomenclatures ----------------------------------------------------------------------------------------------------


@router.get(
    "/nomenclatures",
    operation_id="listerNomenclatures",
    summary="Lister les listes de codes",
    response_model=PageNomenclatures,
    responses=responses(401, 403),
)
def lister_nomenclatures(_caller: CallerDep) -> Response:
    """Every code list the hub knows, with its status (official, derived, assumed) and its source."""
    return _json(PageNomenclatures(items=NOMENCLATURES, next=None))


@router.get(
    "/nomenclatures/familles-achat",
    operation_id="listerFamillesAchat",
    summary="Lire les familles, domaines et catégories d'achat",
    response_model=FamillesVue,
    responses=responses(401, 403),
)
def lister_les_familles(services: ServicesDep, _caller: CallerDep) -> Response:
    """The purchasing families trames are read with; ``source`` says which are synthetic."""
    with services.database.read() as connection:
        return _json(lister_familles(connection))


@router.put(
    "/nomenclatures/familles-achat",
    operation_id="enregistrerFamillesAchat",
    summary="Créer ou remplacer des familles d'achat",
    response_model=FamillesVue,
    responses=_CREATE,
)
def enregistrer_les_familles(body: FamillesEntree, change: ChangeDep) -> Response:
    """Load the official nomenclature over the synthetic one (integrators)."""
    database = change.services.database
    return change.run(lambda unit: Answer(enregistrer_familles(database, unit, change.caller, body)))


class RechercheCodes(Pagination):
    """Query parameters of the list of codes."""

    actifs: bool = Field(default=False, description="seulement ceux qui sont utilisés")


NomenclaturePath = Annotated[NomenclatureTenue, Path(description="nomenclature tenue dans le hub")]


@router.get(
    "/nomenclatures/{nomenclature}/codes",
    operation_id="listerCodesNomenclature",
    summary="Lire les codes d'une nomenclature tenue dans le hub",
    response_model=PageCodesTenus,
    responses=_READ,
)
def lister_codes(
    nomenclature: NomenclaturePath,
    recherche: Annotated[RechercheCodes, Query()],
    services: ServicesDep,
    _caller: CallerDep,
) -> Response:
    """Codes of a purchasing nomenclature, used or not."""
    with services.database.read() as connection:
        items, last = services.referentiel.nomenclatures.lister(
            connection, nomenclature, actifs=recherche.actifs, limit=recherche.limit, after=recherche.after
        )
    return _json(PageCodesTenus(items=tuple(items), next=cursor_of(last)))


@router.put(
    "/nomenclatures/{nomenclature}/codes",
    operation_id="enregistrerCodesNomenclature",
    summary="Créer ou modifier des codes d'une nomenclature",
    response_model=CodesEnregistres,
    responses=_CREATE,
)
def enregistrer_codes(nomenclature: NomenclaturePath, body: CodesTenus, change: ChangeDep) -> Response:
    """The codes given are as said from now on, those left out stay; partners are told what changed (integrators)."""
    service = change.services.referentiel.nomenclatures
    return change.run(lambda unit: Answer(service.enregistrer(unit, change.caller, nomenclature, body)))


router.include_router(gef.router)
