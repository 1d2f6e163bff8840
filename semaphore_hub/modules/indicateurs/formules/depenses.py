"""Figures of spending: mutualised share, share on no marché. Amounts HT, sums in cents."""

from __future__ import annotations

from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, Composante, Sommes, euros, rapport
from semaphore_hub.modules.indicateurs.moteur import Condition, Mesure

_MUTUALISE = Condition("mutualise", "egal", True)
_SEUL = Condition("mutualise", "egal", False)

MUTUALISATION = (
    Mesure("depense", "montant_ht_cents"),
    Mesure("operateurs", "montant_ht_cents", (Condition("operateur", "different", "ght"),)),
    Mesure("partagee", "montant_ht_cents", (_MUTUALISE, Condition("operateur", "egal", "ght"))),
    Mesure("seule", "montant_ht_cents", (_SEUL, Condition("operateur", "egal", "ght"))),
)

MOTIFS = {
    "sans_numero": "Dépense sans numéro de marché",
    "inconnu": "Numéro de marché inconnu du hub",
    "ambigu": "Numéro commun à plusieurs marchés",
}
"""Why a line of spending is on no marché: the reasons that its reconciliation knows."""

HORS_MARCHE = (
    Mesure("depense", "montant_ht_cents"),
    Mesure("hors", "montant_ht_cents", (Condition("hors_marche", "non_nul"),)),
    Mesure("lignes", None, (Condition("hors_marche", "non_nul"),)),
    *(Mesure(reason, "montant_ht_cents", (Condition("hors_marche", "egal", reason),)) for reason in MOTIFS),
)


def mutualisation(sommes: Sommes) -> Chiffre:
    """Spending through operators, or on a marché shared by several établissements, over all spending (hypothesis)."""
    spent, operators, shared = (euros(sommes[name]) for name in ("depense", "operateurs", "partagee"))
    parts = (
        Composante("operateurs", "Dépense par des opérateurs", operators, "euros"),
        Composante("partagee", "Dépense sur des marchés partagés du GHT", shared, "euros"),
        Composante("seule", "Dépense d'un seul établissement", euros(sommes["seule"]), "euros"),
    )
    return rapport(operators + shared, spent, "le montant des dépenses", parts)


def hors_marche(sommes: Sommes) -> Chiffre:
    """Spending reconciled with no marché over all spending, with the reasons (hypothesis)."""
    reasons = tuple(Composante(code, label, euros(sommes[code]), "euros") for code, label in MOTIFS.items())
    return rapport(euros(sommes["hors"]), euros(sommes["depense"]), "le montant des dépenses", reasons)
