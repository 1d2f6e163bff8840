"""The rules of the attribution of a purchase project, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

ADHESION = Rule(
    "PLA-ATTRIBUTION-ADHESION",
    "La stratégie est « {strategie} » : la centrale passe le marché, l'attribution n'en ouvre aucun. Demandez "
    "l'adhésion (POST /v1/marches/adhesions), puis constatez-la (POST /v1/planification/projets/{uid}/adhesion).",
    "art. L2113-2 et L2113-4 CCP",
)
ISSUE = Rule(
    "PLA-ATTRIBUTION-ISSUE",
    "Dites une issue et une seule pour ce lot : attribution, infructueux ou sansSuite ({donnees}).",
    "hypothèse",
)
DATE_AUTRE = Rule(
    "PLA-ATTRIBUTION-JALON",
    "« {champ} » ({donnee}) n'est pas le jalon « {jalon} » réalisé le {realise} : laissez la date absente, ou "
    "corrigez-la.",
    "hypothèse : une date de la procédure ne se dit qu'une fois",
)
REFUS = Rule("PLA-ATTRIBUTION-REFUS", "{detail}", "module marchés")
