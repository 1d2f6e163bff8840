"""The rules of adhesions, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_CENTRALE = "art. L.2113-2 et L.2113-4 CCP (centrale d'achat) ; hypothèse pour le détail"

ETABLISSEMENT = Rule(
    "MAR-ADHESION-ETABLISSEMENT",
    "L'établissement {siret} n'est pas au référentiel, ou pas dans votre périmètre : créez-le d'abord.",
    "hypothèse",
)
DATES = Rule("MAR-ADHESION-DATES", "L'adhésion finit ({fin}) avant de commencer ({entree}).", "hypothèse")
BESOIN = Rule(
    "MAR-ADHESION-BESOIN",
    "Le besoin est de 0 € : estimez-le en euros TTC pour la durée restante, il fonde la redevance.",
    "UniHA, demande de convention : besoin en euros TTC pour la durée restante",
)
DOUBLE = Rule(
    "MAR-ADHESION-DOUBLE",
    "L'établissement {siret} a déjà une adhésion au marché {numero} ({statut}) : attendez sa fin ou son refus.",
    "hypothèse",
)
FACTURE = Rule(
    "MAR-ADHESION-FACTURE",
    "L'établissement facturé {siret} n'appartient pas au GHT {ght} de l'adhésion.",
    f"UniHA, « Ventilation Établissement » ; {_CENTRALE}",
)
CENTRALE_AUTRE = Rule(
    "MAR-ADHESION-CENTRALE",
    "L'adhésion {uid} est faite à {centrale} : {partenaire} ne peut pas la faire avancer.",
    "hypothèse",
)
SUITE = Rule(
    "MAR-ADHESION-SUITE",
    "Une adhésion à l'état « {avant} » ne passe pas à « {apres} » (suites possibles : {suites}).",
    "hypothèse : workflow d'adhésion d'UniHA",
)
