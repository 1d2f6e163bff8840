"""HTTP operations of logistics gains: ``/v1/indicateurs/logistique``. Computations: nothing is stored."""

from __future__ import annotations

from fastapi import APIRouter, Response

from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.indicateurs.logistique import comparaison, reponses
from semaphore_hub.modules.indicateurs.logistique.schemas import (
    DemandeImpact,
    DemandeRetour,
    DemandeStocks,
    ImpactVue,
    RetourVue,
    StocksVue,
)

router = APIRouter(prefix="/v1/indicateurs/logistique", tags=["indicateurs"], route_class=StrictRoute)

_REFUSALS = responses(400, 401, 409, 413, 415, 422)


@router.post(
    "/impact-marches",
    operation_id="calculerImpactMarches",
    summary="Calculer l'impact sur marchés d'une mutualisation logistique",
    response_model=ImpactVue,
    responses=_REFUSALS,
)
def calculer_impact_marches(body: DemandeImpact, _caller: CallerDep) -> Response:
    """By the method of the DGOS, with its arithmetic."""
    return Response(reponses.impact_marches(body).model_dump_json(), media_type="application/json")


@router.post(
    "/profondeur-stock",
    operation_id="calculerProfondeurStock",
    summary="Calculer le gain d'une moindre profondeur de stock",
    response_model=StocksVue,
    responses=_REFUSALS,
)
def calculer_profondeur_stock(body: DemandeStocks, _caller: CallerDep) -> Response:
    """From the weeks of coverage to the gain at 4 weeks in central stores, 2 in wards."""
    return Response(reponses.profondeur_stock(body).model_dump_json(), media_type="application/json")


@router.post(
    "/retour-investissement",
    operation_id="comparerRetoursInvestissement",
    summary="Comparer des scénarios logistiques par leur retour sur investissement",
    response_model=RetourVue,
    responses=_REFUSALS,
)
def comparer_retours(body: DemandeRetour, _caller: CallerDep) -> Response:
    """The ROI of each scenario in years, those that are viable, and what they bring together."""
    return Response(comparaison.retour_investissement(body).model_dump_json(), media_type="application/json")
