"""One action with the arithmetic of its figures, in French."""

from __future__ import annotations

from decimal import Decimal

from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.calculs import demontrer
from semaphore_hub.modules.paat.codes import SANS_GAIN, StatutAction
from semaphore_hub.modules.paat.controle import controler
from semaphore_hub.modules.paat.gains import pourcent, prorata, taux_ecrit
from semaphore_hub.modules.paat.reading import Row, calcul_de, champs_de, euros_de
from semaphore_hub.modules.paat.recontrole import ligne_de
from semaphore_hub.modules.paat.schemas import ActionDetail, Demonstration
from semaphore_hub.modules.referentiel.ecriture import euros

_CENTIEME = Decimal("0.01")


def detailler(row: Row, gains_du_plan: Decimal) -> ActionDetail:
    """An action as it is stored, and how each of its figures was obtained.

    Args:
        gains_du_plan: sum of the gains that the plan declares, euros TTC.
    """
    gain = euros_de(row["gain_cents"])
    counted = gain is not None and row["statut"] not in SANS_GAIN
    weight = pourcent(gain, gains_du_plan, _CENTIEME) if gain is not None and counted else None
    told = list(controler(ligne_de(row, row["borne_pour_mille"])).raisons)
    if row["statut"] in SANS_GAIN:
        told.append(f"Action « {StatutAction(row['statut']).libelle} » : elle n'apporte aucun gain à l'année.")
    return ActionDetail(
        **champs_de(row),
        poids=weight,
        demonstration=Demonstration(
            gain=_gain(row),
            performance=_performance(row),
            poids=(
                f"Poids = {euros(gain)} / {euros(gains_du_plan)} = {taux_ecrit(weight)}"
                if gain is not None and weight is not None
                else "Poids incalculable : gain non compté, ou somme des gains du plan négative ou nulle."
            ),
            prorata=(
                prorata(gain, row["mois_effet"]).arithmetique
                if gain is not None and row["mois_effet"] is not None
                else "Prorata incalculable : donnez le gain, et la date ou les mois d'effet."
            ),
            controle=tuple(told),
        ),
    )


def _gain(row: Row) -> tuple[str, ...]:
    calcul = calcul_de(row)
    if calcul is not None:
        return demontrer(calcul)
    if row["gain_cents"] is None:
        return ("Aucun gain n'est déclaré.",)
    return (f"Gain déclaré sans calcul détaillé : {euros(from_cents(row['gain_cents']))}",)


def _performance(row: Row) -> str:
    gain, reference = euros_de(row["gain_cents"]), euros_de(row["montant_reference_cents"])
    rate = None if gain is None or reference is None else pourcent(gain, reference)
    if gain is None or reference is None or rate is None:
        return "Performance incalculable : donnez le gain et un montant de référence."
    return f"Performance = gain / montant de référence = {euros(gain)} / {euros(reference)} = {taux_ecrit(rate)}"
