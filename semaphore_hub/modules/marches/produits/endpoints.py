"""HTTP operations of the catalogue of products: ``/v1/marches/produits``, ``/v1/produits/publications``.

Its router goes before the one of marchés, whose ``/v1/marches/{uid}`` would take « produits » for an identifier.
"""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.marches.produits.models import EtatProduit
from semaphore_hub.modules.marches.produits.schemas import (
    DemandeImport,
    DemandePublication,
    FiltresProduits,
    ImportProduitsVue,
    PageImportsProduits,
    PageProduits,
    PublicationVue,
)
from semaphore_hub.modules.marches.produits.service import ProduitsService
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, LIGNE_PATTERN, Jour, SansNull

_catalogue = APIRouter(prefix="/v1/marches/produits", tags=["produits"], route_class=StrictRoute)
_publications = APIRouter(prefix="/v1/produits/publications", tags=["produits"], route_class=StrictRoute)

ImportPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de l'import")]
NOM_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$"
_Texte = Annotated[str, Field(min_length=1, max_length=100, pattern=LIGNE_PATTERN)]


async def _produits(request: Request) -> ProduitsService:
    service: ProduitsService = request.app.state.services.produits
    return service


ProduitsDep = Annotated[ProduitsService, Depends(_produits)]


class RechercheProduits(Pagination):
    """Query parameters of the list; every condition given must hold."""

    operateur: Annotated[_Texte | None, SansNull()] = None
    marche: Annotated[_Texte | None, SansNull()] = Field(default=None, description="numéro du marché chez l'opérateur")
    lot: Annotated[_Texte | None, SansNull()] = None
    reference: Annotated[_Texte | None, SansNull()] = Field(default=None, description="référence du fournisseur")
    fournisseur: Annotated[Annotated[str, Field(pattern="^[A-Za-z0-9]{1,20}$")] | None, SansNull()] = Field(
        default=None, description="SIRET du titulaire"
    )
    gtin: Annotated[Annotated[str, Field(pattern="^[0-9]{8,14}$")] | None, SansNull()] = None
    cip13: Annotated[Annotated[str, Field(pattern="^[0-9]{13}$")] | None, SansNull()] = None
    ucd: Annotated[Annotated[str, Field(pattern="^[0-9]{13}$")] | None, SansNull()] = None
    etat: Annotated[EtatProduit | None, SansNull()] = None
    q: Annotated[_Texte | None, SansNull()] = Field(default=None, description="partie de la désignation")
    valideLe: Annotated[Jour | None, SansNull()] = Field(default=None, description="prix en vigueur ce jour")

    def filtres(self) -> FiltresProduits:
        """What the service searches for."""
        return FiltresProduits(
            operateur=self.operateur,
            numero_marche=self.marche,
            numero_lot=self.lot,
            reference=self.reference,
            fournisseur=self.fournisseur,
            gtin=self.gtin,
            cip13=self.cip13,
            ucd=self.ucd,
            etat=self.etat,
            q=self.q,
            valide_le=self.valideLe,
        )

    @property
    def after_id(self) -> int:
        """The id after which the page starts; past every id when the cursor is none of ours."""
        return min(int(self.cursor, 16), 2**63 - 1) if self.cursor is not None else 0


class ListeImports(Pagination):
    """Query parameters of the list of imports."""


@_catalogue.get(
    "",
    operation_id="listerProduits",
    summary="Chercher des produits en marché",
    response_model=PageProduits,
    responses=responses(401, 403, 422),
)
def lister_produits(
    recherche: Annotated[RechercheProduits, Query()], produits: ProduitsDep, services: ServicesDep, caller: CallerDep
) -> Response:
    """Products of the caller's perimeter and those common to all, oldest first."""
    with services.database.read() as connection:
        items, last = produits.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after_id
        )
    page = PageProduits(items=tuple(items), next=None if last is None else f"{last:032x}")
    return Response(page.model_dump_json(), media_type="application/json")


@_catalogue.get(
    "/imports",
    operation_id="listerImportsProduits",
    summary="Lister les imports de produits",
    response_model=PageImportsProduits,
    responses=responses(401, 403, 422),
)
def lister_imports(
    page: Annotated[ListeImports, Query()], produits: ProduitsDep, services: ServicesDep, caller: CallerDep
) -> Response:
    """Imports of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = produits.lister_imports(connection, caller, limit=page.limit, after=page.after)
    answer = PageImportsProduits(items=tuple(items), next=cursor_of(last))
    return Response(answer.model_dump_json(), media_type="application/json")


@_catalogue.get(
    "/imports/{import_id}",
    operation_id="lireImportProduits",
    summary="Lire un import de produits",
    response_model=ImportProduitsVue,
    responses=responses(401, 403, 404, 422),
)
def lire_import(import_id: ImportPath, produits: ProduitsDep, services: ServicesDep, caller: CallerDep) -> Response:
    """One import: its counts, how many times each rule was broken, the first findings."""
    with services.database.read() as connection:
        vue = produits.lire_import(connection, caller, import_id)
    return Response(vue.model_dump_json(), media_type="application/json")


@_catalogue.post(
    "/imports",
    operation_id="importerProduits",
    summary="Importer un fichier « produits en marché »",
    status_code=201,
    response_model=ImportProduitsVue,
    responses={
        **responses(400, 401, 403, 409, 413, 415, 422),
        200: {"description": "Fichier déjà chargé, rien n'a changé", "model": ImportProduitsVue},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def importer_produits(
    request: Request,
    produits: ProduitsDep,
    caller: CallerDep,
    nom: Annotated[str, Query(pattern=NOM_PATTERN, description="nom du fichier", examples=["produits_2026-03.csv"])],
    partiel: Annotated[
        bool, Query(description="charger les lignes justes et signaler les autres ; sinon une erreur refuse tout")
    ] = False,
    ght: Annotated[
        Annotated[str, Field(pattern=GHT_PATTERN)] | None,
        SansNull(),
        Query(description="GHT du catalogue ; absent : le vôtre s'il est seul, ou commun à tous"),
    ] = None,
    sha256: Annotated[
        Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None,
        SansNull(),
        Query(description="empreinte annoncée par l'opérateur : un fichier incomplet est refusé"),
    ] = None,
) -> Response:
    """Check then load the CSV in the body. Sent again, the same file changes nothing; larger ones go by the CLI."""
    body = await request.body()
    vue = await run_in_threadpool(_imported, produits, caller, body, nom, partiel, ght, sha256)
    headers = {"Location": f"/v1/marches/produits/imports/{vue.id}"}
    return Response(vue.model_dump_json(), 200 if vue.dejaCharge else 201, headers, "application/json")


def _imported(
    produits: ProduitsService,
    caller: Caller,
    body: bytes,
    nom: str,
    partiel: bool,
    ght: str | None,
    sha256: str | None,
) -> ImportProduitsVue:
    with tempfile.TemporaryDirectory(prefix="produits-") as folder:
        path = FilePath(folder) / "corps.csv"
        path.write_bytes(body)
        return produits.importer(caller, DemandeImport(path, nom=nom, partiel=partiel, ght=ght, sha256=sha256))


@_publications.post(
    "",
    operation_id="publierProduits",
    summary="Publier les produits d'un marché à ceux qui le commandent",
    response_model=PublicationVue,
    responses=responses(400, 401, 403, 404, 409, 413, 415, 422),
)
def publier_produits(body: DemandePublication, produits: ProduitsDep, change: ChangeDep) -> Response:
    """Tell the buyer and the beneficiaries what changed since the last publication; again, nothing is new."""
    return change.run(lambda unit: Answer(produits.publier(unit, change.caller, body.numeroMarche, body.lot)))


router = APIRouter()
router.include_router(_catalogue)
router.include_router(_publications)
