"""HTTP operations that move a marché to another status: ``/v1/marches/{uid}/signature``, ``/demarrage``…"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.projets.schemas import SansSuite
from semaphore_hub.modules.marches.transitions.schemas import (
    DemarrageMarche,
    RepriseMarche,
    ResiliationMarche,
    SignatureMarche,
    SoldeMarche,
    SuspensionMarche,
)
from semaphore_hub.modules.marches.transitions.service import TransitionsService

router = APIRouter(prefix="/v1/marches", tags=["marchés"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du marché dans le hub")]
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)
_VERSIONED = versioned(
    "lireMarche",
    "notifierMarche",
    "demarrerMarche",
    "suspendreMarche",
    "reprendreMarche",
    "constaterEcheanceMarche",
    "resilierMarche",
    "solderMarche",
)


async def _transitions(request: Request) -> TransitionsService:
    service: TransitionsService = request.app.state.services.transitions
    return service


TransitionsDep = Annotated[TransitionsService, Depends(_transitions)]


def _answer(marche: MarcheVue) -> Answer:
    return Answer(marche, 200, {"ETag": etag(marche.version)})


@router.post(
    "/{uid}/signature",
    operation_id="signerMarche",
    summary="Signer le marché",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def signer_marche(
    uid: UidPath, version: ExpectedVersion, body: SignatureMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The buyer signed; in a formalised procedure, after the delay due to the rejected candidates."""
    return change.run(lambda unit: _answer(transitions.signer(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/sans-suite",
    operation_id="declarerMarcheSansSuite",
    summary="Déclarer le marché sans suite avant sa signature",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def declarer_marche_sans_suite(
    uid: UidPath, version: ExpectedVersion, body: SansSuite, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The buyer gives up after the attribution, before the signature."""
    return change.run(lambda unit: _answer(transitions.declarer_sans_suite(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/demarrage",
    operation_id="demarrerMarche",
    summary="Démarrer l'exécution",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def demarrer_marche(
    uid: UidPath, version: ExpectedVersion, body: DemarrageMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The execution begins (ordre de service); the last day follows the first."""
    return change.run(lambda unit: _answer(transitions.demarrer(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/suspension",
    operation_id="suspendreMarche",
    summary="Suspendre l'exécution",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def suspendre_marche(
    uid: UidPath, version: ExpectedVersion, body: SuspensionMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The execution is interrupted; the last day does not move, an amendment may put it off."""
    return change.run(lambda unit: _answer(transitions.suspendre(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/reprise",
    operation_id="reprendreMarche",
    summary="Reprendre l'exécution",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def reprendre_marche(
    uid: UidPath, version: ExpectedVersion, body: RepriseMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The execution begins again."""
    return change.run(lambda unit: _answer(transitions.reprendre(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/echeance",
    operation_id="constaterEcheanceMarche",
    summary="Constater l'échéance",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def constater_echeance_marche(
    uid: UidPath, version: ExpectedVersion, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The last day is over, by the hub's business clock."""
    return change.run(lambda unit: _answer(transitions.constater_echeance(unit, change.caller, uid, version)))


@router.post(
    "/{uid}/resiliation",
    operation_id="resilierMarche",
    summary="Résilier le marché",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def resilier_marche(
    uid: UidPath, version: ExpectedVersion, body: ResiliationMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """The marché ends before its term; the answer warns of subsequent marchés that still run."""
    return change.run(lambda unit: _answer(transitions.resilier(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/solde",
    operation_id="solderMarche",
    summary="Solder le marché",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def solder_marche(
    uid: UidPath, version: ExpectedVersion, body: SoldeMarche, change: ChangeDep, transitions: TransitionsDep
) -> Response:
    """Everything is paid; nothing can happen any more."""
    return change.run(lambda unit: _answer(transitions.solder(unit, change.caller, uid, version, body)))
