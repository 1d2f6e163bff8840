"""The rules of the gains that operators declare, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_FICHIER = "hypothèse : fichier de déclaration du hub"

OPERATEUR = Rule(
    "PAA-OPE-OPERATEUR", "Le GHT n'est pas un opérateur : ses gains sont ceux de son PAAT.", "hypothèse"
)  # fmt: skip
GHT = Rule("PAA-OPE-GHT", "Le GHT {ght} n'existe pas, ou n'est pas dans votre périmètre.", "hypothèse")
FAMILLE = Rule(
    "PAA-OPE-FAMILLE",
    "La famille « {famille} » n'est pas connue : reprenez un libellé de la liste ({connues}).",
    "DGOS, présentation du 17/06/2022 : nomenclature DGOS ; codes du hub synthétiques",
)
RAPPROCHABLE = Rule(
    "PAA-OPE-CLE",
    "Le gain ne dit ni numéro de marché ni famille : rien ne pourrait lui répondre, donnez l'un des deux.",
    "hypothèse",
)
ETABLISSEMENT = Rule(
    "PAA-OPE-ETABLISSEMENT",
    "L'établissement {siret} n'est pas membre du GHT {ght} en {annee} : vérifiez le SIRET.",
    "hypothèse",
)
DOUBLE = Rule(
    "PAA-OPE-DOUBLON",
    "La référence {reference} de {operateur} pour {annee} est donnée deux fois : gardez la bonne ligne.",
    "hypothèse : une référence de l'opérateur désigne un gain",
)
AUTRE_GHT = Rule(
    "PAA-OPE-REFERENCE",
    "La référence {reference} de {operateur} pour {annee} est celle d'un autre GHT : prenez une autre référence.",
    "hypothèse : une référence de l'opérateur désigne un gain",
)

TAILLE = Rule("PAA-OPE-TAILLE", "Le fichier dépasse {limite} octets : découpez-le.", "limite du hub")
LIGNES = Rule("PAA-OPE-LIGNES", "Le fichier dépasse {limite} lignes : découpez-le.", "limite du hub")
VIDE = Rule("PAA-OPE-VIDE", "Le fichier n'a aucune ligne de gain.", _FICHIER)
ILLISIBLE = Rule("PAA-OPE-FICHIER", "Le fichier n'est pas un CSV lisible : {motif}.", _FICHIER)
ENTETE = Rule(
    "PAA-OPE-ENTETE",
    "La première ligne doit nommer les colonnes {attendues}, séparées par « ; » : {defaut}.",
    _FICHIER,
)
CELLULES = Rule("PAA-OPE-CELLULES", "La ligne a {nombre} cellules au lieu de {attendu}.", _FICHIER)
VALEUR = Rule("PAA-OPE-VALEUR", "« {valeur} » ne convient pas : {motif}.", _FICHIER)
