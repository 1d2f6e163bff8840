"""From sums to lines and a total: pure. The total is computed again from the sums, never a mean of rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from semaphore_hub.modules.indicateurs.consolides import Intervalle
from semaphore_hub.modules.indicateurs.demande import Source
from semaphore_hub.modules.indicateurs.formules.chiffre import REFERENCE, Chiffre, Composante, Sommes, euros
from semaphore_hub.modules.indicateurs.indicateur import Indicateur
from semaphore_hub.modules.indicateurs.references import Cle

SANS_DONNEE = "Sans valeur : aucune donnée pour ce périmètre et cette période."
SANS_LIGNE = "Sans valeur : aucune ligne de PAAT n'est connue pour ce périmètre et cette année."


@dataclass(frozen=True, slots=True)
class Ligne:
    """A figure for a key.

    Attributes:
        source: computed from lines, or read from a consolidated table.
        intervalle: where the rate lies, computed from printed figures.
        taux_imprime: the rate that the consolidated table prints.
    """

    cle: Cle
    chiffre: Chiffre
    source: Source = "lignes"
    intervalle: Intervalle | None = None
    taux_imprime: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Tableau:
    """Lines by key, their total, and what the reader must know of the total."""

    lignes: tuple[Ligne, ...]
    total: Chiffre
    avertissements: tuple[str, ...] = ()


def tableau(
    indicateur: Indicateur,
    annees: Sequence[int],
    sommes: Mapping[Cle, Sommes],
    references: Mapping[Cle, int],
    *,
    national: bool,
) -> Tableau:
    """The lines of an indicator computed from the facts.

    Args:
        annees: years asked; each is a line of its own.
        sommes: sums by key; for a cumulated indicator, of the former years as well.
        references: what they are divided by, when it comes from a table.
        national: fold the lines of the regions into one line for the country.
    """
    full = _avec_references(indicateur, sommes, references)
    lines = [_ligne(indicateur, cle, full) for cle in _cles(indicateur, annees, full)]
    if indicateur.cumul == 1:
        lines = sorted([*lines, *_sans_ligne(annees, full, references)], key=lambda line: ordre(line.cle))
    whole = [line for line in lines if line.chiffre.valeur is not None or indicateur.reference is None]
    warnings = _avertissements(indicateur, lines, whole)
    total = _total(indicateur, annees, whole, full)
    if national and indicateur.reference is not None:
        lines = _replier(indicateur, whole, full)
    if indicateur.poids:
        lines = [_peser(line, total.numerateur) for line in lines]
    return Tableau(tuple(lines), total, tuple(warnings))


def _avec_references(
    indicateur: Indicateur, sommes: Mapping[Cle, Sommes], references: Mapping[Cle, int]
) -> dict[Cle, Sommes]:
    if indicateur.nature == "objectif":
        return {cle: {REFERENCE: cents} for cle, cents in references.items()}
    return {cle: {**found, REFERENCE: references[cle]} if cle in references else found for cle, found in sommes.items()}


def _sans_ligne(annees: Sequence[int], full: Mapping[Cle, Sommes], references: Mapping[Cle, int]) -> list[Ligne]:
    """A target (or a volume) that no line answers is shown: left out, it would flatter the total."""
    return [
        Ligne(cle, Chiffre(None, euros(cents), None, SANS_LIGNE))
        for cle, cents in references.items()
        if cle not in full and cle.valeur is None and cle.annee in annees
    ]


def _cles(indicateur: Indicateur, annees: Sequence[int], sommes: Iterable[Cle]) -> list[Cle]:
    """One key a line; a cumulated indicator has a line wherever one of its years has facts."""
    found = {
        replace(cle, annee=year) for cle in sommes for year in annees if year - indicateur.cumul < cle.annee <= year
    }
    return sorted(found, key=ordre)


def ordre(cle: Cle) -> tuple[object, ...]:
    """Order of lines: year, entity, breakdown; what is unknown comes first."""
    return (cle.annee, cle.entite is not None, cle.entite or "", cle.valeur is not None, str(cle.valeur))


def _ligne(indicateur: Indicateur, cle: Cle, sommes: Mapping[Cle, Sommes]) -> Ligne:
    if indicateur.cumul == 1:
        return Ligne(cle, indicateur.calcul(sommes[cle]))
    yearly: dict[int, Chiffre | None] = {}
    for year in range(cle.annee - indicateur.cumul + 1, cle.annee + 1):
        found = sommes.get(replace(cle, annee=year))
        yearly[year] = None if found is None else indicateur.calcul(found)
    return Ligne(cle, cumuler(yearly))


def cumuler(annuels: Mapping[int, Chiffre | None]) -> Chiffre:
    """The sum of the rates of several years; none when one of them is missing."""
    parts = tuple(
        Composante(f"taux{year}", f"Taux de {year}", None if one is None else one.valeur, "taux")
        for year, one in annuels.items()
    )
    missing = [str(year) for year, one in annuels.items() if one is None or one.valeur is None]
    if missing:
        return Chiffre(
            None, None, None, f"Sans valeur : le taux de {', '.join(missing)} manque à la somme des années.", parts
        )
    return Chiffre(None, None, sum((part.valeur or Fraction(0) for part in parts), Fraction(0)), None, parts)


def _avertissements(indicateur: Indicateur, lines: Sequence[Ligne], whole: Sequence[Ligne]) -> list[str]:
    left_out = len(lines) - len(whole)
    if not left_out or indicateur.reference is None:
        return []
    return [f"Le total ne compte pas {left_out} périmètre(s) sans valeur : objectif, volume ou lignes inconnus."]


def _additionner(sommes: Iterable[Sommes]) -> dict[str, int]:
    added: dict[str, int] = {}
    for one in sommes:
        for name, value in one.items():
            added[name] = added.get(name, 0) + value
    return added


def _total(
    indicateur: Indicateur, annees: Sequence[int], whole: Sequence[Ligne], sommes: Mapping[Cle, Sommes]
) -> Chiffre:
    if not whole:
        return Chiffre(None, None, None, SANS_DONNEE)
    if indicateur.cumul == 1:
        return indicateur.calcul(_additionner(sommes[line.cle] for line in whole))
    if len(annees) > 1:
        return Chiffre(None, None, None, "Sans valeur : un cumul se lit pour une année à la fois.")
    return _cumul_de(indicateur, annees[0], whole, sommes)


def _cumul_de(indicateur: Indicateur, annee: int, whole: Sequence[Ligne], sommes: Mapping[Cle, Sommes]) -> Chiffre:
    """The cumulated rate of several lines: each year is computed again from its sums, then the years are added."""
    return cumuler(
        {
            year: indicateur.calcul(_additionner(sommes[replace(line.cle, annee=year)] for line in whole))
            for year in range(annee - indicateur.cumul + 1, annee + 1)
        }
    )


def _replier(indicateur: Indicateur, whole: Sequence[Ligne], sommes: Mapping[Cle, Sommes]) -> list[Ligne]:
    """One line for the country, by year and breakdown, from the regions whose figure is known."""
    groups: dict[Cle, list[Ligne]] = {}
    for line in whole:
        groups.setdefault(replace(line.cle, entite=None), []).append(line)
    if indicateur.cumul > 1:
        return [Ligne(cle, _cumul_de(indicateur, cle.annee, lines, sommes)) for cle, lines in groups.items()]
    return [
        Ligne(cle, indicateur.calcul(_additionner(sommes[line.cle] for line in lines))) for cle, lines in groups.items()
    ]


def _peser(line: Ligne, total: Fraction | None) -> Ligne:
    share = None if total is None or total <= 0 or line.chiffre.valeur is None else line.chiffre.valeur / total
    weight = Composante("poids", "Poids dans le total", share, "taux")
    return replace(line, chiffre=replace(line.chiffre, composantes=(weight, *line.chiffre.composantes)))
