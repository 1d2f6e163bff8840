"""The rules of imports, as data: id, French sentence, source. Business rules of marchés stay with their module."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_DAJ = "contrôle appliqué par la DAJ après le schéma DECP"

# --- the whole file ---------------------------------------------------------------------------------------------------

LECTURE = Rule("IMP-LECTURE", "Le fichier {nom} ne peut pas être lu : vérifiez le chemin et les droits.", "hypothèse")
TAILLE = Rule(
    "IMP-TAILLE",
    "Le fichier pèse {taille} Mio, la limite est de {limite} Mio : découpez-le en plusieurs fichiers.",
    "hypothèse",
)
TYPE = Rule("IMP-TYPE", "Le type d'import « {type} » n'existe pas. Types possibles : {types}.", "hypothèse")
FORMAT = Rule(
    "IMP-FORMAT",
    "Le format du fichier n'est pas reconnu. Formats repris : DECP JSON et XML (1.5 à 2.0.4), DECP CSV consolidé, "
    "données ouvertes de la DGFiP, PES Marché.",
    "hypothèse",
)
LISTE = Rule(
    "IMP-LISTE",
    'Une liste de marchés est attendue : {{"marches": {{"marche": […]}}}}.',
    f"DECP 2.0.4 ; {_DAJ}",
)

# --- one marché -------------------------------------------------------------------------------------------------------

CONCESSION = Rule("IMP-CONCESSION", "Non repris dans cette version : concession {id}.", "périmètre de cette version")
ABSENT = Rule("IMP-ABSENT", "Champ {champ} non renseigné : il ne peut être complété honnêtement, indiquez-le.", _DAJ)
VALEUR = Rule("IMP-VALEUR", "La valeur « {valeur} » de {champ} ne convient pas : {attendu}.", "DECP 2.0.4 ; PES Marché")
MONTANT_DECIMALES = Rule(
    "IMP-MONTANT-DECIMALES",
    "Le montant {valeur} a plus de deux décimales : rien n'est arrondi en silence, corrigez-le.",
    "hypothèse",
)
MONTANT_LARGEUR = Rule(
    "IMP-MONTANT-LARGEUR",
    "Le montant {valeur} a plus de 12 chiffres avant la virgule : vérifiez-le.",
    "PES Marché : montants de 14 chiffres dont 2 décimales",
)
DUREE = Rule("IMP-DUREE", "La durée est d'au moins un mois : {valeur} est donné.", "DECP 2.0.4")
OFFRES = Rule("IMP-OFFRES", "Le nombre d'offres reçues est d'au moins 1 : {valeur} est donné.", "DECP 2.0.4")
TITULAIRE_TYPE = Rule(
    "IMP-TITULAIRE-TYPE",
    "L'identifiant de titulaire « {id} » n'est ni un SIRET (14 chiffres) ni un identifiant étranger reconnu.",
    _DAJ,
)
SIRET = Rule("IMP-SIRET", "L'identifiant « {id} » est annoncé comme SIRET : un SIRET a 14 chiffres.", "INSEE")
LIGNES = Rule(
    "IMP-LIGNES-CONTRADICTOIRES",
    "Les lignes de ce marché ne s'accordent pas sur {champ} ({valeurs}) : ce sont peut-être plusieurs marchés "
    "publiés sous le même numéro.",
    "une ligne par marché et par titulaire : les autres colonnes sont celles du marché",
)
DROIT = Rule("IMP-DROIT", "{detail}", "rôles du hub")
ETABLISSEMENT = Rule(
    "IMP-ETABLISSEMENT",
    "L'établissement {siret} existe mais n'est rattaché à aucun GHT à ce jour : rattachez-le d'abord.",
    "art. L.6132-1 CSP",
)
ETAT = Rule("IMP-ETAT", "{detail}", "hypothèse")

# --- warnings: the marché is taken over all the same ------------------------------------------------------------------

DOUBLON = Rule("IMP-DOUBLON", "La ligne {ligne} répète la ligne {premiere} : elle est comptée une fois.", _DAJ)
AUTRE_GHT = Rule(
    "IMP-GHT", "L'acheteur {siret} est rattaché au GHT {ght}, non au GHT {demande} demandé : il y reste.", "hypothèse"
)
TEXTE = Rule("IMP-TEXTE", "{champ} : blancs de bord ou caractères de contrôle retirés.", "hypothèse")
TEXTE_COUPE = Rule("IMP-TEXTE-COUPE", "{champ} : nom coupé à {longueur} caractères.", "hypothèse")
SOUS_TRAITANT = Rule(
    "IMP-SOUS-TRAITANT",
    "Acte de sous-traitance n° {acte} non repris : « {id} » n'est l'identifiant d'aucun répertoire.",
    "PES Marché : identifiants de 9 à 80 caractères ; DECP 2.0.4, exemples officiels",
)
TITULAIRE_FORME = Rule(
    "IMP-TITULAIRE-FORME",
    "Modification n° {modification} reprise sans son changement de titulaire : « {id} » n'est pas un SIRET.",
    "INSEE : un SIRET a 14 chiffres ; DECP 2.0.4, exemples officiels",
)
ACTE_ABSENT = Rule(
    "IMP-ACTE-ABSENT",
    "Modification de l'acte de sous-traitance n° {acte} non reprise : cet acte n'est pas repris.",
    "DECP 2.0.4 : l'identifiant d'une modification est celui de son acte",
)
PES_COORDONNEES = Rule(
    "IMP-COORDONNEES",
    "Fournisseur {id} : {champ} n'a pas la forme attendue et n'est pas repris, complétez sa fiche.",
    "PES Marché ; hypothèse",
)
PES_COMPTE = Rule(
    "IMP-COMPTE",
    "Fournisseur {id} : son compte n'a pas d'IBAN (compte étranger ou RIB faux), il n'est pas repris.",
    "ISO 13616 ; PES Marché, CpteBancaire",
)
COORDONNEES_AUTRES = Rule(
    "IMP-COORDONNEES-AUTRES",
    "Fournisseur {id} : {champ} du fichier diffère de sa fiche, qui n'est pas changée : vérifiez-la.",
    "hypothèse",
)
MODIFICATION_VIDE = Rule(
    "IMP-MODIFICATION-VIDE",
    "Modification n° {id} non reprise : elle ne change ni le montant, ni la durée, ni les titulaires.",
    "DECP 2.0.4",
)


def say(rule: Rule, **values: object) -> str:
    """The sentence of a warning."""
    return rule.broken("$", **values).message
