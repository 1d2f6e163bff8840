"""HTTP operations of marchés: ``/v1/marches``."""

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
from semaphore_hub.modules.marches.answers import MarcheVue, PageMarches
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    NotificationMarche,
    NouveauMarche,
    NouvelleModification,
)
from semaphore_hub.modules.marches.search import Filtres
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, LIGNE_PATTERN, SIRET_PATTERN, Jour, SansNull

router = APIRouter(prefix="/v1/marches", tags=["marchés"], route_class=StrictRoute)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du marché dans le hub")]
_VERSIONED = versioned("lireMarche", "notifierMarche", "modifierMarche", "corrigerMarche")
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RechercheMarches(Pagination):
    """Query parameters of the list; every condition given must hold."""

    statut: Annotated[Statut | None, SansNull()] = None
    acheteur: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = Field(
        default=None, description="SIRET de l'acheteur"
    )
    fournisseur: Annotated[Annotated[str, Field(pattern="^[A-Za-z0-9]{1,80}$")] | None, SansNull()] = Field(
        default=None, description="identifiant d'un titulaire"
    )
    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    notifieDepuis: Annotated[Jour | None, SansNull()] = Field(default=None, description="notifié ce jour ou après")
    notifieAvant: Annotated[Jour | None, SansNull()] = Field(default=None, description="notifié avant ce jour")
    q: Annotated[Annotated[str, Field(min_length=1, max_length=100, pattern=LIGNE_PATTERN)] | None, SansNull()] = Field(
        default=None, description="partie de l'objet"
    )

    def filtres(self) -> Filtres:
        """What the service searches for."""
        return Filtres(
            statut=self.statut,
            acheteur=self.acheteur,
            fournisseur=self.fournisseur,
            ght=self.ght,
            notifie_depuis=self.notifieDepuis,
            notifie_avant=self.notifieAvant,
            q=self.q,
        )


def _answer(marche: MarcheVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(marche.version)}
    if status == 201:
        headers["Location"] = f"/v1/marches/{marche.uid}"
    return Answer(marche, status, headers)


@router.post(
    "",
    operation_id="creerMarche",
    summary="Enregistrer un marché attribué",
    status_code=201,
    response_model=MarcheVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _VERSIONED},
)
def creer_marche(body: NouveauMarche, change: ChangeDep) -> Response:
    """Record a marché; its buyer and holders must be in the référentiel. Status "attribue" until it is notified."""
    return change.run(lambda unit: _answer(change.services.marches.creer(unit, change.caller, body), 201))


@router.get(
    "",
    operation_id="listerMarches",
    summary="Chercher des marchés",
    response_model=PageMarches,
    responses=responses(401, 403, 422),
)
def lister_marches(
    recherche: Annotated[RechercheMarches, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Marchés of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.marches.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    page = PageMarches(items=tuple(items), next=cursor_of(last))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{uid}",
    operation_id="lireMarche",
    summary="Lire un marché",
    response_model=MarcheVue,
    responses={**responses(401, 403, 404, 422), 200: _VERSIONED},
)
def lire_marche(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A marché as it stands, with its amendments and warnings; its ETag is what changes ask for."""
    with services.database.read() as connection:
        marche = services.marches.lire(connection, caller, uid)
    return Response(marche.model_dump_json(), 200, {"ETag": etag(marche.version)}, "application/json")


@router.post(
    "/{uid}/notification",
    operation_id="notifierMarche",
    summary="Notifier un marché",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def notifier_marche(uid: UidPath, version: ExpectedVersion, body: NotificationMarche, change: ChangeDep) -> Response:
    """The holder received the marché: it is sent to the partners."""
    return change.run(lambda unit: _answer(change.services.marches.notifier(unit, change.caller, uid, version, body)))


@router.post(
    "/{uid}/modifications",
    operation_id="modifierMarche",
    summary="Notifier une modification du marché",
    status_code=201,
    response_model=MarcheVue,
    responses={**_CHANGE, 201: _VERSIONED},
)
def modifier_marche(uid: UidPath, version: ExpectedVersion, body: NouvelleModification, change: ChangeDep) -> Response:
    """Add an amendment to a notified marché; its id is the next one."""
    return change.run(
        lambda unit: _answer(change.services.marches.modifier(unit, change.caller, uid, version, body), 201)
    )


@router.post(
    "/{uid}/correction",
    operation_id="corrigerMarche",
    summary="Corriger une erreur matérielle",
    response_model=MarcheVue,
    responses={**_CHANGE, 200: _VERSIONED},
)
def corriger_marche(uid: UidPath, version: ExpectedVersion, body: CorrectionMarche, change: ChangeDep) -> Response:
    """Put a material error right on a notified marché, with the reason."""
    return change.run(lambda unit: _answer(change.services.marches.corriger(unit, change.caller, uid, version, body)))
