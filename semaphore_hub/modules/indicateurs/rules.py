"""Rules of the indicators."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

NIVEAU = Rule(
    "IND-NIVEAU", "L'indicateur {code} n'existe pas au niveau {niveau} : niveaux possibles : {possibles}.", "hypothèse"
)
DECOUPAGE = Rule(
    "IND-PAR", "L'indicateur {code} ne se découpe pas par {par} : découpages possibles : {possibles}.", "hypothèse"
)
FILTRE = Rule("IND-FILTRE", "L'indicateur {code} ne se filtre pas par {filtre} : retirez ce paramètre.", "hypothèse")
FILTRE_NIVEAU = Rule(
    "IND-FILTRE-NIVEAU",
    "Avec {filtre}, demandez le niveau {niveau} ou plus fin : {quoi} n'est connu que pour le périmètre entier.",
    "hypothèse",
)
REGION = Rule("IND-REGION", "La région {region} n'existe pas : sigles possibles : {possibles}.", "DGOS, tableaux 2021")
CONSOLIDATION = Rule(
    "IND-CONSOLIDATION",
    "Un chiffre consolidé n'existe que par région ou pour le pays, sans découpage ni autre filtre : retirez {quoi}.",
    "DGOS 2022, l. 1234-1336 : tableaux par région",
)
SANS_CONSOLIDATION = Rule(
    "IND-CONSOLIDATION-ABSENTE", "L'indicateur {code} n'est dans aucun tableau consolidé.", "DGOS 2022, l. 1234-1336"
)
SANS_LIGNES = Rule(
    "IND-LIGNES", "L'indicateur {code} ne se calcule pas de lignes : lisez les objectifs importés.", "hypothèse"
)
