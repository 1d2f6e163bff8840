"""The rules of amendments, as data: id, French sentence, source. What applies them is in :mod:`.regimes`."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

R2194_1 = Rule(
    "MAR-R2194-1",
    "L'article R2194-1 (clause de réexamen) ne fonde pas cette modification : {raison}.",
    "art. R2194-1 CCP",
)
R2194_2 = Rule(
    "MAR-R2194-2",
    "L'article R2194-2 (prestations supplémentaires) ne fonde pas cette modification : {raison}.",
    "art. R2194-2 à R2194-4 CCP",
)
R2194_5 = Rule(
    "MAR-R2194-5",
    "L'article R2194-5 (circonstances imprévues) ne fonde pas cette modification : {raison}.",
    "art. R2194-5, R2194-3 et R2194-4 CCP",
)
R2194_6 = Rule(
    "MAR-R2194-6",
    "L'article R2194-6 (nouveau titulaire) ne fonde pas cette modification : {raison}.",
    "art. R2194-6 CCP",
)
R2194_7 = Rule(
    "MAR-R2194-7",
    "L'article R2194-7 (modification non substantielle) ne fonde pas cette modification : {raison}.",
    "art. R2194-7 CCP",
)
R2194_8 = Rule(
    "MAR-R2194-8",
    "L'article R2194-8 (faible montant) ne fonde pas cette modification : {raison}.",
    "art. R2194-8, R2194-9 et R2194-4 CCP",
)
NATURE_GLOBALE = Rule(
    "MAR-L2194-1",
    "Une modification ne peut changer la nature globale du marché : la division {division} du CPV {cpv} n'est pas "
    "celle du marché ({marche}) ; passez un nouveau marché.",
    "art. L2194-1 CCP ; la division du CPV comme mesure de la nature globale est une hypothèse",
)
TITULAIRE_FONDEMENT = Rule(
    "MAR-TITULAIRE-FONDEMENT",
    "Un titulaire ne se remplace que par une clause de réexamen (R2194-1) ou une cession (R2194-6) : le fondement "
    "{fondement} ne le permet pas.",
    "art. L2194-1 4°, R2194-6 et R2194-7 4° CCP",
)
EVENEMENT_REPETE = Rule(
    "MAR-EVENEMENT-REPETE",
    "L'événement « {evenement} » justifie déjà la modification n° {id} : il ne peut en justifier une autre.",
    "réponse ministérielle, JO Sénat du 30/03/2023, question 04407",
)
JUSTIFICATION_SEULE = Rule(
    "MAR-JUSTIFICATION-SEULE",
    "Une justification sans fondement ne se vérifie pas : indiquez le fondement de la modification.",
    "hypothèse",
)
FONDEMENT_ABSENT = Rule(
    "MAR-FONDEMENT-ABSENT",
    "La modification n° {id} n'indique pas son fondement : le hub n'a pas vérifié que le code la permet (la simulation "
    "de modification dit quels articles sont possibles).",
    "art. L2194-1 CCP",
)
R2194_10 = Rule(
    "MAR-R2194-10",
    "Procédure formalisée modifiée sur le fondement de l'article {article} : publiez un avis de modification au JOUE.",
    "art. R2194-10 CCP",
)
CESSION = Rule(
    "MAR-CESSION-MONTANT",
    "Le montant change avec le titulaire : la cession ne doit entraîner aucune autre modification substantielle.",
    "art. R2194-6 2° CCP",
)
PARTS_ET_TITULAIRES = Rule(
    "MAR-PARTS-TITULAIRES",
    "Donnez les parts dans la liste des nouveaux titulaires, ou des parts seules, mais pas les deux.",
    "hypothèse",
)
PARTS_ACHETEURS = Rule(
    "MAR-MODIFICATION-ACHETEURS",
    "Donnez la nouvelle part de chaque membre du groupement d'acheteurs ; leur somme doit être le montant ({montant}).",
    "schémas PES Marché, règles de rejet : somme des ventilations",
)
PROLONGATION_ECHU = Rule(
    "MAR-PROLONGATION-ECHU",
    "Le marché a pris fin le {fin} : une modification notifiée le {jour} ne peut plus le prolonger.",
    "un marché échu ne se prolonge pas (hypothèse : la notification est comparée au dernier jour)",
)
PROLONGATION_CHOIX = Rule(
    "MAR-PROLONGATION-CHOIX", "Donnez les mois ajoutés (mois) ou le nouveau dernier jour (nouvelleFin).", "hypothèse"
)
PROLONGATION_DATE = Rule(
    "MAR-PROLONGATION-DATE",
    "La nouvelle fin ({nouvelle}) doit suivre la fin actuelle ({fin}).",
    "hypothèse : une prolongation allonge la durée",
)
PROLONGATION_DUREE = Rule(
    "MAR-PROLONGATION-DUREE",
    "La durée totale serait de {mois} mois : 999 au plus.",
    "schémas PES Marché : durée sur trois chiffres",
)
PROLONGATION_RECONDUCTION = Rule(
    "MAR-PROLONGATION-RECONDUCTION",
    "La reconduction n° {numero} n'est pas décidée : décidez-la avant de prolonger le marché.",
    "hypothèse : la fin du marché doit être connue pour être repoussée",
)
