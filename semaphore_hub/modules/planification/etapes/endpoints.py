"""HTTP operations that move a purchase project on: ``/v1/planification/projets/{uid}/…``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.planification.schemas import (
    ConclusionAttribution,
    EtapeProjet,
    FinProjet,
    OuvertureOffres,
    ProjetAchatVue,
    Relance,
    SortieDuProjet,
    ValidationStrategie,
)

# The prefix is that of the router that includes this one.
router = APIRouter(prefix="/projets/{uid}", route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du projet d'achat dans le hub")]
_VERSIONED = versioned(
    "lireProjetAchat",
    "validerStrategie",
    "redigerDce",
    "publierConsultation",
    "analyserOffres",
    "adhererCentrale",
    "terminerProjetAchat",
    "declarerProjetAchatInfructueux",
    "relancerProjetAchat",
    "abandonnerProjetAchat",
)
_RESPONSES = {**responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428), 200: _VERSIONED}


def _answer(projet: ProjetAchatVue) -> Answer:
    return Answer(projet, headers={"ETag": etag(projet.version)})


@router.post(
    "/recensement",
    operation_id="recenserProjetAchat",
    summary="Commencer le recensement des besoins",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def recenser_projet_achat(uid: UidPath, version: ExpectedVersion, body: EtapeProjet, change: ChangeDep) -> Response:
    """The needs are being stated."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.recenser(unit, change.caller, uid, version, body)))


@router.post(
    "/strategie",
    operation_id="validerStrategie",
    summary="Valider la stratégie (directeur des achats)",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def valider_strategie(uid: UidPath, version: ExpectedVersion, body: ValidationStrategie, change: ChangeDep) -> Response:
    """Keep the strategy and the procedure computed for the launch foreseen; for the purchasing director."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.valider_strategie(unit, change.caller, uid, version, body)))


@router.post(
    "/dce",
    operation_id="redigerDce",
    summary="Commencer la rédaction du DCE",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def rediger_dce(uid: UidPath, version: ExpectedVersion, body: EtapeProjet, change: ChangeDep) -> Response:
    """The tender documents are being written."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.rediger_dce(unit, change.caller, uid, version, body)))


@router.post(
    "/publication",
    operation_id="publierConsultation",
    summary="Publier la consultation",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def publier_consultation(uid: UidPath, version: ExpectedVersion, body: EtapeProjet, change: ChangeDep) -> Response:
    """The notice was sent; the procedure is computed for that day."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.publier(unit, change.caller, uid, version, body)))


@router.post(
    "/analyse",
    operation_id="analyserOffres",
    summary="Ouvrir les offres et commencer leur analyse",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def analyser_offres(uid: UidPath, version: ExpectedVersion, body: OuvertureOffres, change: ChangeDep) -> Response:
    """The offers came in."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.analyser(unit, change.caller, uid, version, body)))


@router.post(
    "/adhesion",
    operation_id="adhererCentrale",
    summary="Constater l'adhésion au marché d'une centrale",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def adherer_centrale(uid: UidPath, version: ExpectedVersion, body: EtapeProjet, change: ChangeDep) -> Response:
    """The GHT joined the marché of a central purchasing body; nothing is consulted."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.adherer(unit, change.caller, uid, version, body)))


@router.post(
    "/conclusion",
    operation_id="conclureAttribution",
    summary="Conclure l'attribution sans les lots restants",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def conclure_attribution(
    uid: UidPath, version: ExpectedVersion, body: ConclusionAttribution, change: ChangeDep
) -> Response:
    """Some lots stay without a marché."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.conclure(unit, change.caller, uid, version, body)))


@router.post(
    "/fin",
    operation_id="terminerProjetAchat",
    summary="Terminer le projet",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def terminer_projet_achat(uid: UidPath, version: ExpectedVersion, body: FinProjet, change: ChangeDep) -> Response:
    """The marchés were notified and begin."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.terminer(unit, change.caller, uid, version, body)))


@router.post(
    "/infructueux",
    operation_id="declarerProjetAchatInfructueux",
    summary="Déclarer la consultation infructueuse",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def declarer_projet_achat_infructueux(
    uid: UidPath, version: ExpectedVersion, body: SortieDuProjet, change: ChangeDep
) -> Response:
    """No offer could be retained; the consultation may start again."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.declarer_infructueux(unit, change.caller, uid, version, body)))


@router.post(
    "/relance",
    operation_id="relancerProjetAchat",
    summary="Relancer une consultation infructueuse",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def relancer_projet_achat(uid: UidPath, version: ExpectedVersion, body: Relance, change: ChangeDep) -> Response:
    """Start again from the tender documents."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.relancer(unit, change.caller, uid, version, body)))


@router.post(
    "/abandon",
    operation_id="abandonnerProjetAchat",
    summary="Abandonner le projet",
    response_model=ProjetAchatVue,
    responses=_RESPONSES,
)
def abandonner_projet_achat(
    uid: UidPath, version: ExpectedVersion, body: SortieDuProjet, change: ChangeDep
) -> Response:
    """Give the project up; its needs are to be taken by another."""
    etapes = change.services.planification.etapes
    return change.run(lambda unit: _answer(etapes.abandonner(unit, change.caller, uid, version, body)))
