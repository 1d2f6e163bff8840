"""From a workbook to lines of raw cells: which sheet, which rows, what merged cells and errors mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.paat.trame import rules
from semaphore_hub.modules.paat.trame.cellules import absente, ligne
from semaphore_hub.modules.paat.trame.classeur import (
    ENTETE_MAX,
    FICHIER,
    FORMULE_VIDE,
    Classeur,
    Feuille,
    Valeur,
)
from semaphore_hub.modules.paat.trame.colonnes import MONTANTS, PAR_COL, Col, Genre
from semaphore_hub.modules.paat.trame.constats import Constat, Gravite
from semaphore_hub.modules.paat.trame.entetes import Entete, entete, repete
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.rules import Rule, refuse

ERREURS = {
    "#REF!": "la formule renvoie à une cellule supprimée",
    "#DIV/0!": "la formule divise par zéro ou par une cellule vide",
    "#N/A": "une recherche n'a rien trouvé",
    "#VALUE!": "la formule calcule sur un texte",
    "#NAME?": "la formule emploie un nom inconnu",
    "#NUM!": "le nombre est impossible",
    "#NULL!": "les plages de la formule ne se croisent pas",
}
_FRANCAISES = {"#VALEUR!": "#VALUE!", "#NOM?": "#NAME?", "#NOMBRE!": "#NUM!", "#NUL!": "#NULL!"}
_REMEDE = ", corrigez-la ou saisissez la valeur"
_TOTAL = re.compile(r"(?:grand |sous |s )?(?:total|totaux)(?: .*)?")
_DIT_TOTAL = re.compile("tota", re.IGNORECASE).search
_TOTAL_SEUL = re.compile(r"(?:grand |sous |s )?(?:total|totaux)(?: general| generaux| ght| annuel| paat)?")
_HIERARCHIE = (Col.FAMILLE, Col.DOMAINE, Col.CATEGORIE, Col.SEGMENT)
_PREREMPLIES = frozenset({Col.ANNEE, Col.REGION, Col.GHT, Col.NUMERO})
"""A line that says nothing else waits to be filled in."""
_JAMAIS_HERITEES = MONTANTS | {Col.NUMERO, Col.PERFORMANCE, Col.PERFORMANCE_PERIMETRE, Col.POIDS}


@dataclass(frozen=True, slots=True)
class LigneLue:
    """One line of the sheet that describes an action.

    Attributes:
        rang: row, from 0.
        cellules: raw values of the columns found.
        fautives: columns whose cell is already the subject of a finding: not to be read.
    """

    rang: int
    cellules: Mapping[Col, Valeur]
    fautives: frozenset[Col]


@dataclass(frozen=True, slots=True)
class TrameLue:
    """A trame as found in a workbook."""

    entete: Entete
    lignes: tuple[LigneLue, ...]
    constats: tuple[Constat, ...]

    def constat(
        self, rule: Rule, gravite: Gravite, rang: int | None, col: Col | None, brute: Valeur | None, **values: object
    ) -> Constat:
        """A finding in a cell of this sheet, or on its column or line as a whole."""
        place = None if col is None else self.entete.places.get(col)
        title = None if col is None else self.entete.titres.get(col, PAR_COL[col].titre)
        return Constat.de(rule, gravite, self.entete.feuille, rang, place, title, brute, **values)


def lire(contenu: bytes) -> TrameLue:
    """Read the trame of a workbook.

    Raises:
        RuleBroken: it cannot be opened, or no sheet of it has the headings of the trame.
    """
    feuille, found, others = _trame(Classeur(contenu))
    constats = list(found.constats)
    if others:
        quoted = listed(f"« {name} »" for name in others)
        constats.append(
            Constat.de(
                rules.FEUILLES_PLUSIEURS, "avertissement", feuille.nom, found.rang, None, None, None, autres=quoted
            )
        )
    lignes = list(lignes_de(feuille, found, constats))
    if not lignes and not any(one.gravite == "erreur" for one in constats):
        constats.append(Constat.de(rules.VIDE, "erreur", feuille.nom, found.rang, None, None, None))
    return TrameLue(found, tuple(lignes), tuple(constats))


def _trame(classeur: Classeur) -> tuple[Feuille, Entete, list[str]]:
    """The sheet with most columns of the trame, its headings, and the other sheets that also are a trame."""
    read: list[tuple[Feuille, Entete]] = []
    refused: RuleBroken | None = None
    for name in classeur.noms:
        try:
            feuille = classeur.feuille(name)
        except RuleBroken as error:
            # A long list of purchases beside the trame must not refuse it.
            refused = refused or error
            continue
        read.append((feuille, entete(feuille)))
    complete = [one for one in read if not one[1].manquantes]
    if not complete:
        if refused is not None:
            raise refused
        _refuse_sheets(read)
    best = max(complete, key=lambda one: len(one[1].places))
    return *best, [one.nom for one, _ in complete if one is not best[0]]


def _refuse_sheets(read: list[tuple[Feuille, Entete]]) -> NoReturn:
    names = listed(f"« {feuille.nom} »" for feuille, _ in read) or "aucune"
    nearest = max((found for _, found in read), key=lambda found: len(found.places), default=None)
    missing = listed(f"« {one.titre} »" for one in nearest.manquantes) if nearest else "tout"
    values = {
        "feuilles": names,
        "feuille": nearest.feuille if nearest else "",
        "manquantes": missing,
        "lignes": ENTETE_MAX,
    }
    refuse([rules.FEUILLE.broken(FICHIER, **values)])
    raise AssertionError("a problem was given")


def lignes_de(feuille: Feuille, found: Entete, constats: list[Constat]) -> Iterator[LigneLue]:
    """The lines below the headings that describe actions; what is to be said of the others goes to ``constats``."""
    inherited = _fusions(feuille, found)
    saisies = [col for col in found.places if not PAR_COL[col].calculee]

    def say(rule: Rule, gravite: Gravite, rang: int, col: Col | None, brute: Valeur | None, **values: object) -> None:
        place, title = (None, None) if col is None else (found.places[col], found.titres[col])
        constats.append(Constat.de(rule, gravite, feuille.nom, rang, place, title, brute, **values))

    for rang in range(found.rang + 1, len(feuille.lignes)):
        row = feuille.lignes[rang]
        own = {col: row[place] if place < len(row) else "" for col, place in found.places.items()}
        wrong = {
            col: feuille.anomalies.get((rang, found.places[col]), _erreur_collee(value))
            for col, value in own.items()
            if (rang, found.places[col]) in feuille.anomalies or _erreur_collee(value)
        }
        said = [col for col in saisies if col in wrong or not absente(own[col])]
        if _PREREMPLIES.issuperset(said):
            continue
        if repete(found.titres, own):
            say(rules.ENTETE_REPETE, "avertissement", rang, None, None)
            continue
        if total := _total(row, own):
            say(rules.TOTAL, "avertissement", rang, None, total, valeur=total)
            continue
        if said == [Col.FAMILLE] and Col.FAMILLE not in wrong and (rang, Col.FAMILLE) not in inherited:
            say(rules.TITRE, "avertissement", rang, Col.FAMILLE, own[Col.FAMILLE], valeur=ligne(own[Col.FAMILLE]))
            continue
        for col, error in wrong.items():
            gravite: Gravite = "avertissement" if PAR_COL[col].calculee else "erreur"
            if error == FORMULE_VIDE:
                say(rules.FORMULE, gravite, rang, col, None)
            else:
                motif = ERREURS.get(_FRANCAISES.get(error, error), "la formule est en erreur") + _REMEDE
                say(rules.ERREUR_EXCEL, gravite, rang, col, error, erreur=error, motif=motif)
        fautives = set(wrong)
        for col, place in found.places.items():
            merged = inherited.get((rang, col))
            if merged is None:
                continue
            if col in MONTANTS and not PAR_COL[col].calculee:
                span = {"debut": merged[0] + 1, "fin": merged[1] + 1}
                say(rules.FUSION, "erreur", rang, col, feuille.lignes[merged[0]][place], **span)
                fautives.add(col)
            elif col not in _JAMAIS_HERITEES and rang != merged[0]:
                own[col] = feuille.lignes[merged[0]][place]
        yield LigneLue(rang, own, frozenset(fautives))


def _fusions(feuille: Feuille, found: Entete) -> dict[tuple[int, Col], tuple[int, int]]:
    """First and last row of the range merged downwards that a cell of a column is in."""
    columns = {place: col for col, place in found.places.items()}
    spans: dict[tuple[int, Col], tuple[int, int]] = {}
    for first, left, last, _ in feuille.fusions:
        if left not in columns or first <= found.rang or last == first:
            continue
        for rang in range(first, min(last, len(feuille.lignes) - 1) + 1):
            spans[rang, columns[left]] = (first, last)
    return spans


def _erreur_collee(valeur: Valeur) -> str:
    """An error pasted as a text; "" for anything else."""
    if isinstance(valeur, str) and valeur.startswith("#"):
        written = valeur.strip().upper()
        return written if written in ERREURS or written in _FRANCAISES else ""
    return ""


def _total(row: list[Valeur], own: Mapping[Col, Valeur]) -> str:
    """The text that makes of a row a total, "" when it is none. An action may be called « Total Énergies… »."""
    first = next((value for value in row if value != ""), "")
    if isinstance(first, str) and _DIT_TOTAL(first) and first not in own.values() and _TOTAL.fullmatch(cle_de(first)):
        return ligne(first)
    for col, value in own.items():
        if isinstance(value, str) and _DIT_TOTAL(value) and PAR_COL[col].genre not in (Genre.MONTANT, Genre.PART):
            pattern = _TOTAL if col in _HIERARCHIE else _TOTAL_SEUL
            if pattern.fullmatch(cle_de(value)):
                return ligne(value)
    return ""
