"""HTTP operations of indicators: ``/v1/indicateurs``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, BeforeValidator, Field

from semaphore_hub.api.dependencies import CallerDep, ServicesDep
from semaphore_hub.api.pagination import whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.modules.indicateurs.demande import Demande, Source
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Niveau
from semaphore_hub.modules.indicateurs.schemas import (
    Catalogue,
    IndicateurCalcule,
    Limites,
    PageFaits,
    TableauDeBord,
)
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, SIRET_PATTERN, Entree, SansNull

router = APIRouter(prefix="/v1/indicateurs", tags=["indicateurs"], route_class=StrictRoute)

CodePath = Annotated[
    str,
    Path(
        pattern="^[a-z]{2,20}(-[a-z]{2,20}){0,3}$",
        description="code de l'indicateur",
        examples=["atteinte-objectif"],
    ),
]
Annee = Annotated[Annotated[int, Field(ge=2000, le=2100), BeforeValidator(whole)] | None, SansNull()]
Region = Annotated[
    Annotated[str, Field(pattern="^[A-Z]{2,12}$", description="sigle de la région", examples=["ARA"])] | None,
    SansNull(),
]
CodeGht = Annotated[Annotated[str, Field(pattern=GHT_PATTERN, examples=["FIC-01"])] | None, SansNull()]
Code = Annotated[Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")] | None, SansNull()]
_CURSEUR = "^([2-7][0-9a-f]){1,48}$"


class Perimetre(Entree):
    """Query parameters: the year and whose figures."""

    annee: Annee = Field(default=None, description="année ; à défaut, celle du jour")
    region: Region = None
    ght: CodeGht = None

    def demande(self, today: int) -> Demande:
        """The question.

        Args:
            today: the current year.
        """
        return Demande(annees=(self.annee or today,), region=self.region, ght=self.ght)


class ConditionsFaits(Perimetre):
    """Query parameters: which facts."""

    annees: Annotated[
        Annotated[str, Field(pattern="^20[0-9]{2}(,20[0-9]{2}){0,9}$", examples=["2019,2020,2021"])] | None, SansNull()
    ] = Field(default=None, description="plusieurs années ; chacune a sa ligne")
    etablissement: Annotated[Annotated[str, Field(pattern=SIRET_PATTERN)] | None, SansNull()] = None
    famille: Code = Field(default=None, description="code de la famille d'achat")
    operateur: Code = Field(default=None, description="code de l'opérateur : ght, uniha, resah…")
    role: Code = Field(default=None, description="support ou partie")

    def demande(self, today: int) -> Demande:
        """The question; years given both ways are joined."""
        years = {int(one) for one in self.annees.split(",")} if self.annees else set()
        if self.annee is not None:
            years.add(self.annee)
        return Demande(
            annees=tuple(sorted(years or {today})),
            region=self.region,
            ght=self.ght,
            etablissement=self.etablissement,
            famille=self.famille,
            operateur=self.operateur,
            role=self.role,
        )


class Question(ConditionsFaits):
    """Query parameters of a figure."""

    niveau: Niveau = Field(default="national", description="ce que chaque ligne représente")
    par: Annotated[Decoupage | None, SansNull()] = Field(default=None, description="découpage de chaque ligne")
    source: Annotated[Source | None, SansNull()] = Field(
        default=None,
        description="à défaut : les lignes, et les chiffres consolidés des régions sans aucune ligne dans l'année",
    )

    def demande(self, today: int) -> Demande:
        """The question, with its level, breakdown and source."""
        found = super().demande(today)
        return Demande(
            annees=found.annees,
            niveau=self.niveau,
            par=self.par,
            source=self.source,
            **found.filtres(),
        )


class PageDeFaits(ConditionsFaits):
    """Query parameters of the facts behind a figure."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)] = Field(
        default=50, description="nombre d'éléments par page"
    )
    cursor: Annotated[Annotated[str, Field(pattern=_CURSEUR)] | None, SansNull()] = Field(
        default=None, description="position reçue dans « next » ; opaque"
    )

    @property
    def after(self) -> str | None:
        """The uid after which the page starts: that of a fact is not always a UUID."""
        return None if self.cursor is None else bytes.fromhex(self.cursor).decode("ascii")


def _json(document: BaseModel) -> Response:
    return Response(document.model_dump_json(), media_type="application/json")


@router.get(
    "",
    operation_id="listerIndicateurs",
    summary="Lire le catalogue des indicateurs",
    response_model=Catalogue,
    responses=responses(401, 422),
)
def lister_indicateurs(services: ServicesDep, caller: CallerDep) -> Response:  # noqa: ARG001  # asks for a token
    """Every indicator: formula, unit, source, rounding, what it may be broken down by."""
    return _json(services.indicateurs.catalogue())


@router.get(
    "/limites",
    operation_id="lireLimitesIndicateurs",
    summary="Lire ce qui n'est pas calculé, et pourquoi",
    response_model=Limites,
    responses=responses(401, 422),
)
def lire_limites(services: ServicesDep, caller: CallerDep) -> Response:  # noqa: ARG001  # asks for a token
    """Printed figures that cannot be computed again, indicators without data."""
    return _json(services.indicateurs.limites())


@router.get(
    "/tableau-de-bord",
    operation_id="lireTableauDeBord",
    summary="Lire les chiffres clés d'une année",
    response_model=TableauDeBord,
    responses=responses(401, 403, 404, 409, 422),
)
def lire_tableau_de_bord(
    perimetre: Annotated[Perimetre, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Key figures within the caller's perimeter; each leads to its indicator."""
    demande = perimetre.demande(services.clock.today().year)
    with services.database.read() as connection:
        found = services.indicateurs.tableau_de_bord(connection, caller, demande)
    return _json(found)


@router.get(
    "/{code}",
    operation_id="lireIndicateur",
    summary="Lire un indicateur",
    response_model=IndicateurCalcule,
    responses=responses(401, 403, 404, 409, 422),
)
def lire_indicateur(
    code: CodePath, question: Annotated[Question, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Figures by level and breakdown, with formula, source, perimeter and date; each line leads to the level below."""
    demande = question.demande(services.clock.today().year)
    with services.database.read() as connection:
        found = services.indicateurs.lire(connection, caller, code, demande)
    return _json(found)


@router.get(
    "/{code}/lignes",
    operation_id="listerLignesIndicateur",
    summary="Lister les faits derrière un chiffre",
    response_model=PageFaits,
    responses=responses(401, 403, 404, 409, 422),
)
def lister_lignes(
    code: CodePath, recherche: Annotated[PageDeFaits, Query()], services: ServicesDep, caller: CallerDep
) -> Response:
    """Facts of the caller's perimeter, with what the computation looks at and where they come from."""
    demande = recherche.demande(services.clock.today().year)
    with services.database.read() as connection:
        items, last = services.indicateurs.lignes(
            connection, caller, code, demande, limit=recherche.limit, after=recherche.after
        )
    return _json(PageFaits(items=tuple(items), next=None if last is None else last.encode("ascii").hex()))
