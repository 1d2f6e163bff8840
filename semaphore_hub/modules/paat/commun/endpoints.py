"""HTTP operations that are common to every plan: enumerations, control bounds (``/v1/paat``)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, BeforeValidator

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.paat import codes
from semaphore_hub.modules.paat.bornes_schemas import BornesEntree, BornesFixees, BornesVue
from semaphore_hub.modules.paat.schemas import Enumeration, EnumerationsPaat, ValeurCode

router = APIRouter(route_class=StrictRoute)

AnneePath = Annotated[int, Path(ge=2015, le=2099, description="année des plans"), BeforeValidator(whole)]
_ENUMERATIONS: tuple[type[codes.Code], ...] = (
    codes.StatutPaat,
    codes.StatutAction,
    codes.Stade,
    codes.Levier,
    codes.Operateur,
    codes.EffetBudgetaire,
    codes.Methode,
    codes.Section,
    codes.Controle,
    codes.Origine,
)


def _answer(content: BaseModel) -> Response:
    return Response(content.model_dump_json(), media_type="application/json")


@router.get(
    "/codes",
    operation_id="listerCodesPaat",
    summary="Lire les énumérations du PAAT",
    response_model=EnumerationsPaat,
    responses=responses(401, 403),
)
def lister_codes(_caller: CallerDep) -> Response:
    """Every value with its label, and whether a public source attests it or it is an assumption."""
    return _answer(
        EnumerationsPaat(
            enumerations=tuple(
                Enumeration(
                    nom=kind.__name__,
                    valeurs=tuple(ValeurCode(code=one.value, libelle=one.libelle, marque=one.marque) for one in kind),
                )
                for kind in _ENUMERATIONS
            )
        )
    )


@router.get(
    "/bornes/{annee}",
    operation_id="lireBornesPaat",
    summary="Lire les bornes de contrôle d'une année",
    response_model=BornesVue,
    responses=responses(401, 403, 422),
)
def lire_bornes(annee: AnneePath, services: ServicesDep, _caller: CallerDep) -> Response:
    """The bounds of performance by family, each with its source; 20 % by default, an assumption."""
    with services.database.read() as connection:
        return _answer(services.paat.lire_bornes(connection, annee))


@router.put(
    "/bornes/{annee}",
    operation_id="fixerBornesPaat",
    summary="Remplacer les bornes de contrôle d'une année",
    response_model=BornesFixees,
    responses=responses(400, 401, 403, 409, 413, 415, 422),
)
def fixer_bornes(annee: AnneePath, body: BornesEntree, change: ChangeDep) -> Response:
    """Replace the bounds (DGOS); the plans of the year that are not closed are controlled again at once."""
    return change.run(lambda unit: Answer(change.services.paat.fixer_bornes(unit, change.caller, annee, body)))
