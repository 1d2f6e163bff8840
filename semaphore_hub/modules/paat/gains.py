"""Gains of purchasing: pure computations, each with its arithmetic in French. Amounts in euros TTC.

The methods récurrent and ponctuel, the rule on leases, the exclusion of penalties and the possibility of a loss are
those of the PHARE programme (note DGOS/PF1/2019/183 and its FAQ); the formulas themselves are assumptions
("hypothèse"). A rounding is half up, away from zero for a loss, to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from semaphore_hub.kernel.money import CENT
from semaphore_hub.modules.referentiel.ecriture import euros

MOIS = 12


@dataclass(frozen=True, slots=True)
class Gain:
    """A gain, negative for a loss, and how it was obtained."""

    montant: Decimal
    arithmetique: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effets:
    """What of a change of spending comes from prices and from volumes, exactly: ``total = prix + volume``."""

    prix: Decimal
    volume: Decimal
    total: Decimal
    arithmetique: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prorata:
    """Share of a yearly gain in its year, and what is left for the next one: ``annee + report`` is the gain."""

    annee: Decimal
    report: Decimal
    arithmetique: str


def arrondi(valeur: Fraction | Decimal, unite: Decimal = CENT) -> Decimal:
    """A value to the nearest unit, halves away from zero."""
    exact = Fraction(valeur) / Fraction(unite)
    units = abs(exact.numerator) * 2 + exact.denominator
    whole = units // (2 * exact.denominator)
    return (Decimal(whole if exact >= 0 else -whole) * unite).quantize(unite)


def recurrent(
    prix_reference: Decimal,
    prix_nouveau: Decimal,
    quantite: Decimal,
    *,
    indices: tuple[Decimal, Decimal] | None = None,
) -> Gain:
    """A need bought again: ``(price of reference - new price) x yearly quantity``.

    Args:
        prix_reference, prix_nouveau: unit prices.
        quantite: yearly quantity, the same for both prices (constant external conditions).
        indices: of the market, at the first price and at the second (both above 0): the first price is then brought
            to today's market, so that a price which rose less than the market is a gain.
    """
    told: list[str] = []
    before = Fraction(prix_reference)
    written = prix(prix_reference)
    if indices is not None:
        first, second = indices
        before = before * Fraction(second) / Fraction(first)
        shown = prix(arrondi(before, Decimal("0.000001")))
        told.append(
            f"Prix de référence indexé = {written} × {nombre(second)} / {nombre(first)} = {shown} (l'arrondi n'est "
            "pas reporté dans la suite)"
        )
        written = shown
    montant = arrondi((before - Fraction(prix_nouveau)) * Fraction(quantite))
    told.append(
        f"Gain = (prix de référence − prix nouveau) × quantité annuelle = ({written} − {prix(prix_nouveau)}) × "
        f"{nombre(quantite)} = {euros(montant)}"
    )
    return Gain(montant, tuple(told))


def ponctuel(prix_retenu: Decimal, offres: Sequence[Decimal], estimation: Decimal | None = None) -> Gain:
    """A new need, or one bought once: mean of the admissible offers, else the estimate, minus the price.

    Args:
        prix_retenu: the offer chosen.
        offres: every admissible offer, the chosen one included; when empty, ``estimation`` is the base.

    Raises:
        ValueError: neither offers nor an estimate.
    """
    base, told = _base(offres, estimation)
    montant = arrondi(base - Fraction(prix_retenu))
    line = f"Gain = {told[1]} − offre retenue = {euros(arrondi(base))} − {euros(prix_retenu)} = {euros(montant)}"
    return Gain(montant, (*told[0], line))


def location(cout_retenu: Decimal, couts: Sequence[Decimal], annees: int) -> Gain:
    """A lease with purchase option: yearly full cost, against the mean of the offers, in the section exploitation.

    Args:
        cout_retenu: full cost of the chosen offer over the whole term.
        couts: full costs of every admissible offer over the same term.
        annees: term, in years (at least 1).

    Raises:
        ValueError: no offer.
    """
    base, told = _base(couts, None)
    montant = arrondi((base - Fraction(cout_retenu)) / annees)
    line = (
        f"Gain annuel = ({told[1]} − coût complet retenu) / durée = ({euros(arrondi(base))} − {euros(cout_retenu)}) / "
        f"{annees} an{'s' if annees > 1 else ''} = {euros(montant)}"
    )
    return Gain(montant, (*told[0], line))


def _base(offres: Sequence[Decimal], estimation: Decimal | None) -> tuple[Fraction, tuple[tuple[str, ...], str]]:
    if offres:
        mean = sum(map(Fraction, offres), Fraction(0)) / len(offres)
        summed = " + ".join(euros(one) for one in offres)
        line = f"Moyenne des offres recevables = ({summed}) / {len(offres)} = {euros(arrondi(mean))}"
        return mean, ((line,), "moyenne des offres recevables")
    if estimation is None:
        raise ValueError("neither offers nor an estimate")
    return Fraction(estimation), ((), "estimation")


def cout_complet(postes: Sequence[tuple[str, Decimal, Decimal]]) -> Gain:
    """Full cost, or cost of a process, before minus after, at the same need.

    Args:
        postes: label, yearly cost of reference and new yearly cost of each part.
    """
    told = [f"{libelle} : {euros(avant)} − {euros(apres)} = {euros(avant - apres)}" for libelle, avant, apres in postes]
    before = sum((avant for _, avant, _ in postes), Decimal(0))
    after = sum((apres for _, _, apres in postes), Decimal(0))
    told.append(
        f"Gain = coût complet de référence − coût complet nouveau = {euros(before)} − {euros(after)} = "
        f"{euros(before - after)}"
    )
    return Gain((before - after).quantize(CENT), tuple(told))


def sans_penalites(gain: Gain, penalites: Decimal) -> Gain:
    """A gain without the contractual penalties it holds: they come from a fault of the supplier, not from the buyer."""
    montant = gain.montant - penalites
    line = f"Pénalités contractuelles retirées : {euros(gain.montant)} − {euros(penalites)} = {euros(montant)}"
    return Gain(montant, (*gain.arithmetique, line))


def effets(prix_0: Decimal, quantite_0: Decimal, prix_1: Decimal, quantite_1: Decimal) -> Effets:
    """Price effect ``(P0-P1) x Q1`` and volume effect ``(Q0-Q1) x P0``; their sum is ``P0Q0 - P1Q1``."""
    price = (prix_0 - prix_1) * quantite_1
    volume = (quantite_0 - quantite_1) * prix_0
    total = prix_0 * quantite_0 - prix_1 * quantite_1
    return Effets(
        price,
        volume,
        total,
        (
            f"Effet prix = ({prix(prix_0)} − {prix(prix_1)}) × {nombre(quantite_1)} = {euros(arrondi(price))}",
            f"Effet volume = ({nombre(quantite_0)} − {nombre(quantite_1)}) × {prix(prix_0)} = {euros(arrondi(volume))}",
        ),
    )


def mois_d_effet(date_effet: date, annee: int) -> int:
    """Months of a year in which a price that starts on a day has its effect: ``13 - month``, 12 or 0 outside it."""
    if date_effet.year != annee:
        return MOIS if date_effet.year < annee else 0
    return MOIS + 1 - date_effet.month


def prorata(gain: Decimal, mois: int) -> Prorata:
    """Share of a yearly gain in its first year, by whole months of effect, and what it leaves to the next one.

    Args:
        gain: yearly, over 12 months.
        mois: months of effect in the year, 0 to 12: ``13 - m`` when the effect starts in month ``m``.
    """
    share = arrondi(Fraction(gain) * mois / MOIS)
    left = gain - share
    return Prorata(
        share,
        left,
        f"Gain de l'année = {euros(gain)} × {mois}/{MOIS} = {euros(share)} ; report sur l'année suivante = "
        f"{euros(gain)} − {euros(share)} = {euros(left)}",
    )


def pourcent(part: Decimal, base: Decimal, unite: Decimal = Decimal("0.1")) -> Decimal | None:
    """Part of a base in per cent, to 0.1 point (or another unit) half up; None when the base is not above 0."""
    return arrondi(Fraction(part) / Fraction(base) * 100, unite) if base > 0 else None


def nombre(valeur: Decimal) -> str:
    """A number as French accounts write it: ``1 234,5``."""
    return f"{valeur:,f}".replace(",", " ").replace(".", ",")


def prix(valeur: Decimal) -> str:
    """A unit price with all its decimals, two at least: ``0,1234 €``."""
    digits = valeur.as_tuple().exponent
    return f"{nombre(valeur)} €" if isinstance(digits, int) and digits < -2 else euros(valeur)


def taux_ecrit(valeur: Decimal) -> str:
    """A percentage: ``332,4 %``."""
    return f"{nombre(valeur)} %"
