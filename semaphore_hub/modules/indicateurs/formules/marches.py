"""Figures of marchés and projects: considerations, consumption, competition, delays. Amounts HT, sums in cents.

What the hub does not know is never counted as "no": a share is over the known, and says how many are unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, Composante, Sommes, euros, rapport
from semaphore_hub.modules.indicateurs.moteur import Condition, Mesure


def connus(colonne: str) -> tuple[Mesure, ...]:
    """Counts of a column that is true, false or unknown."""
    return (
        Mesure("marches"),
        Mesure("connus", None, (Condition(colonne, "non_nul"),)),
        Mesure("oui", None, (Condition(colonne, "egal", True),)),
    )


def part_connue(quoi: str, cible: Fraction | None = None) -> Callable[[Sommes], Chiffre]:
    """Formula of a share among the marchés for which the answer is known.

    Args:
        quoi: what the known marchés are, for the reason of a missing value.
        cible: target to reach, shown beside.
    """

    def formule(sommes: Sommes) -> Chiffre:
        known = sommes["connus"]
        parts = [Composante("inconnus", "Marchés sans réponse connue", Fraction(sommes["marches"] - known), "nombre")]
        if cible is not None:
            parts.append(Composante("cible", "Cible", cible, "taux"))
        return rapport(Fraction(sommes["oui"]), Fraction(known), quoi, tuple(parts))

    return formule


def moyenne_de(colonne: str) -> tuple[Mesure, ...]:
    """Sum and count of a column of numbers where it is known."""
    known = (Condition(colonne, "non_nul"),)
    return (Mesure("marches"), Mesure("connus", None, known), Mesure("somme", colonne, known))


def moyenne(quoi: str) -> Callable[[Sommes], Chiffre]:
    """Formula of a mean over the known.

    Args:
        quoi: what is counted, for the reason of a missing value.
    """

    def formule(sommes: Sommes) -> Chiffre:
        known = sommes["connus"]
        unknown = Composante("inconnus", "Sans donnée connue", Fraction(sommes["marches"] - known), "nombre")
        return rapport(Fraction(sommes["somme"]), Fraction(known), quoi, (unknown,))

    return formule


CONSOMMATION = (
    Mesure("marches"),
    Mesure("consomme", "consomme_cents"),
    Mesure("maximum", "montant_max_cents", (Condition("montant_max_cents", "non_nul"),)),
    Mesure("montant", "montant_cents", (Condition("montant_max_cents", "nul"),)),
    Mesure("depasses", None, (Condition("depasse", "egal", True),)),
)


def consommation(sommes: Sommes) -> Chiffre:
    """What was paid over the maximum of the marchés, or their amount where they have none (hypothesis)."""
    parts = (
        Composante("marches", "Marchés en cours dans l'année", Fraction(sommes["marches"]), "nombre"),
        Composante("depasses", "Marchés payés au-delà de leur plafond", Fraction(sommes["depasses"]), "nombre"),
    )
    ceiling = euros(sommes["maximum"] + sommes["montant"])
    return rapport(euros(sommes["consomme"]), ceiling, "le plafond des marchés", parts)


ECHEANCES = (
    Mesure("marches"),
    Mesure("sans_successeur", None, (Condition("sans_successeur", "egal", True),)),
    Mesure("montant", "montant_cents", (Condition("sans_successeur", "egal", True),)),
)


def echeances(sommes: Sommes) -> Chiffre:
    """How many marchés end soon with no project that renews them (hypothesis); no marché ends: none lacks one."""
    ending, alone = Fraction(sommes["marches"]), Fraction(sommes["sans_successeur"])
    parts = (
        Composante("part", "Part des échéances sans successeur", alone / ending if ending else None, "taux"),
        Composante("montant", "Montant des marchés sans successeur", euros(sommes["montant"]), "euros"),
    )
    return Chiffre(alone, ending, alone, None, parts)
