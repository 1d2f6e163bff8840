"""Finds the row of headings of a trame, wherever it stands in the first rows and in whatever order its columns are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from semaphore_hub.modules.paat.trame import rules
from semaphore_hub.modules.paat.trame.cellules import ligne
from semaphore_hub.modules.paat.trame.classeur import ENTETE_MAX, Feuille, lettre
from semaphore_hub.modules.paat.trame.colonnes import (
    COLONNES,
    PAR_COL,
    REQUISES,
    TITRES,
    Col,
    Colonne,
    cle_de_titre,
    unite_interdite,
)
from semaphore_hub.modules.paat.trame.constats import Constat, Gravite
from semaphore_hub.modules.referentiel.rules import Rule


@dataclass(frozen=True, slots=True)
class Entete:
    """Where the columns are.

    Attributes:
        rang: row of the headings, from 0.
        places: place of each column found, from 0.
        titres: heading of each column found, as written.
        constats: what is to be said of the headings.
    """

    feuille: str
    rang: int
    places: Mapping[Col, int]
    titres: Mapping[Col, str]
    constats: tuple[Constat, ...]

    @property
    def manquantes(self) -> tuple[Colonne, ...]:
        """Columns without which this is not a trame."""
        return tuple(PAR_COL[col] for col in REQUISES if col not in self.places)


def entete(feuille: Feuille) -> Entete:
    """The row with the most known headings among the first ones; it may have none."""
    best = max(
        range(min(ENTETE_MAX, len(feuille.lignes)) or 1),
        key=lambda rang: (len({col for _, col, _ in _named(feuille, rang)}), -rang),
    )
    return _read(feuille, best)


def repete(titres: Mapping[Col, str], cellules: Mapping[Col, object]) -> bool:
    """Whether a row repeats the headings, as at the top of a printed page."""
    return all(
        isinstance(value := cellules[col], str) and cle_de_titre(value) == cle_de_titre(titres[col]) for col in REQUISES
    )


def _titre(feuille: Feuille, rang: int, place: int) -> str:
    """The heading at a place; a cell merged over several rows is read in any of them."""
    row = feuille.lignes[rang]
    written = ligne(row[place]) if place < len(row) else ""
    if written:
        return written
    for first, left, last, right in feuille.fusions:
        if left == right == place and first <= rang <= last:
            return ligne(feuille.lignes[first][place])
    return ""


def _named(feuille: Feuille, rang: int) -> list[tuple[int, Col | None, str]]:
    if not feuille.lignes:
        return []
    written = [(place, _titre(feuille, rang, place)) for place in range(len(feuille.lignes[rang]))]
    named = [(place, TITRES.get(cle_de_titre(titre)), titre) for place, titre in written if titre]
    return named if any(col is not None for _, col, _ in named) else []


def _read(feuille: Feuille, rang: int) -> Entete:
    places: dict[Col, int] = {}
    titres: dict[Col, str] = {}
    constats: list[Constat] = []

    def say(rule: Rule, gravite: Gravite, place: int, titre: str, **values: object) -> None:
        constats.append(Constat.de(rule, gravite, feuille.nom, rang, place, titre, titre, titre=titre, **values))

    for place, known, titre in _named(feuille, rang):
        forbidden = unite_interdite(titre) if known is None else None
        col = forbidden[0] if forbidden else known
        if col is None:
            close = get_close_matches(cle_de_titre(titre), TITRES, n=1, cutoff=0.8)
            idea = f" Est-ce « {PAR_COL[TITRES[close[0]]].titre} » ?" if close else ""
            say(rules.COLONNE_INCONNUE, "avertissement", place, titre, idee=idea)
        elif col in places:
            say(rules.COLONNE_DOUBLE, "erreur", place, titre, premiere=lettre(places[col]))
        else:
            places[col], titres[col] = place, titre
            if forbidden:
                say(rules.UNITE, "erreur", place, titre, unite=forbidden[1])
    for one in COLONNES:
        if one.attestee and not one.calculee and one.col not in places and one.col not in REQUISES:
            constats.append(
                Constat.de(
                    rules.COLONNE_ABSENTE, "avertissement", feuille.nom, rang, None, one.titre, None, titre=one.titre
                )
            )
    return Entete(feuille.nom, rang, places, titres, tuple(constats))
