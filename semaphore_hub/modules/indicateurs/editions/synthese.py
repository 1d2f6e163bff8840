"""What an edition says of a year and a perimeter: the same figures, whatever the form they are printed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Niveau
from semaphore_hub.modules.indicateurs.schemas import ChiffreCle, Fait, IndicateurCalcule, Limites
from semaphore_hub.modules.indicateurs.service import IndicateursService

PAGE = 200
MAX_FAITS = 50_000
"""Facts printed at most of one kind; an edition with more says so, and the API has them all."""

PAR_NIVEAU: tuple[str, ...] = ("atteinte-objectif", "taux-couverture", "taux-couverture-cumul", "taux-qualite")
"""Indicators printed entity by entity."""

PAR_DECOUPAGE: tuple[tuple[str, Decoupage], ...] = (
    ("gains", "famille"),
    ("gains", "operateur"),
    ("gains", "role"),
    ("taux-performance", "famille"),
    ("achats-hors-marche", "motif"),
)
"""Indicators printed by breakdown."""

FEUILLES: dict[tuple[str, Decoupage | None], str] = {
    ("atteinte-objectif", None): "Objectifs",
    ("taux-couverture", None): "Couverture",
    ("taux-couverture-cumul", None): "Couverture sur trois ans",
    ("taux-qualite", None): "Qualité",
    ("gains", "famille"): "Gains par famille",
    ("gains", "operateur"): "Gains par opérateur",
    ("gains", "role"): "Gains support et parties",
    ("taux-performance", "famille"): "Performance par famille",
    ("achats-hors-marche", "motif"): "Achats hors marché",
}
"""Name of the sheet of each table."""

DECOUPAGES: dict[str, str] = {
    "famille": "famille d'achats",
    "operateur": "opérateur",
    "role": "établissement support ou partie",
    "motif": "motif",
}

FAITS: tuple[tuple[str, str], ...] = (
    ("taux-qualite-valeur", "Actions"),
    ("considerations-environnementales", "Marchés notifiés"),
    ("echeances-sans-successeur", "Échéances"),
)
"""Facts printed line by line: the indicator they are behind, the name of their sheet."""


@dataclass(frozen=True, slots=True)
class Synthese:
    """Everything an edition prints.

    Attributes:
        niveau: what ``par_niveau`` goes down to: regions of the country, GHT of a region, établissements of a GHT.
        faits: by name, the facts and whether some were left out.
    """

    annee: int
    perimetre: str
    niveau: Niveau
    chiffres: tuple[ChiffreCle, ...]
    par_niveau: tuple[IndicateurCalcule, ...]
    par_decoupage: tuple[IndicateurCalcule, ...]
    faits: dict[str, tuple[tuple[Fait, ...], bool]]
    limites: Limites
    arrete_le: datetime
    en_attente: int


def rassembler(
    service: IndicateursService, connection: Connection, caller: Caller, demande: Demande, *, avec_faits: bool
) -> Synthese:
    """Read everything an edition prints.

    Raises:
        Forbidden: the caller's role does not read figures.
        NotFound: the GHT is outside the caller's perimeter.
        RuleBroken: unknown region.
    """
    board = service.tableau_de_bord(connection, caller, demande)
    below: Niveau = "etablissement" if demande.ght else "ght" if demande.region or caller.ghts is not None else "region"
    by_level = tuple(
        service.lire(connection, caller, code, replace(demande, niveau=below))
        for code in PAR_NIVEAU
        if below in _niveaux(service, code)
    )
    whole: Niveau = "ght" if demande.ght else "region" if demande.region else "national"
    by_breakdown = tuple(
        service.lire(connection, caller, code, replace(demande, niveau=whole, par=par)) for code, par in PAR_DECOUPAGE
    )
    facts = {
        name: _faits(service, connection, caller, code, demande) if avec_faits else ((), False) for code, name in FAITS
    }
    return Synthese(
        annee=board.annee,
        perimetre=board.perimetre,
        niveau=below,
        chiffres=board.items,
        par_niveau=by_level,
        par_decoupage=by_breakdown,
        faits=facts,
        limites=service.limites(),
        arrete_le=board.arreteLe,
        en_attente=board.sujetsEnAttente,
    )


def _niveaux(service: IndicateursService, code: str) -> tuple[Niveau, ...]:
    return next(one.niveaux for one in service.catalogue().items if one.code == code)


def _faits(
    service: IndicateursService, connection: Connection, caller: Caller, code: str, demande: Demande
) -> tuple[tuple[Fait, ...], bool]:
    found: list[Fait] = []
    after: str | None = None
    while len(found) < MAX_FAITS:
        items, after = service.lignes(connection, caller, code, demande, limit=PAGE, after=after)
        found += items
        if after is None:
            return tuple(found), False
    return tuple(found), True
