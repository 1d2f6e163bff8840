"""HTTP operations of the facts: ``/v1/indicateurs/{actualisation,reconstruction,faits,imports}``."""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.exceptions import HTTPException

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import formats
from semaphore_hub.modules.indicateurs.faits.imports.schemas import BilanImport, Formats, PageImports, TypeImport
from semaphore_hub.modules.indicateurs.faits.schemas import ActualisationVue, EtatFaits, ReconstructionVue
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from semaphore_hub.modules.referentiel.champs import SansNull

router = APIRouter(prefix="/v1/indicateurs", tags=["indicateurs"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de l'import")]
NOM_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$"

_CSV = frozenset({"text/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel"})
"""Media types under which browsers and scripts send a CSV file."""


class ListeImports(Pagination):
    """Query parameters of the list of imports."""

    type: Annotated[TypeImport | None, SansNull()] = None


@router.post(
    "/faits/actualisation",
    operation_id="actualiserFaits",
    summary="Relire les sujets dont les faits ont changé",
    response_model=ActualisationVue,
    responses=responses(401, 403, 422),
)
def actualiser_faits(
    services: ServicesDep,
    caller: CallerDep,
    limite: Annotated[int, Query(ge=1, le=5000, description="sujets relus au plus")] = 500,
) -> Response:
    """Done by the hub itself every now and then; asked here, what failed a short while ago is tried again."""
    done = services.faits.demander_actualisation(caller, limite)
    vue = ActualisationVue(traites=done.traites, echecs=done.echecs, restants=done.restants)
    return Response(vue.model_dump_json(), media_type="application/json")


@router.post(
    "/faits/reconstruction",
    operation_id="reconstruireFaits",
    summary="Relire tous les faits du hub",
    response_model=ReconstructionVue,
    responses=responses(401, 403),
)
def reconstruire_faits(services: ServicesDep, caller: CallerDep) -> Response:
    """Every fact is read again at its source, page by page; the lines of imported files are left as they are."""
    done = services.faits.reconstruire(caller)
    vue = ReconstructionVue(actions=done.actions, marches=done.marches, projets=done.projets, depenses=done.depenses)
    return Response(vue.model_dump_json(), media_type="application/json")


@router.get(
    "/faits/etat",
    operation_id="lireEtatFaits",
    summary="Savoir de quoi les indicateurs sont calculés",
    response_model=EtatFaits,
    responses=responses(401, 403),
)
def lire_etat_faits(services: ServicesDep, caller: CallerDep) -> Response:
    """Facts by kind and year, subjects to read again, last files."""
    with services.database.read() as connection:
        etat = services.faits.etat(connection, caller)
    return Response(etat.model_dump_json(), media_type="application/json")


@router.get(
    "/imports",
    operation_id="listerImportsFaits",
    summary="Lister les fichiers de faits importés",
    response_model=PageImports,
    responses=responses(401, 403, 422),
)
def lister_imports(page: Annotated[ListeImports, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Files imported, newest first; who sees some GHT only has its own."""
    with services.database.read() as connection:
        items, last = services.faits.lister_imports(connection, caller, page.type, limit=page.limit, after=page.after)
    answer = PageImports(items=tuple(items), next=cursor_of(last))
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get(
    "/faits/formats",
    operation_id="lireFormatsImports",
    summary="Connaître les colonnes des fichiers de faits",
    response_model=Formats,
    responses=responses(401, 403),
)
def lire_formats(caller: CallerDep) -> Response:  # noqa: ARG001 - the operation is protected
    """Kinds of files and their columns: the very table by which they are read."""
    return Response(formats().model_dump_json(), media_type="application/json")


@router.get(
    "/imports/{uid}",
    operation_id="lireImportFaits",
    summary="Lire un import de faits",
    response_model=BilanImport,
    responses=responses(401, 403, 404, 422),
)
def lire_import(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """One import: its counts, how many times each rule was broken, the first findings."""
    with services.database.read() as connection:
        vue = services.faits.lire_import(connection, caller, uid)
    return Response(vue.model_dump_json(), media_type="application/json")


@router.delete(
    "/imports/{uid}",
    operation_id="retirerImportFaits",
    summary="Retirer les lignes d'un fichier de faits",
    response_model=BilanImport,
    responses=responses(401, 403, 404, 409, 422),
)
def retirer_import(uid: UidPath, change: ChangeDep) -> Response:
    """Its lines count no more, its trace stays; the same file may then be imported again."""
    return change.run(lambda unit: Answer(change.services.faits.retirer_import(unit, change.caller, uid)))


@router.post(
    "/imports",
    operation_id="importerFaits",
    summary="Importer un fichier de faits",
    status_code=201,
    response_model=BilanImport,
    responses={
        **responses(400, 401, 403, 409, 413, 415, 422),
        200: {"description": "Fichier déjà importé, rien n'a changé", "model": BilanImport},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def importer_faits(
    request: Request,
    type: Annotated[TypeImport, Query(description="ce que dit le fichier")],
    services: ServicesDep,
    caller: CallerDep,
    nom: Annotated[
        str, Query(pattern=NOM_PATTERN, description="nom du fichier", examples=["depenses_2025.csv"])
    ] = "fichier.csv",
    partiel: Annotated[
        bool, Query(description="garder les lignes justes et signaler les autres ; sinon une erreur refuse tout")
    ] = False,
    remplace: Annotated[
        Annotated[str, Field(pattern=ID_PATTERN)] | None,
        SansNull(),
        Query(description="import du même type dont les lignes cèdent la place à celles-ci"),
    ] = None,
) -> Response:
    """Check then load the CSV in the body, whole or not at all; larger files go by the command line."""
    declared = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
    if declared not in _CSV:
        raise HTTPException(415, f"Le type {declared} n'est pas accepté : envoyez du text/csv.")
    body = await request.body()
    vue = await run_in_threadpool(_imported, services.faits, caller, body, type, nom, partiel, remplace)
    headers = {"Location": f"/v1/indicateurs/imports/{vue.uid}"}
    return Response(vue.model_dump_json(), 200 if vue.dejaImporte else 201, headers, "application/json")


def _imported(
    faits: FaitsService, caller: Caller, body: bytes, type_: TypeImport, nom: str, partiel: bool, remplace: str | None
) -> BilanImport:
    with tempfile.TemporaryDirectory(prefix="faits-") as folder:
        path = FilePath(folder) / nom
        path.write_bytes(body)
        return faits.importer(caller, path, type_, nom=nom, partiel=partiel, remplace=remplace)
