"""HTTP operations of validation: ``/v1/paat``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.paat.validation.schemas import (
    DecisionEtape,
    DemandeReport,
    HistoriqueEtapes,
    PageValidations,
    PerformancePaat,
    ReportPaat,
    SuiteValidation,
)

router = APIRouter(prefix="/v1/paat", tags=["PAAT"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du plan")]
EtapePath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de l'étape")]
_UID = {"uid": "$response.body#/uid"}
_PLAN = versioned("listerEtapesPaat", "soumettrePaat")
_DECIDER = {"etape": "$response.body#/suivante/uid", "If-Match": "$response.header.ETag", **_UID}
_SUITE = {
    **_PLAN,
    "links": {
        **_PLAN["links"],
        "deciderEtapePaat": {"operationId": "deciderEtapePaat", "parameters": _DECIDER},
        "lirePerformancePaat": {"operationId": "lirePerformancePaat", "parameters": _UID},
        "reporterPaat": {"operationId": "reporterPaat", "parameters": _UID},
    },
}
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


def _answer(suite: SuiteValidation | ReportPaat) -> Answer:
    return Answer(suite, headers={"ETag": etag(suite.version)})


@router.get(
    "/validations",
    operation_id="listerValidationsEnAttente",
    summary="Mes validations en attente",
    response_model=PageValidations,
    responses=responses(401, 403, 422),
)
def lister_validations(recherche: Annotated[Pagination, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """What the caller's role has to decide in its perimeter, longest waiting first (the intégrateur: every role)."""
    with services.database.read() as connection:
        total, items, last = services.validation.en_attente(
            connection, caller, limit=recherche.limit, after=recherche.after
        )
    page = PageValidations(total=total, items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "/{uid}/soumission",
    operation_id="soumettrePaat",
    summary="Soumettre un PAAT",
    response_model=SuiteValidation,
    responses={**_CHANGE, 200: _SUITE},
)
def soumettre_paat(uid: UidPath, version: ExpectedVersion, change: ChangeDep) -> Response:
    """Control the actions once more, then submit the plan: its figures do not change until somebody sends it back."""
    return change.run(lambda unit: _answer(change.services.validation.soumettre(unit, change.caller, uid, version)))


@router.get(
    "/{uid}/etapes",
    operation_id="listerEtapesPaat",
    summary="Lire l'historique de validation d'un PAAT",
    response_model=HistoriqueEtapes,
    responses={**responses(401, 403, 404, 422), 200: {"headers": _PLAN["headers"]}},
)
def lister_etapes(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """Every step, oldest first: when it opened, who decided what, when and why."""
    with services.database.read() as connection:
        found = services.validation.historique(connection, caller, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.post(
    "/{uid}/etapes/{etape}/decision",
    operation_id="deciderEtapePaat",
    summary="Accepter une étape, ou renvoyer le PAAT",
    response_model=SuiteValidation,
    responses={**_CHANGE, 200: _SUITE},
)
def decider_etape(
    uid: UidPath, etape: EtapePath, version: ExpectedVersion, body: DecisionEtape, change: ChangeDep
) -> Response:
    """The role whose turn it is accepts, and the next step opens, or sends the plan back with a reason (brouillon)."""
    return change.run(
        lambda unit: _answer(change.services.validation.decider(unit, change.caller, uid, etape, version, body))
    )


@router.get(
    "/{uid}/performance",
    operation_id="lirePerformancePaat",
    summary="Lire la performance de l'année : reports et actions nouvelles",
    response_model=PerformancePaat,
    responses=responses(401, 403, 404, 422),
)
def lire_performance(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """Performance of N: report of the actions of N-1 plus actions of N, euros TTC."""
    with services.database.read() as connection:
        found = services.validation.performance(connection, caller, uid)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post(
    "/{uid}/report",
    operation_id="reporterPaat",
    summary="Reporter un PAAT validé sur l'année suivante",
    response_model=ReportPaat,
    responses={**responses(400, 401, 403, 404, 409, 412, 413, 415, 422), 200: _PLAN},
)
def reporter_paat(uid: UidPath, body: DemandeReport, change: ChangeDep) -> Response:
    """Create the plan of the next year, or complete its brouillon, with what is left; called again, nothing is new."""
    return change.run(lambda unit: _answer(change.services.validation.reporter(unit, change.caller, uid, body)))
