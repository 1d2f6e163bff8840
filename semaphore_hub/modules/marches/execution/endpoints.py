"""HTTP operations of the execution of marchés: ``/v1/marches/{uid}/…``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.concurrency import ETAG_HEADER, ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.endpoints import UidPath
from semaphore_hub.modules.marches.execution.flux import endpoints as flux
from semaphore_hub.modules.marches.execution.schemas import (
    Affermissement,
    ConsommationEnregistree,
    DecisionReconduction,
    DeclarationSousTraitance,
    ModificationSousTraitance,
    NouvelleConsommation,
    NouvelleRevision,
    PageConsommations,
    RattachementBeneficiaire,
)
from semaphore_hub.modules.marches.schemas import PieceEntree

router = APIRouter(prefix="/v1/marches", tags=["marchés"], route_class=StrictRoute)

NumeroPath = Annotated[
    Annotated[int, Field(ge=1, le=99), BeforeValidator(whole)], Path(description="numéro, à partir de 1")
]
TranchePath = Annotated[
    Annotated[int, Field(ge=0, le=99), BeforeValidator(whole)], Path(description="numéro de la tranche")
]
_VERSIONED = versioned(
    "lireMarche", "reviserPrixMarche", "declarerSousTraitance", "rattacherBeneficiaire", "joindrePiece"
)
_CHANGE: dict[int | str, dict[str, Any]] = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)
_CHANGED: dict[int | str, dict[str, Any]] = {**_CHANGE, 200: _VERSIONED}
_ADDED: dict[int | str, dict[str, Any]] = {**_CHANGE, 201: _VERSIONED}


def _answer(marche: MarcheVue, status: int = 200) -> Answer:
    return Answer(marche, status, {"ETag": etag(marche.version)})


@router.post(
    "/{uid}/reconductions/{numero}/decision",
    operation_id="deciderReconduction",
    summary="Reconduire un marché, ou non",
    response_model=MarcheVue,
    responses=_CHANGED,
)
def decider_reconduction(
    uid: UidPath, numero: NumeroPath, version: ExpectedVersion, body: DecisionReconduction, change: ChangeDep
) -> Response:
    """A tacit renewal may only be refused, within its notice; an express one needs a decision before its period."""
    execution = change.services.execution
    return change.run(
        lambda unit: _answer(execution.decider_reconduction(unit, change.caller, uid, version, numero, body))
    )


@router.post(
    "/{uid}/tranches/{numero}/affermissement",
    operation_id="affermirTranche",
    summary="Affermir une tranche optionnelle",
    response_model=MarcheVue,
    responses=_CHANGED,
)
def affermir_tranche(
    uid: UidPath, numero: TranchePath, version: ExpectedVersion, body: Affermissement, change: ChangeDep
) -> Response:
    """The buyer confirms an optional tranche, once."""
    execution = change.services.execution
    return change.run(lambda unit: _answer(execution.affermir(unit, change.caller, uid, version, numero, body)))


@router.post(
    "/{uid}/revisions",
    operation_id="reviserPrixMarche",
    summary="Réviser le prix d'un marché",
    status_code=201,
    response_model=MarcheVue,
    responses=_ADDED,
)
def reviser_prix(uid: UidPath, version: ExpectedVersion, body: NouvelleRevision, change: ChangeDep) -> Response:
    """The price varies by its clause: the amount after revision is computed, or given."""
    execution = change.services.execution
    return change.run(lambda unit: _answer(execution.reviser(unit, change.caller, uid, version, body), 201))


@router.post(
    "/{uid}/sous-traitances",
    operation_id="declarerSousTraitance",
    summary="Accepter un sous-traitant (DC4)",
    status_code=201,
    response_model=MarcheVue,
    responses=_ADDED,
)
def declarer_sous_traitance(
    uid: UidPath, version: ExpectedVersion, body: DeclarationSousTraitance, change: ChangeDep
) -> Response:
    """A subcontracting act; its number is the next one."""
    execution = change.services.execution
    return change.run(
        lambda unit: _answer(execution.declarer_sous_traitance(unit, change.caller, uid, version, body), 201)
    )


@router.post(
    "/{uid}/sous-traitances/{numero}/modifications",
    operation_id="modifierSousTraitance",
    summary="Modifier un acte de sous-traitance",
    status_code=201,
    response_model=MarcheVue,
    responses=_ADDED,
)
def modifier_sous_traitance(
    uid: UidPath, numero: NumeroPath, version: ExpectedVersion, body: ModificationSousTraitance, change: ChangeDep
) -> Response:
    """New totals of an act; the differences are computed."""
    execution = change.services.execution
    return change.run(
        lambda unit: _answer(execution.modifier_sous_traitance(unit, change.caller, uid, version, numero, body), 201)
    )


@router.post(
    "/{uid}/beneficiaires",
    operation_id="rattacherBeneficiaire",
    summary="Rattacher un établissement bénéficiaire",
    status_code=201,
    response_model=MarcheVue,
    responses=_ADDED,
)
def rattacher_beneficiaire(
    uid: UidPath, version: ExpectedVersion, body: RattachementBeneficiaire, change: ChangeDep
) -> Response:
    """An établissement of the GHT may order on the marché from that day on."""
    execution = change.services.execution
    return change.run(lambda unit: _answer(execution.rattacher(unit, change.caller, uid, version, body), 201))


@router.post(
    "/{uid}/pieces",
    operation_id="joindrePiece",
    summary="Ajouter la référence d'une pièce",
    status_code=201,
    response_model=MarcheVue,
    responses=_ADDED,
)
def joindre_piece(uid: UidPath, version: ExpectedVersion, body: PieceEntree, change: ChangeDep) -> Response:
    """Reference of a contractual document; its content travels apart."""
    execution = change.services.execution
    return change.run(lambda unit: _answer(execution.joindre(unit, change.caller, uid, version, body), 201))


@router.post(
    "/{uid}/consommations",
    operation_id="enregistrerConsommation",
    summary="Enregistrer un bon de commande ou un mandat",
    status_code=201,
    response_model=ConsommationEnregistree,
    responses={
        **responses(400, 401, 403, 404, 409, 413, 415, 422),
        200: {"model": ConsommationEnregistree, "description": "déjà enregistrée, inchangée", "headers": ETAG_HEADER},
        201: {"headers": ETAG_HEADER},
    },
)
def enregistrer_consommation(uid: UidPath, body: NouvelleConsommation, change: ChangeDep) -> Response:
    """Once for each (source, reference): the same again answers 200 and changes nothing, other values are refused."""
    service = change.services.consommations

    def answer(found: ConsommationEnregistree) -> Answer:
        status = 201 if found.statut == "enregistrée" else 200
        return Answer(found, status, {"ETag": etag(found.version)})

    return change.run(lambda unit: answer(service.enregistrer(unit, change.caller, uid, body)))


@router.get(
    "/{uid}/consommations",
    operation_id="listerConsommations",
    summary="Lire la consommation d'un marché",
    response_model=PageConsommations,
    responses=responses(401, 403, 404, 422),
)
def lister_consommations(
    uid: UidPath, pagination: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Orders, payments and subsequent marchés in the order they were recorded, with totals and part of the maximum."""
    with services.database.read() as connection:
        items, totaux, last = services.consommations.lister(
            connection, caller, uid, limit=pagination.limit, after=pagination.after
        )
    page = PageConsommations(items=tuple(items), totaux=totaux, next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


router.include_router(flux.router)
