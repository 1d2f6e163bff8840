"""HTTP operations of concessions: ``/v1/marches/concessions``."""

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
from semaphore_hub.modules.marches.concessions.schemas import (
    ConcessionVue,
    CorrectionConcession,
    FiltresConcessions,
    NouvelleConcession,
    NouvelleModificationConcession,
    NouvellesDonneesExecution,
    PageConcessions,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SIRET_PATTERN, SansNull

router = APIRouter(prefix="/v1/marches/concessions", tags=["concessions"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de la concession dans le hub")]
_VERSIONED = versioned("lireConcession", "modifierConcession", "executerConcession", "corrigerConcession")
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RechercheConcessions(Pagination):
    """Query parameters of the list; every condition given must hold."""

    autorite: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = Field(
        default=None, description="SIRET de l'autorité concédante"
    )
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None

    def filtres(self) -> FiltresConcessions:
        """What the service searches for."""
        return FiltresConcessions(autorite=self.autorite, ght=self.ght)


def _answer(concession: ConcessionVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(concession.version)}
    if status == 201:
        headers["Location"] = f"/v1/marches/concessions/{concession.uid}"
    return Answer(concession, status, headers)


@router.post(
    "",
    operation_id="signerConcession",
    summary="Enregistrer une concession signée",
    status_code=201,
    response_model=ConcessionVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def signer_concession(body: NouvelleConcession, change: ChangeDep) -> Response:
    """Record a signed concession; its authority and concessionaires must be in the référentiel."""
    return change.run(lambda unit: _answer(change.services.concessions.signer(unit, change.caller, body), 201))


@router.get(
    "",
    operation_id="listerConcessions",
    summary="Chercher des concessions",
    response_model=PageConcessions,
    responses=responses(401, 403, 422),
)
def lister_concessions(
    recherche: Annotated[RechercheConcessions, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Concessions of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.concessions.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageConcessions(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}",
    operation_id="lireConcession",
    summary="Lire une concession",
    response_model=ConcessionVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_concession(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A concession as it stands; its ETag is what changes ask for."""
    with services.database.read() as connection:
        found = services.concessions.lire(connection, caller, uid)
    return Response(found.model_dump_json(), 200, {"ETag": etag(found.version)}, "application/json")


@router.post(
    "/{uid}/modifications",
    operation_id="modifierConcession",
    summary="Enregistrer une modification signée",
    status_code=201,
    response_model=ConcessionVue,
    responses={**_CHANGE, 201: _VERSIONED},
)
def modifier_concession(
    uid: UidPath, version: ExpectedVersion, body: NouvelleModificationConcession, change: ChangeDep
) -> Response:
    """Add an amendment; its id is the next one."""
    return change.run(
        lambda unit: _answer(change.services.concessions.modifier(unit, change.caller, uid, version, body), 201)
    )


@router.post(
    "/{uid}/donnees-execution",
    operation_id="executerConcession",
    summary="Publier les données d'une année d'exécution",
    status_code=201,
    response_model=ConcessionVue,
    responses={**_CHANGE, 201: _VERSIONED},
)
def executer_concession(
    uid: UidPath, version: ExpectedVersion, body: NouvellesDonneesExecution, change: ChangeDep
) -> Response:
    """Add the investments and main tariffs of a year."""
    return change.run(
        lambda unit: _answer(change.services.concessions.executer(unit, change.caller, uid, version, body), 201)
    )


@router.post(
    "/{uid}/correction",
    operation_id="corrigerConcession",
    summary="Corriger une erreur matérielle",
    response_model=ConcessionVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def corriger_concession(
    uid: UidPath, version: ExpectedVersion, body: CorrectionConcession, change: ChangeDep
) -> Response:
    """Put a material error right, with the reason."""
    return change.run(
        lambda unit: _answer(change.services.concessions.corriger(unit, change.caller, uid, version, body))
    )
