"""The rules of the calendar, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

TAILLE = Rule(
    "PLA-AGENDA-TAILLE",
    "Plus de {limite} projets sont à lire : restreignez l'agenda à un GHT ou à un portefeuille.",
    "hypothèse : taille qu'un agenda ou un classeur reste lisible",
)
PERIODE = Rule(
    "PLA-AGENDA-PERIODE", "La période finit ({au}) avant de commencer ({du}) : inversez les deux dates.", "hypothèse"
)
