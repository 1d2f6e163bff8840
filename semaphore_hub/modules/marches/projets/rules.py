"""The rules of projets, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

LOT_CONSULTATION = Rule(
    "MAR-LOT-CONSULTATION",
    "Le lot {numero} se lance dans une consultation : donnez sa référence (consultation).",
    "art. L.2113-10 CCP (allotissement) ; la référence commune est une hypothèse",
)
LOT_UNIQUE = Rule(
    "MAR-LOT-UNIQUE",
    "Le lot {numero} de la consultation {consultation} est déjà celui de {id} : un numéro par lot.",
    "hypothèse : un lot, un marché",
)
CONSULTATION_ALLOTIE = Rule(
    "MAR-CONSULTATION-ALLOTIE",
    "La consultation {consultation} a déjà {id} : une consultation est allotie (chaque projet a son lot) ou n'a qu'un "
    "projet.",
    "art. L.2113-10 CCP (allotissement) ; hypothèse pour la saisie",
)
CONSULTATION_AUTRE = Rule(
    "MAR-CONSULTATION-AUTRE",
    "Le projet appartient à la consultation {prevue} : révisez-le avant de le lancer sous {donnee}.",
    "hypothèse",
)
CONSULTATION_DATES = Rule(
    "MAR-CONSULTATION-DATES",
    "Les lots d'une consultation se lancent ensemble : {consultation} est lancée le {lancement}, offres jusqu'au "
    "{limite}.",
    "hypothèse : un avis de marché par consultation",
)
DATES = Rule(
    "MAR-PROJET-DATES",
    "Les dates se suivent : {quoi} ({date}) ne peut précéder {avant_quoi} ({avant}).",
    "hypothèse : ordre des étapes de la procédure (domaine, statuts du contrat)",
)
ESTIMATION_MIN = Rule(
    "MAR-PROJET-ESTIMATION",
    "La valeur estimée du besoin est d'au moins 1 euro HT.",
    "art. R.2121-1 CCP : la valeur du besoin est estimée avant le lancement",
)
OFFRES = Rule(
    "MAR-PROJET-OFFRES",
    "offresRecues ({donne}) n'est pas le nombre d'offres comptées à l'ouverture ({recu}).",
    "DECP 2.0.4 (arrêté du 22/12/2022) : nombre d'offres reçues",
)
PROCEDURE = Rule(
    "MAR-PROJET-PROCEDURE",
    "La procédure attribuée (« {donnee} ») n'est pas celle qui a été lancée (« {lancee} »).",
    "hypothèse : une autre procédure est une autre consultation",
)
NATURE = Rule(
    "MAR-PROJET-NATURE", "La nature attribuée (« {donnee} ») n'est pas celle du projet (« {prevue} »).", "hypothèse"
)
INFRUCTUEUX_SANS_OFFRE = Rule(
    "MAR-INFRUCTUEUX-SANS-OFFRE",
    "Aucune offre n'a été ouverte : le seul motif possible est « aucune offre ».",
    "art. L.2152-2 à L.2152-4 CCP : une offre irrégulière, inacceptable ou inappropriée a été reçue",
)
INFRUCTUEUX_AVEC_OFFRES = Rule(
    "MAR-INFRUCTUEUX-AVEC-OFFRES",
    "{offres} offre(s) ont été reçues : dites pourquoi aucune n'est retenue (irrégulières, inacceptables, "
    "inappropriées).",
    "art. L.2152-1 CCP",
)
REVISION_VIDE = Rule(
    "MAR-PROJET-REVISION-VIDE", "La révision ne change rien : donnez une valeur nouvelle.", "hypothèse"
)
MARCHE_CONNU = Rule(
    "MAR-PROJET-ID", "L'acheteur {acheteur} a déjà un marché ou un projet {id} : prenez un autre numéro.", "hypothèse"
)
SEUIL = Rule(
    "MAR-PROJET-SEUIL",
    "La procédure « {procedure} » est plus légère que ce que la valeur du besoin demande ({requise}) : {calcul}.",
    "art. R.2122-8, R.2123-1, R.2124-1 CCP ; avertissement, d'autres cas d'ouverture existent (art. R.2122-1 à -9)",
)
