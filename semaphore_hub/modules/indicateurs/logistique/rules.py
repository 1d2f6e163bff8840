"""The rules of the logistics gains, and what the method of the DGOS says, as data: French sentence, source."""

from __future__ import annotations

from typing import Final

from semaphore_hub.modules.referentiel.rules import Rule

METHODE: Final = (
    "DGOS, programme PHARE, « Arbitrages sur méthodologie DGOS de calcul des gains logistiques en coût complet » "
    "(ICRA du 17 juin 2022)"
)
"""DGOS 2022, l. 991-1013."""
RETOURS: Final = (
    "DGOS, programme PHARE, tableau des ROI des 11 accompagnements logistiques finalisés au 10 mai 2022 "
    "(ICRA du 17 juin 2022)"
)
"""DGOS 2022, l. 1058-1073."""

SUPPORT = Rule(
    "IND-LOG-SUPPORT",
    "Un GHT a un établissement support et un seul, vous en donnez {nombre} : corrigez « support ».",
    "art. L.6132-2 CSP",
)
PLATEFORME = Rule(
    "IND-LOG-PLATEFORME",
    "Aucun établissement n'a de plateforme : un projet de mutualisation en garde au moins une.",
    "DGOS, méthodologie des gains logistiques (DGOS 2022, l. 995-997)",
)
COUVERTURE = Rule(
    "IND-LOG-COUVERTURE",
    "Un stock de {valeur} ne couvre pas 0 semaine : donnez sa couverture.",
    "hypothèse",
)
NOM = Rule("IND-LOG-NOM", "Le nom « {nom} » est donné deux fois : distinguez-les.", "hypothèse")
GAINS = Rule(
    "IND-LOG-GAINS",
    "« gains_nets » est le total des gains récurrents : ne donnez pas aussi {autres}, ils seraient comptés deux fois.",
    "hypothèse",
)
ROI_DECLARE = Rule(
    "IND-LOG-ROI",
    "Le ROI déclaré « {roi} » ne dit pas s'il dépasse le seuil de {seuil} ans : donnez un nombre d'années.",
    "hypothèse",
)
STOCK = Rule(
    "IND-LOG-STOCK",
    "La plateforme principale stocke {plateforme}, le GHT {total} en tout : vérifiez les deux valeurs.",
    "le stock d'une plateforme est une part de celui du GHT (DGOS 2022, l. 1133)",
)
