"""HTTP operations of plans and actions: ``/v1/paat``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, BeforeValidator, Field

from semaphore_hub.api.concurrency import ExpectedVersion, etag, versioned
from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of, whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.paat import codes
from semaphore_hub.modules.paat.commun import endpoints as commun
from semaphore_hub.modules.paat.schemas import (
    ActionDetail,
    ActionEntree,
    ActionVue,
    AvancementAction,
    EnregistrementActions,
    LotActions,
    NouveauPaat,
    PaatVue,
    PageActions,
    PagePaat,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, LIGNE_PATTERN, SIRET_PATTERN, SansNull

router = APIRouter(prefix="/v1/paat", tags=["PAAT"], route_class=StrictRoute)
# Before "/{uid}", which would take their addresses.
router.include_router(commun.router)

UidPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant du PAAT dans le hub")]
ActionPath = Annotated[str, Path(pattern=ID_PATTERN, description="identifiant de l'action dans le hub")]
AnneeQuery = Annotated[int, Field(ge=2015, le=2099), BeforeValidator(whole)]
_PLAN = versioned("lirePaat", "enregistrerActionsPaat")
_ACTION_PARAMETERS = {"uid": "$response.body#/paat", "action": "$response.body#/uid"}
_ACTION = {
    "headers": _PLAN["headers"],
    "links": {
        "lireActionPaat": {"operationId": "lireActionPaat", "parameters": _ACTION_PARAMETERS},
        **{
            change: {
                "operationId": change,
                "parameters": {**_ACTION_PARAMETERS, "If-Match": "$response.header.ETag"},
            }
            for change in ("modifierActionPaat", "avancerActionPaat", "supprimerActionPaat")
        },
    },
}
_CHANGE = responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)


class RecherchePaat(Pagination):
    """Query parameters of the list of plans; every condition given must hold."""

    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    annee: Annotated[AnneeQuery | None, SansNull()] = None
    statut: Annotated[codes.StatutPaat | None, SansNull()] = None

    def filtres(self) -> dict[str, object]:
        """Wanted value by column."""
        return {"ght": self.ght, "annee": self.annee, "statut": self.statut and self.statut.value}


class RechercheActions(Pagination):
    """Query parameters of the list of actions; every condition given must hold."""

    famille: Annotated[
        Annotated[str, Field(pattern=LIGNE_PATTERN, max_length=20, description="code de la famille")] | None, SansNull()
    ] = None
    operateur: Annotated[codes.Operateur | None, SansNull()] = None
    statut: Annotated[codes.StatutAction | None, SansNull()] = None
    controle: Annotated[codes.Controle | None, SansNull()] = None
    exclue: Annotated[bool | None, SansNull()] = None
    origine: Annotated[codes.Origine | None, SansNull()] = None
    etablissement: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None

    def filtres(self) -> dict[str, object]:
        """Wanted value by column."""
        return {
            "famille": self.famille,
            "operateur": self.operateur and self.operateur.value,
            "statut": self.statut and self.statut.value,
            "controle": self.controle and self.controle.value,
            "exclue": self.exclue,
            "origine": self.origine and self.origine.value,
            "etablissement_siret": self.etablissement,
        }


def _json(content: BaseModel, version: int | None = None) -> Response:
    headers = {} if version is None else {"ETag": etag(version)}
    return Response(content.model_dump_json(), 200, headers, "application/json")


def _plan(plan: PaatVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(plan.version)}
    if status == 201:
        headers["Location"] = f"/v1/paat/{plan.uid}"
    return Answer(plan, status, headers)


def _action(action: ActionVue, status: int = 200) -> Answer:
    headers = {"ETag": etag(action.version)}
    if status == 201:
        headers["Location"] = f"/v1/paat/{action.paat}/actions/{action.uid}"
    return Answer(action, status, headers)


def _recorded(recorded: EnregistrementActions) -> Answer:
    return Answer(recorded, 200, {"ETag": etag(recorded.version)})


# --- plans ------------------------------------------------------------------------------------------------------------


@router.post(
    "",
    operation_id="creerPaat",
    summary="Ouvrir le PAAT d'un GHT pour une année",
    status_code=201,
    response_model=PaatVue,
    responses={**responses(400, 401, 403, 409, 413, 415, 422), 201: _PLAN},
)
def creer_paat(body: NouveauPaat, change: ChangeDep) -> Response:
    """One plan for each GHT and year."""
    return change.run(lambda unit: _plan(change.services.paat.creer(unit, change.caller, body), 201))


@router.get(
    "",
    operation_id="listerPaat",
    summary="Chercher des PAAT",
    response_model=PagePaat,
    responses=responses(401, 403, 422),
)
def lister_paat(recherche: Annotated[RecherchePaat, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Plans of the caller's perimeter, newest first."""
    with services.database.read() as connection:
        items, last = services.paat.lister(
            connection, caller, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    return _json(PagePaat(items=tuple(items), next=cursor_of(last)))


@router.get(
    "/{uid}",
    operation_id="lirePaat",
    summary="Lire un PAAT et ses totaux",
    response_model=PaatVue,
    responses={**responses(401, 403, 404, 422), 200: _PLAN},
)
def lire_paat(uid: UidPath, services: ServicesDep, caller: CallerDep) -> Response:
    """A plan as it stands: gains declared and retained, by control and by status; its ETag is what changes ask for."""
    with services.database.read() as connection:
        found = services.paat.lire(connection, caller, uid)
    return _json(found, found.version)


# --- actions ----------------------------------------------------------------------------------------------------------


@router.post(
    "/{uid}/actions",
    operation_id="ajouterActionPaat",
    summary="Ajouter une action",
    status_code=201,
    response_model=ActionVue,
    responses={**responses(400, 401, 403, 404, 409, 413, 415, 422), 201: _ACTION},
)
def ajouter_action(uid: UidPath, body: ActionEntree, change: ChangeDep) -> Response:
    """Add an action to a draft; it is controlled at once."""
    return change.run(lambda unit: _action(change.services.paat.creer_action(unit, change.caller, uid, body), 201))


@router.patch(
    "/{uid}/actions",
    operation_id="enregistrerActionsPaat",
    summary="Enregistrer plusieurs actions, toutes ou aucune",
    response_model=EnregistrementActions,
    responses={**_CHANGE, 200: {"headers": _PLAN["headers"]}},
)
def enregistrer_actions(uid: UidPath, version: ExpectedVersion, body: LotActions, change: ChangeDep) -> Response:
    """Create or replace actions by their number, in a draft; the version is the plan's."""
    service = change.services.paat
    return change.run(lambda unit: _recorded(service.enregistrer(unit, change.caller, uid, version, body.actions)))


@router.get(
    "/{uid}/actions",
    operation_id="listerActionsPaat",
    summary="Lister les actions d'un PAAT",
    response_model=PageActions,
    responses=responses(401, 403, 404, 422),
)
def lister_actions(
    uid: UidPath, recherche: Annotated[RechercheActions, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Actions of a plan, in the order of their creation."""
    with services.database.read() as connection:
        items, last = services.paat.lister_actions(
            connection, caller, uid, recherche.filtres(), limit=recherche.limit, after=recherche.after
        )
    return _json(PageActions(items=tuple(items), next=cursor_of(last)))


@router.get(
    "/{uid}/actions/{action}",
    operation_id="lireActionPaat",
    summary="Lire une action et l'arithmétique de ses chiffres",
    response_model=ActionDetail,
    responses={**responses(401, 403, 404, 422), 200: _ACTION},
)
def lire_action(uid: UidPath, action: ActionPath, services: ServicesDep, caller: CallerDep) -> Response:
    """An action: how its gain, performance, weight and prorata were computed, and why it is kept or not."""
    with services.database.read() as connection:
        found = services.paat.lire_action(connection, caller, uid, action)
    return _json(found, found.version)


@router.put(
    "/{uid}/actions/{action}",
    operation_id="modifierActionPaat",
    summary="Remplacer une action",
    response_model=ActionVue,
    responses={**_CHANGE, 200: _ACTION},
)
def modifier_action(
    uid: UidPath, action: ActionPath, version: ExpectedVersion, body: ActionEntree, change: ChangeDep
) -> Response:
    """Give an action of a draft anew, whole; the version is the action's."""
    service = change.services.paat
    return change.run(lambda unit: _action(service.remplacer_action(unit, change.caller, uid, action, version, body)))


@router.patch(
    "/{uid}/actions/{action}",
    operation_id="avancerActionPaat",
    summary="Faire avancer une action",
    response_model=ActionVue,
    responses={**_CHANGE, 200: _ACTION},
)
def avancer_action(
    uid: UidPath, action: ActionPath, version: ExpectedVersion, body: AvancementAction, change: ChangeDep
) -> Response:
    """Say its status, the stage of its gain, what came of it, until the plan is closed; the version is the action's."""
    service = change.services.paat
    return change.run(lambda unit: _action(service.avancer_action(unit, change.caller, uid, action, version, body)))


@router.delete(
    "/{uid}/actions/{action}",
    operation_id="supprimerActionPaat",
    summary="Supprimer une action d'un plan jamais soumis",
    response_model=PaatVue,
    responses={**_CHANGE, 200: _PLAN},
)
def supprimer_action(uid: UidPath, action: ActionPath, version: ExpectedVersion, change: ChangeDep) -> Response:
    """Take an action out of a plan that was never submitted; afterwards, abandon it. The version is the action's."""
    service = change.services.paat
    return change.run(lambda unit: _plan(service.supprimer_action(unit, change.caller, uid, action, version)))
