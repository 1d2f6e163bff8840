"""The rules of files of facts, as data: id, French sentence, source. What a cell must be is in :mod:`.colonnes`."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_H = "hypothèse"

FICHIER = Rule("IND-IMPORT-FICHIER", "Le fichier {nom} ne peut pas être lu : {raison}.", _H)
ENCODAGE = Rule(
    "IND-IMPORT-ENCODAGE",
    "La ligne {ligne} n'est ni en UTF-8 ni en Windows-1252 : réenregistrez le fichier en CSV UTF-8.",
    _H,
)
VIDE = Rule("IND-IMPORT-VIDE", "Le fichier n'a pas de ligne de données : rien n'est à importer.", _H)
COLONNE = Rule(
    "IND-IMPORT-COLONNE",
    "La colonne « {nom} » manque dans l'en-tête : ajoutez-la ({description}).",
    _H,
)
COLONNE_DOUBLE = Rule(
    "IND-IMPORT-COLONNE-DOUBLE", "La colonne « {nom} » est donnée deux fois dans l'en-tête : gardez-en une.", _H
)
LIGNE = Rule(
    "IND-IMPORT-LIGNE",
    "La ligne a {cellules} cellules au lieu de {attendues} : ligne coupée, ou séparateur en trop.",
    _H,
)
OBLIGATOIRE = Rule("IND-IMPORT-OBLIGATOIRE", "La valeur manque ({description}).", _H)
TEXTE = Rule("IND-IMPORT-TEXTE", "Le texte est trop long, ou contient un caractère interdit ({description}).", _H)
MONTANT = Rule(
    "IND-IMPORT-MONTANT",
    "« {valeur} » n'est pas un montant en euros : écrivez 1 234,56 ou 1234.56, deux décimales au plus.",
    _H,
)
DATE = Rule("IND-IMPORT-DATE", "« {valeur} » n'est pas une date : écrivez AAAA-MM-JJ ou JJ/MM/AAAA.", _H)
ANNEE = Rule("IND-IMPORT-ANNEE", "« {valeur} » n'est pas une année entre 2000 et 2099.", _H)
ENTIER = Rule("IND-IMPORT-ENTIER", "« {valeur} » n'est pas un nombre entier positif.", _H)
BOOLEEN = Rule("IND-IMPORT-BOOLEEN", "« {valeur} » n'est ni oui ni non.", _H)
NOMBRE = Rule("IND-IMPORT-NOMBRE", "« {valeur} » n'est pas un nombre : écrivez 85,3 ou 85.3.", _H)
CODE = Rule("IND-IMPORT-CODE", "« {valeur} » n'est pas l'une des valeurs attendues ({description}).", _H)
SIRET = Rule("IND-IMPORT-SIRET", "« {valeur} » n'est pas un SIRET : 14 chiffres, au format texte.", "INSEE")
SIREN = Rule("IND-IMPORT-SIREN", "« {valeur} » n'est pas un SIREN : 9 chiffres, au format texte.", "INSEE")
GHT = Rule("IND-IMPORT-GHT", "« {valeur} » n'est pas un code de GHT, comme ARA-01.", _H)
REGION = Rule(
    "IND-IMPORT-REGION",
    "« {valeur} » n'est pas une région : écrivez son nom ou le sigle de la DGOS.",
    "DGOS, présentation du 17/06/2022",
)
REGION_AUTRE = Rule(
    "IND-IMPORT-REGION-AUTRE",
    "La région de la ligne n'est pas celle du GHT au référentiel : corrigez l'une ou l'autre.",
    _H,
)
FAMILLE = Rule(
    "IND-IMPORT-FAMILLE",
    "La famille « {valeur} » est inconnue : prenez un code ou un libellé de la nomenclature (/v1/nomenclatures).",
    _H,
)
PERIMETRE = Rule(
    "IND-IMPORT-PERIMETRE",
    "La ligne ne dit ni GHT ni région, et son établissement n'est rattaché à aucun GHT ce jour-là : "
    "complétez la ligne ou le référentiel.",
    _H,
)
SANS_REGION = Rule(
    "IND-IMPORT-SANS-REGION",
    "La région du GHT n'est dite ni par la ligne, ni par le référentiel, ni par son code : ajoutez la colonne region.",
    _H,
)
DROIT = Rule("IND-IMPORT-DROIT", "Le GHT de la ligne n'est pas dans votre périmètre.", "docs/access.md")
DOUBLON = Rule("IND-IMPORT-DOUBLON", "La ligne {autre} donne déjà cette ligne ou cette valeur : gardez-en une.", _H)
EXISTE = Rule(
    "IND-IMPORT-EXISTE",
    "L'import {source} donne déjà cette valeur : retirez-le, ou remplacez-le (paramètre « remplace »).",
    _H,
)
REMPLACE = Rule(
    "IND-IMPORT-REMPLACE",
    "L'import {uid} ne peut pas être remplacé : il n'existe pas, n'est pas de type « {type} » ou ne compte plus.",
    _H,
)
CONNU = Rule(
    "IND-IMPORT-CONNU",
    "Ces mêmes octets sont déjà importés ({uid}) : un fichier qui en remplace un autre doit différer.",
    _H,
)
