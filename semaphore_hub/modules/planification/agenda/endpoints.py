"""HTTP operations of the calendar and of the workload: ``/v1/planification/agenda``, ``/v1/planification/charge``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BeforeValidator, Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.pagination import whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.planification.agenda import excel, ics
from semaphore_hub.modules.planification.agenda.charge import CAPACITE
from semaphore_hub.modules.planification.agenda.evenements import ECHEANCE
from semaphore_hub.modules.planification.agenda.schemas import ChargeVue, PageAgenda
from semaphore_hub.modules.planification.champs import Ligne
from semaphore_hub.modules.planification.codes import JALONS
from semaphore_hub.modules.planification.reading import Filtres
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, Entree, Jour, SansNull

router = APIRouter(prefix="/v1/planification", tags=["planification"], route_class=StrictRoute)

CACHE = "private, max-age=300"
"""A calendar program may show what it read for five minutes, then asks whether it changed."""

_KINDS = "|".join([*JALONS, ECHEANCE])
_CODES_PATTERN = f"^({_KINDS})(,({_KINDS}))*$"


class ChoixProjets(Entree):
    """Which projects; every condition given must hold."""

    ght: Annotated[Annotated[str, Field(pattern=GHT_PATTERN)] | None, SansNull()] = None
    portefeuille: Annotated[Ligne | None, SansNull()] = Field(default=None, description="portefeuille d'acheteur")

    def filtres(self) -> Filtres:
        """What the reading searches for."""
        return Filtres(ght=self.ght, portefeuille=self.portefeuille)


class Periode(ChoixProjets):
    """Which projects, and between which days."""

    du: Annotated[Jour | None, SansNull()] = Field(default=None, description="absent : il y a 180 jours")
    au: Annotated[Jour | None, SansNull()] = Field(default=None, description="compris ; absent : dans 730 jours")


class RechercheAgenda(Periode):
    """Query parameters of the list of milestones."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)] = Field(
        default=50, description="nombre d'éléments par page"
    )
    cursor: Annotated[Annotated[str, Field(pattern="^[0-9]{8}[0-9a-f]{32}[0-9]{2}$")] | None, SansNull()] = Field(
        default=None, description="position reçue dans « next » ; opaque"
    )


class ChoixCalendrier(Periode):
    """Query parameters of the calendar to subscribe to."""

    jalons: Annotated[Annotated[str, Field(pattern=_CODES_PATTERN)] | None, SansNull()] = Field(
        default=None,
        description="codes de jalons séparés par des virgules, « echeance » pour celles des marchés ; absent : tout",
        examples=["publication,attribution"],
    )


class ChoixCharge(ChoixProjets):
    """Query parameters of the workload."""

    annee: Annotated[Annotated[int, Field(ge=2020, le=2100), BeforeValidator(whole)] | None, SansNull()] = Field(
        default=None, description="absente : l'année en cours"
    )
    capacite: Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)] = Field(
        default=CAPACITE, description="jours de travail par mois et par portefeuille (18 : hypothèse)"
    )


def _file(media_type: str, description: str, **headers: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()},
    }


@router.get(
    "/agenda",
    operation_id="listerAgenda",
    summary="Lister les jalons des projets entre deux dates",
    response_model=PageAgenda,
    responses=responses(401, 403, 409, 422),
)
def lister_agenda(recherche: Annotated[RechercheAgenda, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Milestones of the caller's perimeter, by day; those that are late say by how many days."""
    with services.database.read() as connection:
        page = services.agenda.jalons(
            connection,
            caller,
            recherche.filtres(),
            recherche.du,
            recherche.au,
            limit=recherche.limit,
            after=recherche.cursor,
        )
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/agenda.ics",
    operation_id="abonnerAgenda",
    summary="S'abonner à l'agenda des projets (iCalendar)",
    response_class=Response,
    responses={
        **responses(401, 403, 409, 422),
        200: _file(
            ics.MEDIA_TYPE,
            "agenda iCalendar (RFC 5545)",
            **{"ETag": "empreinte de l'agenda, à rendre dans If-None-Match", "Cache-Control": "durée de validité"},
        ),
        304: {"description": "l'agenda n'a pas changé depuis l'empreinte donnée"},
    },
)
def abonner_agenda(
    choix: Annotated[ChoixCalendrier, Query()],
    services: ServicesDep,
    caller: CallerDep,
    if_none_match: Annotated[
        Annotated[str, Field(max_length=1000)] | None,
        SansNull(),
        Header(alias="If-None-Match", description="ETag reçu à la lecture précédente"),
    ] = None,
) -> Response:
    """Milestones and expiries as all-day events, for Outlook, Thunderbird and the like; nothing when unchanged."""
    with services.database.read() as connection:
        flux = services.agenda.calendrier(
            connection, caller, choix.filtres(), choix.du, choix.au, choix.jalons.split(",") if choix.jalons else ()
        )
    # Weak: two readings of the same events differ by the moment they were written.
    etag = f'W/"{flux.empreinte}"'
    headers = {"ETag": etag, "Cache-Control": CACHE}
    if if_none_match is not None and _matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="agenda.ics"'
    return Response(flux.octets, 200, headers, f"{ics.MEDIA_TYPE}; charset=utf-8")


@router.get(
    "/agenda.xlsx",
    operation_id="exporterAgenda",
    summary="Exporter l'agenda et la charge (Excel)",
    response_class=Response,
    responses={
        **responses(401, 403, 409, 422),
        200: _file(excel.MEDIA_TYPE, "classeur Excel", **{"Content-Disposition": "nom du fichier"}),
    },
)
def exporter_agenda(choix: Annotated[ChoixCharge, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Calendar, months of the year, workload, and what they rest on."""
    with services.database.read() as connection:
        content = services.agenda.classeur(connection, caller, choix.filtres(), choix.annee, Decimal(choix.capacite))
    return Response(content, 200, {"Content-Disposition": 'attachment; filename="agenda.xlsx"'}, excel.MEDIA_TYPE)


@router.get(
    "/charge",
    operation_id="lireCharge",
    summary="Lire la charge de travail par mois et portefeuille",
    response_model=ChargeVue,
    responses=responses(401, 403, 409, 422),
)
def lire_charge(choix: Annotated[ChoixCharge, Query()], services: ServicesDep, caller: CallerDep) -> Response:
    """Days of work by month, projects in progress, months above the capacity; days by phase are a hypothesis."""
    with services.database.read() as connection:
        found = services.agenda.charge(connection, caller, choix.filtres(), choix.annee, Decimal(choix.capacite))
    return Response(found.model_dump_json(), media_type="application/json")


def _matches(given: str, etag: str) -> bool:
    """Weak comparison of If-None-Match (RFC 9110, 13.1.2)."""
    return etag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}
