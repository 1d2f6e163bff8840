"""The rules of campaigns, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_SOURCE = "hypothèse : campagnes de mi-année et de fin d'année (DGOS 2022, l. 15 et 1302), calendrier non publié"

CAMPAGNE_ORDRE = Rule(
    "PAA-CAMPAGNE-ORDRE",
    "Les jours ne se suivent pas : données au {donnees}, ouverture le {ouverture}, clôture le {cloture}.",
    _SOURCE,
)
CAMPAGNE_ANNEE = Rule(
    "PAA-CAMPAGNE-ANNEE",
    "Le {jour} est hors de la campagne {annee} : donnez un jour de {annee} ou de l'année suivante.",
    _SOURCE,
)
CAMPAGNE_DOUBLE = Rule(
    "PAA-CAMPAGNE-DOUBLE",
    "La campagne {moment} {annee} existe déjà : une seule par année et par moment.",
    _SOURCE,
)
REMONTEE_PAAT = Rule(
    "PAA-REMONTEE-PAAT",
    "Le PAAT {uid} n'existe pas, ou pas dans votre périmètre : vérifiez l'identifiant.",
    "hypothèse",
)
REMONTEE_ANNEE = Rule(
    "PAA-REMONTEE-ANNEE",
    "Le PAAT est celui de {annee}, la campagne celle de {attendue} : choisissez le plan de la même année.",
    "hypothèse",
)
REMONTEE_FENETRE = Rule(
    "PAA-REMONTEE-FENETRE",
    "La campagne reçoit les chiffres du {ouverture} au {cloture} : {remede}.",
    "hypothèse ; après la clôture, seule la DGOS (ou l'intégrateur) enregistre une remontée tardive",
)
REMONTEE_VIDE = Rule(
    "PAA-REMONTEE-VIDE", "Le PAAT n'a aucune action : saisissez-en au moins une avant de le remonter.", "hypothèse"
)
ECARTS_ABSENTE = Rule(
    "PAA-ECARTS-ABSENTE",
    "Le GHT {ght} n'a rien remonté à la campagne {moment} {annee} : il n'y a rien à comparer.",
    "hypothèse",
)
ECARTS_PLAN = Rule("PAA-ECARTS-PLAN", "Le GHT {ght} n'a pas de PAAT {annee} : il n'y a rien à comparer.", "hypothèse")
