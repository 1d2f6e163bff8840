"""Lines read from consolidated tables, and what can be said of their total. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from semaphore_hub.modules.indicateurs.calcul import SANS_DONNEE, SANS_LIGNE, Ligne, Tableau, cumuler, ordre
from semaphore_hub.modules.indicateurs.consolides import NATIONAL, Imprime, intervalle
from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, euros, rapport
from semaphore_hub.modules.indicateurs.indicateur import Consolide, Indicateur
from semaphore_hub.modules.indicateurs.references import Cle

Tables = Mapping[tuple[int, str], Mapping[str, Imprime]]
"""Printed figures by measure, of each year and region."""


def lignes_consolidees(
    indicateur: Indicateur, annees: Sequence[int], tables: Tables, references: Mapping[Cle, int]
) -> list[Ligne]:
    """One line for each year and region (or the country) that a table prints.

    Args:
        references: targets known to the hub, for a performance printed without its target.
    """
    rule = indicateur.consolide
    assert rule is not None
    lines = []
    for year in annees:
        for where in sorted({where for annee, where in tables if year - indicateur.cumul < annee <= year}):
            key = Cle(year, None if where == NATIONAL else where)
            if indicateur.cumul > 1:
                years = range(year - indicateur.cumul + 1, year + 1)
                line = Ligne(key, cumuler({one: _taux(rule, tables.get((one, where), {})) for one in years}))
            else:
                line = _ligne(rule, key, tables.get((year, where), {}), references.get(key))
            if line.chiffre.valeur is not None or line.chiffre.composantes:
                lines.append(Ligne(key, line.chiffre, "consolidation", line.intervalle, line.taux_imprime))
    return sorted(lines, key=lambda line: ordre(line.cle))


def total_consolide(indicateur: Indicateur, lignes: Sequence[Ligne]) -> Chiffre:
    """The total of such lines: the ratio of the sums when both are printed, else none, with the reason."""
    rule = indicateur.consolide
    assert rule is not None
    known = [line.chiffre for line in lignes if line.chiffre.valeur is not None]
    if not known:
        return Chiffre(None, None, None, SANS_DONNEE)
    if len(known) == 1:
        return known[0]
    if rule.numerateur is None:
        return Chiffre(None, None, None, rule.total)
    top = sum((one.numerateur or Fraction(0) for one in known), Fraction(0))
    if rule.denominateur is None:
        return Chiffre(top, None, top)
    return rapport(top, sum((one.denominateur or Fraction(0) for one in known), Fraction(0)), "l'objectif de gains")


def national(indicateur: Indicateur, annees: Sequence[int], regions: Sequence[Ligne]) -> list[Ligne]:
    """The country from the regions, for what adds up, when no table prints the country."""
    rule = indicateur.consolide
    if rule is None or rule.numerateur is None:
        return []
    years = [(year, [line for line in regions if line.cle.annee == year]) for year in annees]
    return [Ligne(Cle(year), total_consolide(indicateur, lines), "consolidation") for year, lines in years if lines]


def completer(indicateur: Indicateur, table: Tableau, consolidees: Sequence[Ligne]) -> Tableau:
    """Add the consolidated lines of the years and regions that have no line of their own; the total stays without."""
    own = [line for line in table.lignes if line.chiffre.motif != SANS_LIGNE]
    keys = {line.cle for line in own}
    more = [line for line in consolidees if line.cle not in keys]
    if not more:
        return table
    said = keys | {line.cle for line in more}
    unanswered = [line for line in table.lignes if line.cle not in said]
    lines = tuple(sorted([*own, *unanswered, *more], key=lambda line: ordre(line.cle)))
    if not own:
        return Tableau(lines, total_consolide(indicateur, more))
    warning = f"Le total ne compte pas {len(more)} ligne(s) connue(s) seulement consolidée(s) : rien ne s'y ajoute."
    return Tableau(lines, table.total, (*table.avertissements, warning))


def _ligne(rule: Consolide, cle: Cle, printed: Mapping[str, Imprime], reference: int | None) -> Ligne:
    top = None if rule.numerateur is None else printed.get(rule.numerateur)
    bottom = None if rule.denominateur is None else printed.get(rule.denominateur)
    rate = printed.get(rule.taux) if rule.taux != rule.numerateur else None
    said = None if rate is None else rate.valeur
    if top is not None and bottom is not None:
        figure = rapport(top.valeur, bottom.valeur, "l'objectif de gains")
        return Ligne(cle, figure, "consolidation", intervalle(top, bottom), said)
    if top is not None and rule.denominateur is not None and reference is not None:
        # No interval: how many decimals the target was printed with is not known.
        return Ligne(cle, rapport(top.valeur, euros(reference), "l'objectif de gains"), "consolidation", None, said)
    if top is not None and rule.denominateur is None:
        return Ligne(cle, Chiffre(top.valeur, None, top.valeur), "consolidation")
    return Ligne(cle, _taux(rule, printed) or Chiffre(None, None, None), "consolidation", None, said)


def _taux(rule: Consolide, printed: Mapping[str, Imprime]) -> Chiffre | None:
    rate = printed.get(rule.taux)
    return None if rate is None else Chiffre(None, None, rate.valeur)
