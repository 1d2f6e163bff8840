"""The rules of what a new marché foresees, as data: id, French sentence, source. Applied by :mod:`.structure`."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_PES = "schémas PES Marché, règles de rejet"
_GROUPEMENT = "art. L.2113-6 et L.2113-7 CCP (groupement de commandes)"
_TRANCHES = "art. R.2113-4 à R.2113-6 CCP"
_RECONDUCTION = "art. R.2112-4 CCP"

DATE_PREVUE = Rule("MAR-DATE-PREVUE", "La date {date} est hors de la période admise (2010 à 2099).", "hypothèse")
ACHETEURS_MANDATAIRE = Rule(
    "MAR-ACHETEURS-MANDATAIRE",
    "L'acheteur {siret}, mandataire du groupement, doit figurer parmi les membres du groupement.",
    f"{_GROUPEMENT} ; {_PES} : tous les membres sont listés",
)
ACHETEURS_DOUBLE = Rule(
    "MAR-ACHETEURS-DOUBLE",
    "Le membre {siret} du groupement est donné deux fois.",
    f"{_PES} : un acheteur une seule fois",
)
ACHETEURS_PARTS = Rule(
    "MAR-ACHETEURS-PARTS",
    "La somme des parts des acheteurs ({somme}) doit être le montant du marché ({montant}).",
    f"{_PES} : ventilation par acheteur",
)
ACHETEURS_TVA = Rule(
    "MAR-ACHETEURS-TVA",
    "Donnez la TVA de chaque acheteur, ou aucune ; leur somme ({somme}) doit être la TVA du marché ({montant}).",
    f"{_PES} : ventilation par acheteur",
)
ACHETEURS_ESTIME = Rule(
    "MAR-ACHETEURS-ESTIME",
    "Donnez l'estimation de chaque acheteur, ou aucune ; leur somme ({somme}) doit être le montant estimé ({montant}).",
    f"{_PES} : Σ MontantHTEstime des acheteurs = MontantHTEstime du marché",
)
TRANCHE_NUMERO = Rule("MAR-TRANCHE-NUMERO", "La tranche n° {numero} est donnée deux fois.", _TRANCHES)
TRANCHE_FERME = Rule(
    "MAR-TRANCHE-FERME",
    "Un marché à tranches a une tranche ferme et une seule ({nombre} données).",
    f"{_TRANCHES} : une tranche ferme et une ou plusieurs tranches optionnelles",
)
TRANCHE_SOMME = Rule(
    "MAR-TRANCHE-SOMME",
    "La somme des tranches ({somme}) doit être le montant du marché ({montant}), tranches optionnelles comprises.",
    "hypothèse : le montant notifié couvre toutes les tranches",
)
TRANCHE_DATES = Rule(
    "MAR-TRANCHE-DATES",
    "La tranche n° {numero} ({debut} au {fin}) doit tenir dans la durée du marché ({premier} au {dernier}).",
    f"{_TRANCHES} ; hypothèse pour les bornes",
)
TRANCHE_INVERSEE = Rule(
    "MAR-TRANCHE-INVERSEE", "La tranche n° {numero} finit ({fin}) avant de commencer ({debut}).", "hypothèse"
)
TRANCHE_MODALITE = Rule(
    "MAR-TRANCHE-MODALITE",
    "Des tranches sont données : « Tranches » doit figurer dans modalitesExecution.",
    "DECP 2.0.4 : modalitesExecution ; PES : ModaliteExecution 03 ou 04",
)
RECONDUCTION_NUMERO = Rule(
    "MAR-RECONDUCTION-NUMERO",
    "Les périodes de reconduction se numérotent 1, 2, 3… dans l'ordre : {attendu} attendu, {numero} donné.",
    f"{_PES} : NumPeriode ; hypothèse pour l'ordre",
)
RECONDUCTION_DATES = Rule(
    "MAR-RECONDUCTION-DATES", "La période n° {numero} finit ({fin}) avant de commencer ({debut}).", "hypothèse"
)
RECONDUCTION_SUITE = Rule(
    "MAR-RECONDUCTION-SUITE",
    "La période n° {numero} doit commencer le lendemain de la fin de la précédente : {attendu} attendu, {debut} donné.",
    f"{_RECONDUCTION} ; hypothèse : les périodes se suivent sans trou",
)
RECONDUCTION_NATURE = Rule(
    "MAR-RECONDUCTION-NATURE",
    "Des périodes de reconduction sont données : complements.reconductibilite doit être 02 (tacite) ou 03 (expresse).",
    f"{_RECONDUCTION} ; PES : Reconductibilite",
)
RECONDUCTION_DUREE = Rule(
    "MAR-RECONDUCTION-DUREE",
    "La durée ({duree} mois) compte la période ferme et les reconductions : celles-ci finissent le {fin}, "
    "la durée le {attendu} (écart admis : un mois).",
    f"{_RECONDUCTION} : la durée totale, reconductions comprises ; écart d'un mois : hypothèse (durées arrondies)",
)
RECONDUCTION_FERME = Rule(
    "MAR-RECONDUCTION-FERME",
    "Les reconductions durent {periodes} mois : la durée totale ({duree} mois) doit laisser une période ferme.",
    f"{_RECONDUCTION} : la durée totale, reconductions comprises",
)
RECONDUCTION_DEBUT = Rule(
    "MAR-RECONDUCTION-DEBUT",
    "La première reconduction ({debut}) doit suivre le début du marché ({premier}).",
    f"{_RECONDUCTION} ; hypothèse",
)
RECONDUCTION_SOMME = Rule(
    "MAR-RECONDUCTION-SOMME",
    "La somme des reconductions ({somme}) dépasse le total du marché, reconductions comprises ({montant}).",
    "PES : MontantHTEstime comprend les reconductions ; à défaut le montant (hypothèse)",
)
PIECE_DOUBLE = Rule("MAR-PIECE-DOUBLE", "La pièce {id} est donnée deux fois.", "PES : IdUnique de PJRef")
GARANTIE_DELAI = Rule(
    "MAR-GARANTIE-DELAI",
    "Une garantie est demandée : indiquez complements.delaiGarantieMois.",
    f"{_PES} : DelaiGarantie obligatoire avec un bloc Garantie",
)
AVANCE_REGIME = Rule(
    "MAR-AVANCE-REGIME",
    "Un montant d'avance est donné : le régime ({code}) ne peut être 01 (aucune) ni 05 (refusée).",
    f"{_PES} : RegimeAvance ≠ 01/05 avec MontantAvance",
)
OFFRES_DEMAT = Rule(
    "MAR-OFFRES-DEMAT",
    "Les offres dématérialisées ({demat}) ne peuvent dépasser les offres reçues ({recues}).",
    f"{_PES} : NbTotalPropositionsDemat ≤ NbTotalPropositionsRecu",
)
DATES_DEBUT = Rule(
    "MAR-DATES-DEBUT",
    "L'exécution ({execution}) ne peut commencer avant le début du marché ({debut}).",
    f"{_PES} : DateDebutMarche ≤ DateDebutExecution",
)
DATES_DEBUT_MARCHE = Rule(
    "MAR-DATES-DEBUT-MARCHE",
    "Le marché ({debut}) ne peut débuter avant sa notification ({notification}).",
    f"{_PES} : DateNotification ≤ DateDebutMarche",
)
