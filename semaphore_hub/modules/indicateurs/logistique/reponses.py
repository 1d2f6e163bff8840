"""From what is asked to what is answered: checks, pure computation, and its words. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.indicateurs.formules.arrondi import afficher
from semaphore_hub.modules.indicateurs.logistique import impact, rules, stocks
from semaphore_hub.modules.indicateurs.logistique.schemas import (
    DemandeImpact,
    DemandeStocks,
    ImpactVue,
    PartImpact,
    StocksVue,
    StockVue,
)
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.rules import refuse


def impact_marches(demande: DemandeImpact) -> ImpactVue:
    """The impact of a project on marchés.

    Raises:
        RuleBroken: not exactly one support, no platform, or the same établissement twice.
    """
    known = demande.etablissements
    problems = doublons((one.nom for one in known), "$.etablissements[{rang}].nom")
    supports = sum(one.support for one in known)
    if supports != 1:
        problems.append(rules.SUPPORT.broken("$.etablissements", nombre=supports))
    if not any(one.plateforme for one in known):
        problems.append(rules.PLATEFORME.broken("$.etablissements"))
    refuse(problems)
    found = impact.impact([impact.Assiette(one.nom, one.achatsStockes, one.support, one.plateforme) for one in known])
    return ImpactVue(
        gain=found.gain,
        parts=tuple(
            PartImpact(taux=part.taux, assiette=part.assiette, gain=part.gain, etablissements=part.etablissements)
            for part in found.parts
        ),
        formule=impact.FORMULE,
        calcul=found.calcul,
        source=rules.METHODE,
        hypotheses=found.hypotheses,
    )


def profondeur_stock(demande: DemandeStocks) -> StocksVue:
    """The gain of bringing each stock down to its target.

    Raises:
        RuleBroken: a stock that is worth something and covers no week.
    """
    refuse(
        [
            rules.COUVERTURE.broken(f"$.stocks[{rank}].semaines", valeur=euros(one.valeur))
            for rank, one in enumerate(demande.stocks)
            if one.valeur and not one.semaines
        ]
    )
    lines = []
    for one in demande.stocks:
        gain = stocks.gain_ponctuel(one.valeur, one.semaines, one.lieu)
        target, share = stocks.CIBLES[one.lieu], stocks.reduction(one.semaines, one.lieu)
        weeks = format(one.semaines, "f").replace(".", ",")
        words = (
            f"{euros(one.valeur)} × (1 - {target} / {weeks}) = {euros(gain)}"
            if share
            else f"{weeks} semaines : la cible de {target} semaines est atteinte, gain nul"
        )
        lines.append(
            StockVue(
                libelle=one.libelle,
                lieu=one.lieu,
                semaines=one.semaines,
                cible=target,
                reduction=afficher(share, "taux", 1),
                gain=gain,
                calcul=words,
            )
        )
    total = sum((line.gain for line in lines), Decimal(0))
    rate = demande.tauxAnnualisation
    yearly = None if rate is None else stocks.annualise(total, rate)
    arithmetic = f"{' + '.join(euros(line.gain) for line in lines)} = {euros(total)}, une fois"
    if rate is not None and yearly is not None:
        arithmetic += f" ; {euros(total)} × {afficher(Fraction(rate), 'taux', 2)} = {euros(yearly)} par an"
    return StocksVue(
        stocks=tuple(lines),
        gainPonctuel=total,
        gainAnnualise=yearly,
        formule=stocks.FORMULE,
        calcul=arithmetic,
        source=rules.METHODE,
        hypotheses=(stocks.PROPORTION,) if rate is None else (stocks.PROPORTION, stocks.ANNUALISATION),
    )


def doublons(noms: Iterable[str], chemin: str) -> list[Problem]:
    """A problem for each name that was already given; ``chemin`` holds ``{rang}``."""
    seen: Counter[str] = Counter()
    problems = []
    for rank, name in enumerate(noms):
        if seen[name]:
            problems.append(rules.NOM.broken(chemin.format(rang=rank), nom=name))
        seen[name] += 1
    return problems
