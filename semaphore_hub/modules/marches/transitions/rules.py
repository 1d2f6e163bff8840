"""The rules of the transitions of a marché, as data: id, French sentence, source."""

from __future__ import annotations

from collections.abc import Mapping

from semaphore_hub.modules.referentiel.rules import Rule

STANDSTILL = Rule(
    "MAR-STANDSTILL",
    "Les candidats évincés ont été informés le {information} : le marché se signe au plus tôt le {premier} ({jours} "
    "jours).",
    "art. R.2182-1 CCP (11 jours, 16 sans voie électronique), exceptions R.2182-2 ; décompte : CE, 2 août 2011, "
    "n° 347526",
)
EVINCES_INCONNUE = Rule(
    "MAR-EVINCES-INCONNUE",
    "Procédure formalisée : donnez la date d'information des candidats évincés (dateInformationEvinces) pour signer.",
    "art. R.2181-1, R.2181-3 et R.2182-1 CCP",
)
EVINCES_NON_VERIFIEE = Rule(
    "MAR-EVINCES-NON-VERIFIEE",
    "La date d'information des candidats évincés n'est pas connue : le délai avant signature n'a pas été vérifié.",
    "art. R.2182-1 CCP ; avertissement quand la procédure a été menée hors du hub (hypothèse)",
)
EVINCES_AUTRE = Rule(
    "MAR-EVINCES-AUTRE",
    "Les candidats évincés ont été informés le {connue} d'après l'attribution, pas le {donnee}.",
    "hypothèse",
)
SIGNATURE_AUTRE = Rule(
    "MAR-SIGNATURE-AUTRE",
    "La date de signature déjà indiquée (complements.dateSignature) est le {connue}, pas le {donnee}.",
    "hypothèse",
)
SIGNATURE_REQUISE = Rule(
    "MAR-SIGNATURE-REQUISE",
    "Ce marché vient d'un projet : enregistrez sa signature avant de le notifier.",
    "hypothèse : seul un marché signé se notifie, et un projet mené dans le hub s'y signe (art. R.2182-1 CCP)",
)
DATES = Rule(
    "MAR-ETAPE-DATES",
    "Les dates se suivent : {quoi} ({date}) ne peut précéder {avant_quoi} ({avant}).",
    "hypothèse : ordre des faits de la vie d'un marché",
)
DEMARRAGE_FIN = Rule(
    "MAR-DEMARRAGE-FIN",
    "L'exécution ne peut démarrer le {date} : la période ferme finit le {fin}.",
    "hypothèse : une reconduction suit la période ferme",
)
APRES_FIN = Rule(
    "MAR-APRES-FIN",
    "Le marché finit le {fin} : {quoi} ({date}) n'est plus possible ; prolongez-le par une modification, ou constatez "
    "son échéance.",
    "hypothèse : rien ne s'exécute après le dernier jour",
)
ECHEANCE_FUTURE = Rule(
    "MAR-ECHEANCE-FUTURE",
    "Le marché court jusqu'au {fin} inclus : l'échéance se constate à partir du lendemain.",
    "hypothèse : fin = début + durée ferme + reconductions prises",
)
ECHEANCE_RECONDUCTION = Rule(
    "MAR-ECHEANCE-RECONDUCTION",
    "La reconduction n° {numero} est tacite : sans décision contraire elle a pris effet. Enregistrez la reconduction "
    "ou la non-reconduction.",
    "art. R.2112-4 CCP (hypothèse : texte non relu)",
)
RESILIATION_SUBSEQUENTS = Rule(
    "MAR-RESILIATION-SUBSEQUENTS",
    "Des marchés subséquents de cet accord-cadre courent encore ({ids}) : la résiliation ne les arrête pas.",
    "hypothèse ; avertissement",
)
SOLDE_SUBSEQUENTS = Rule(
    "MAR-SOLDE-SUBSEQUENTS",
    "Des marchés subséquents de cet accord-cadre courent encore ({ids}) : soldez-le après leur fin.",
    "hypothèse : ce qu'ils engagent s'impute sur l'accord-cadre",
)

FONDEMENTS: Mapping[str, str] = {
    "force majeure": "art. L.2195-2 CCP",
    "faute du titulaire": "art. L.2195-3 1° CCP",
    "motif d'intérêt général": "art. L.2195-3 2° CCP",
    "exclusion": "art. L.2195-4 CCP",
    "demande du titulaire": "hypothèse : selon le CCAG",
    "liquidation": "hypothèse : selon le code de commerce",
    "accord": "hypothèse : résiliation amiable",
}
"""What each reason to end a marché before its term rests on."""
