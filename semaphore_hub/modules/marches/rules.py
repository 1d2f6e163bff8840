"""The rules of marchés, as data: id, French sentence, source. What applies them is in :mod:`.checks`."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_DECP = "DECP 2.0.4 (arrêté du 22/12/2022)"
_DAJ = "contrôle appliqué par la DAJ après le schéma DECP"
_PES = "schémas PES Marché, règles de rejet"

ACHETEUR = Rule(
    "MAR-ACHETEUR",
    "L'établissement {siret} n'est pas connu, ou n'appartient à aucun de vos GHT à ce jour.",
    "art. L.6132-3 CSP : la fonction achats est exercée au sein du GHT",
)
SIRET_INCONNU = Rule(
    "MAR-SIRET", "Le SIRET {siret} est inconnu et sa clé est fausse : vérifiez les 14 chiffres.", "INSEE, clé de Luhn"
)
TITULAIRE = Rule(
    "MAR-TITULAIRE", "Le fournisseur {type} {id} n'est pas au référentiel : créez-le d'abord.", "hypothèse"
)
TITULAIRE_DOUBLE = Rule(
    "MAR-TITULAIRE-DOUBLE", "Le fournisseur {type} {id} est donné deux fois.", f"{_PES} : un opérateur une seule fois"
)
TITULAIRE_ABSENT = Rule(
    "MAR-TITULAIRE-ABSENT", "Le fournisseur {type} {id} n'est pas titulaire de ce marché.", "hypothèse"
)
GROUPEMENT = Rule(
    "MAR-GROUPEMENT", "Un groupement {type} réunit au moins deux titulaires : un seul est donné.", f"{_DECP} ; {_PES}"
)
SANS_GROUPEMENT = Rule(
    "MAR-SANS-GROUPEMENT",
    "Sans groupement, plusieurs titulaires ne sont possibles que pour un accord-cadre.",
    "art. L.2125-1 CCP : un accord-cadre peut avoir plusieurs attributaires",
)
ROLES = Rule(
    "MAR-ROLES",
    "Un groupement a un « titulaire » (le mandataire), les autres sont « co-traitant » ; sinon, tous « titulaire ».",
    f"{_PES} : TypeTitulaireMarche",
)
PARTS = Rule(
    "MAR-PARTS",
    "Donnez la part de chaque titulaire, ou aucune ; leur somme ({somme}) doit être le montant ({montant}).",
    f"{_PES} : somme des ventilations",
)
PART_INUTILE = Rule(
    "MAR-PART-SEULE", "Le titulaire est seul : sa part doit être absente ou égale au montant ({montant}).", _PES
)
MONTANT_MIN = Rule("MAR-MONTANT-MIN", "Le montant HT est d'au moins 1 euro.", _DECP)
MONTANT_ESTIME = Rule(
    "MAR-MONTANT-ESTIME",
    "Le montant estimé ({estime}) doit être supérieur ou égal au montant ({montant}) : donnez le nouveau total estimé.",
    f"{_PES} : MontantHTEstime ≥ MontantHTNotifie",
)
DUREE_MAXIMALE = Rule(
    "MAR-DUREE-MAXIMALE", "La durée maximale ({maximale} mois) est inférieure à la durée ({duree} mois).", _PES
)
DUREE_ACCORD_CADRE = Rule(
    "MAR-DUREE-ACCORD-CADRE",
    "Un accord-cadre ne dépasse pas 48 mois sauf cas justifié : réduisez la durée ou remplissez justificationDuree.",
    "art. L.2125-1 CCP",
)
SUBSEQUENT = Rule(
    "MAR-SUBSEQUENT",
    "Un marché subséquent (nature PES 05) indique son accord-cadre : idAccordCadre et siretPAAccordCadre, et lui seul.",
    f"{_PES} : IdAccordCadre et SiretPAAccordCadre obligatoires ; {_DECP}",
)
ACCORD_CADRE_LUI_MEME = Rule(
    "MAR-ACCORD-CADRE-LUI-MEME",
    "Un marché ne peut pas être son propre accord-cadre.",
    f"{_PES} : IdContrat ≠ IdAccordCadre",
)
NATURE_PES = Rule(
    "MAR-NATURE-PES",
    "La nature PES {code} ne s'accorde pas avec la nature et les techniques DECP du marché.",
    "correspondance des énumérations DECP et PES (hypothèse)",
)
ORIGINE = Rule("MAR-ORIGINE", "La part d'origine France ne peut dépasser la part d'origine UE.", _DECP)
ORIGINE_REQUISE = Rule(
    "MAR-ORIGINE-REQUISE",
    "Pour le CPV {cpv}, les parts d'origine UE et France sont attendues (médicaments, matériel médical, alimentaire…).",
    _DAJ,
)
TAUX_AVANCE = Rule("MAR-TAUX-AVANCE", "tauxAvance n'a de sens que si attributionAvance est vrai.", f"{_DECP} ; {_DAJ}")
TAUX_PRECISION = Rule("MAR-TAUX-PRECISION", "Un taux porte au plus quatre décimales.", "hypothèse")
REGIME_AVANCE = Rule(
    "MAR-REGIME-AVANCE",
    "regimeAvance ({code}) contredit attributionAvance : 01 et 05 vont avec false, 02 à 04 avec true.",
    f"{_PES} : RegimeAvance ≠ 01/05 en présence d'une avance",
)
SEUL = Rule("MAR-VALEUR-SEULE", "« {valeur} » doit être la seule valeur de {champ}.", _DAJ)
PERIODE = Rule("MAR-DATE-PERIODE", "La date {date} est hors de la période admise (2010 à 2039).", _DAJ)
DATES_SIGNATURE = Rule(
    "MAR-DATES-SIGNATURE",
    "La signature ({signature}) ne peut suivre la notification ({notification}).",
    "hypothèse : seul un marché signé se notifie",
)
DATES_EXECUTION = Rule(
    "MAR-DATES-EXECUTION",
    "L'exécution ({execution}) ne peut commencer avant la notification ({notification}).",
    f"{_PES} : DateNotification ≤ DateDebutExecution",
)
DATES_PUBLICATION = Rule(
    "MAR-DATES-PUBLICATION",
    "La publication ({publication}) ne peut précéder la notification ({notification}).",
    "art. R.2196-1 CCP",
)
PUBLICATION_DELAI = Rule(
    "MAR-PUBLICATION-DELAI",
    "Les données sont publiées plus de deux mois après la notification.",
    "art. R.2196-1 CCP",
)
ID_CONTRAT = Rule(
    "MAR-IDCONTRAT",
    "Le numéro {id} ne donne pas d'IdContrat (année puis 1 à 10 caractères) : indiquez complements.idContrat.",
    f"{_PES} : IdContrat",
)
ID_CONTRAT_ANNEE = Rule(
    "MAR-IDCONTRAT-ANNEE",
    "L'IdContrat {contrat} doit commencer par l'année de notification ({annee}).",
    f"{_PES} : IdContrat",
)
ID_CONTRAT_PRIS = Rule(
    "MAR-IDCONTRAT-UNIQUE",
    "L'IdContrat {contrat} est déjà celui d'un autre marché de cet acheteur : indiquez complements.idContrat.",
    f"{_PES} : le marché est connu par IdContrat et SIRET",
)
ETAT = Rule(
    "MAR-ETAT", "Le marché est au statut « {statut} » : cette opération demande le statut « {attendu} ».", "hypothèse"
)
MODIFICATION_VIDE = Rule(
    "MAR-MODIFICATION-VIDE",
    "La modification ne change ni le montant, ni la durée, ni les titulaires : il n'y a rien à notifier.",
    _DECP,
)
MODIFICATION_DATE = Rule(
    "MAR-MODIFICATION-DATE",
    "La modification ({date}) ne peut précéder la notification du marché ou de la modification d'avant ({avant}).",
    f"{_DECP} : numéros croissants dans l'ordre des notifications",
)
MODIFICATION_NOMBRE = Rule(
    "MAR-MODIFICATION-NOMBRE", "Un marché porte au plus 99 modifications.", f"{_PES} : NumeroActe"
)
CORRECTION_VIDE = Rule(
    "MAR-CORRECTION-VIDE",
    "La correction ne change rien : donnez une valeur nouvelle ou demandez actualiserTitulaires.",
    "hypothèse",
)
IMPORT_DIFFERENT = Rule(
    "MAR-IMPORT-DIFFERENT",
    "Le marché {id} de cet acheteur est déjà enregistré avec d'autres valeurs ({champs}) : modifiez-le ou corrigez-le.",
    "hypothèse",
)
DUREE_DAJ = Rule("MAR-DUREE-DAJ", "Au-delà de 180 mois, la DAJ écarte le marché : vérifiez la durée.", _DAJ)
MONTANT_DAJ = Rule(
    "MAR-MONTANT-DAJ", "Au-delà de 3 milliards d'euros, la DAJ écarte le marché : vérifiez le montant.", _DAJ
)
CLE = Rule("MAR-CLE", "L'identifiant {id} a été importé avec une clé fausse : vérifiez-le.", "INSEE, clé de Luhn")
