"""HTTP operations of the trame of a plan: ``/v1/paat/trame``, ``/v1/paat/{uid}/trame``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from semaphore_hub.api.concurrency import ETAG_HEADER, ExpectedVersion, etag
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, Change, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.paat.trame.schemas import RapportTrame
from semaphore_hub.modules.paat.trame.service import Fichier

router = APIRouter(prefix="/v1/paat", tags=["PAAT"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du plan")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
_OCTETS = "application/octet-stream"
_ADMIS = (XLSX, XLSM, _OCTETS)
_BINAIRE = {"schema": {"type": "string", "format": "binary"}}
CLASSEUR: dict[str, Any] = {
    "description": "Classeur Excel",
    "content": {XLSX: _BINAIRE},
    "headers": {"Content-Disposition": {"description": "nom du fichier", "schema": {"type": "string"}}},
}
"""Declaration of a workbook that an operation answers."""


def classeur(fichier: Fichier, headers: dict[str, str] | None = None) -> Response:
    """A workbook as an answer, to be saved under its name."""
    named = {"Content-Disposition": f'attachment; filename="{fichier.nom}"', **(headers or {})}
    return Response(fichier.contenu, 200, named, XLSX)


@router.get(
    "/trame",
    operation_id="lireTrameVierge",
    summary="Télécharger la trame à remplir",
    response_class=Response,
    responses={**responses(401, 403), 200: CLASSEUR},
)
def lire_trame_vierge(services: ServicesDep, _caller: CallerDep) -> Response:
    """The blank trame: the headings of the DGOS, then the optional ones; its « Lisez-moi » says which are assumed."""
    with services.database.read() as connection:
        return classeur(services.trame.vierge(connection))


@router.get(
    "/{uid}/trame",
    operation_id="exporterTrame",
    summary="Télécharger un plan comme trame",
    response_class=Response,
    responses={**responses(401, 403, 404, 422), 200: CLASSEUR},
)
def exporter_trame(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A plan as a workbook; sent back as it is, it changes nothing."""
    with services.database.read() as connection:
        return classeur(services.trame.exporter(connection, caller, uid))


@router.post(
    "/{uid}/trame",
    operation_id="importerTrame",
    summary="Importer une trame dans un plan",
    response_model=RapportTrame,
    responses={
        **responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
        200: {"description": "Importée, ou simulée", "headers": ETAG_HEADER},
    },
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(_ADMIS, _BINAIRE)}},
)
async def importer_trame(
    request: Request,
    uid: UidPath,
    version: ExpectedVersion,
    change: ChangeDep,
    simulation: Annotated[
        bool, Query(description="ne rien enregistrer : le rapport seul, erreurs comprises (la clé est sans effet)")
    ] = False,
) -> Response:
    """Record the actions of the workbook in the body, all or none; refused (409), each error says its cell."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in {one.lower() for one in _ADMIS}:
        raise HTTPException(415, f"Envoyez un classeur Excel : Content-Type: {XLSX}.")
    body = await request.body()
    return await run_in_threadpool(_imported, change, uid, version, body, simulation=simulation)


def _imported(change: Change, uid: str, version: int, body: bytes, *, simulation: bool) -> Response:
    def operation(unit: UnitOfWork) -> Answer:
        report = change.services.trame.importer(unit, change.caller, uid, version, body, simulation=simulation)
        return Answer(report, 200, {"ETag": etag(report.version or version)})

    if not simulation:
        return change.run(operation)
    # Outside the key: a report kept under it would be answered to the import that follows.
    with change.services.database.write() as unit:
        answer = operation(unit)
    return Response(answer.content.model_dump_json(), answer.status, dict(answer.headers), "application/json")
