"""The rules of a flow received from a GEF, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_MODELE = "hypothèse : modèle commun des échanges GEF"

FORME = Rule("FLU-FORME", "La ligne n'a pas la forme attendue : {defauts}.", _MODELE)
NOMBRE = Rule(
    "FLU-NOMBRE",
    "Le flux annonce {annonce} ligne(s) et en porte {recu} : il est incomplet, renvoyez-le en entier.",
    _MODELE,
)
ETABLISSEMENT = Rule(
    "FLU-ETABLISSEMENT",
    "Le FINESS juridique {finess} ne désigne pas un établissement que ce partenaire sert : vérifiez-le au référentiel.",
    _MODELE,
)
DOUBLON = Rule(
    "FLU-DOUBLON",
    "La ligne contredit la ligne {ligne} du même flux, qui porte la même clé ({cle}) : gardez celle qui est juste.",
    "hypothèse : deux lignes de même clé et de contenu différent ne peuvent être départagées",
)
ANTERIEUR = Rule(
    "FLU-ANTERIEUR",
    "Un flux plus récent (émis le {emis}) a déjà dit cette ligne : elle reste sans effet.",
    "hypothèse : le dernier état dit par la GEF l'emporte",
)
ENTITE = Rule(
    "FLU-ENTITE",
    "La structure relève de l'entité juridique {dite}, le flux de {flux} : envoyez-la dans le flux de son entité.",
    _MODELE,
)
TIERS_EN_ATTENTE = Rule(
    "FLU-TIERS-EN-ATTENTE",
    "Le fournisseur {type} {id} n'est pas au référentiel du hub : le tiers est gardé en attente.",
    "hypothèse : la GEF tient les tiers, le SI Achat les fournisseurs",
)
