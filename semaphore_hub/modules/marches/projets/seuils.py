"""Whether the procedure of a projet is strong enough for the value of the need, by the thresholds of its launch."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.projets import rules
from semaphore_hub.modules.marches.projets.donnees import Projet
from semaphore_hub.modules.marches.projets.lots import Lot
from semaphore_hub.modules.referentiel import seuils
from semaphore_hub.modules.referentiel.codes import Procedure

FORMALISEES = frozenset({Procedure.AOO, Procedure.AOR, Procedure.NEGOCIATION, Procedure.DIALOGUE})
"""Procedures of art. L2124-1 to L2124-4 CCP."""

_STRENGTH = {seuils.Procedure.DISPENSE: 0, seuils.Procedure.ADAPTEE: 1, seuils.Procedure.FORMALISEE: 2}


def _strength(procedure: Procedure) -> int:
    if procedure in FORMALISEES:
        return 2
    return 1 if procedure is Procedure.ADAPTEE else 0


def procedure_warnings(projet: Projet, lots: Sequence[Lot]) -> list[Problem]:
    """A procedure lighter than what the thresholds ask; nothing before the launch is foreseen.

    Args:
        projet: the projet.
        lots: every lot of its consultation, itself included; only itself when it has no consultation yet.

    Source: art. R2121-1 (all lots add up), R2122-8, R2123-1 and R2124-1 CCP.
    """
    donnees = projet.donnees
    day = donnees.dateLancement or donnees.dateLancementPrevue
    if day is None:
        return []
    own = from_cents(projet.row["montant_estime_cents"])
    need = sum((lot.valeur for lot in lots), Decimal(0))
    try:
        whole = seuils.procedure_requise(need, donnees.typeAchat, day)
        asked = whole
        if len(lots) > 1:
            small = [lot.valeur for lot in lots if _strength(lot.procedure) < _STRENGTH[whole.procedure]]
            if _strength(donnees.procedure) < _STRENGTH[whole.procedure]:
                asked = seuils.procedure_lot(own, sum(small, Decimal(0)), need, donnees.typeAchat, day)
    except seuils.SeuilInconnu as error:
        return [Problem("$.dateLancement", problem.rule, problem.message) for problem in error.problems]
    if _strength(donnees.procedure) >= _STRENGTH[asked.procedure]:
        return []
    return [
        rules.SEUIL.broken(
            "$.procedure", procedure=donnees.procedure, requise=asked.procedure.value, calcul=asked.calcul
        )
    ]
