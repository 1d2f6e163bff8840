"""HTTP operations of the editions: ``/v1/indicateurs/editions``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.indicateurs.editions.classeur import MEDIA_TYPE
from semaphore_hub.modules.indicateurs.endpoints import Perimetre

router = APIRouter(prefix="/v1/indicateurs/editions", tags=["indicateurs"], route_class=StrictRoute)

_ERRORS = responses(401, 403, 404, 409, 422)
_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page needs its own styles and nothing else."""


def _file(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"} if media_type == MEDIA_TYPE else {"type": "string"}
    return {**_ERRORS, 200: {"description": description, "content": {media_type: {"schema": schema}}}}


@router.get(
    "/ars.xlsx",
    operation_id="editerIndicateursExcel",
    summary="Le classeur Excel des indicateurs",
    response_class=Response,
    responses=_file(MEDIA_TYPE, "Synthèse, tableaux, faits derrière les chiffres, limites"),
)
def editer_excel(question: Annotated[Perimetre, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Figures of a year, the facts behind them, and what they rest on, to keep or to send."""
    demande = question.demande(services.clock.today().year)
    with services.database.read() as connection:
        content = services.editions.excel(connection, caller, demande)
    name = "-".join(["indicateurs", str(demande.annees[0]), *filter(None, (demande.region, demande.ght))])
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}, MEDIA_TYPE)


@router.get(
    "/rapport.html",
    operation_id="editerIndicateursHtml",
    summary="Le rapport des indicateurs, sur une page",
    response_class=Response,
    responses=_file("text/html", "Une page A4, sans script, qui s'imprime"),
)
def editer_html(question: Annotated[Perimetre, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Key figures and charts of a year on one page that prints well."""
    demande = question.demande(services.clock.today().year)
    with services.database.read() as connection:
        page = services.editions.html(connection, caller, demande)
    return Response(page, 200, {"Content-Security-Policy": _CSP}, "text/html")
