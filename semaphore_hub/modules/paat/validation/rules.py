"""The rules of validation and carry-over, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

SOUMISSION_VIDE = Rule(
    "PAA-SOUMISSION-VIDE", "Le PAAT n'a aucune action : saisissez-en au moins une avant de le soumettre.", "hypothèse"
)
LIGNE_EXCLUE = Rule(
    "PAA-LIGNE-EXCLUE",
    "L'action {numero} est exclue ({controle} : {commentaire}) : son gain de {gain} n'est pas retenu. Corrigez-la ou "
    "expliquez-la avant de soumettre, sinon elle garde sa trace sans compter.",
    "textes des contrôles de la DGOS (DGOS 2022, l. 1417-1420) ; prudence (DGOS 2022, l. 1194-1196)",
)
RENVOI_MOTIF = Rule(
    "PAA-RENVOI-MOTIF", "Un renvoi se motive : dites au GHT ce qu'il doit corriger dans « motif ».", "hypothèse"
)
REPORT_ANNEE = Rule(
    "PAA-REPORT-ANNEE",
    "Un plan de {annee} se reporte sur {suivante}, pas sur {demandee}.",
    "report de N-1 sur N (DGOS 2022, l. 1216)",
)
REPORT_VIDE = Rule(
    "PAA-REPORT-VIDE",
    "Aucune action du plan de {annee} n'est à reporter : ni report de gain, ni action restant à mener.",
    "hypothèse",
)
REPORT_ETABLISSEMENT = Rule(
    "PAA-REPORT-ETABLISSEMENT",
    "L'établissement {siret} n'appartient au GHT {ght} aucun jour de {suivante} : son action {numero} n'est pas "
    "reportée, saisissez-la dans le plan de son nouveau GHT.",
    "art. L.6132-1 CSP : le rattachement à un GHT est daté",
)
REPORT_FAMILLE = Rule(
    "PAA-REPORT-FAMILLE",
    "La famille « {famille} » de l'action {numero} n'est plus à la nomenclature : indiquez celle de {suivante}.",
    "hypothèse : les familles synthétiques cèdent la place à la liste officielle importée",
)
REPORT_EXCLUE = Rule(
    "PAA-REPORT-EXCLUE",
    "L'action {numero} est exclue en {annee} ({controle}) : le reste de son gain ({report}) n'est pas reporté.",
    "hypothèse : prudence dans la consolidation des gains (DGOS 2022, l. 1194-1196)",
)
