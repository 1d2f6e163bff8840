"""What PLACE may say otherwise than the hub, as data: id, French sentence, source. Only the form is ever refused."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_SUIVI = "hypothèse : le hub compare, l'acheteur décide"
_DECP = "DECP 2.0.4 (arrêté du 22/12/2022) : mêmes données essentielles des deux côtés"

FORME = Rule("MAR-PLACE-FORME", "Ce que dit PLACE n'a pas la forme attendue : {defauts}.", "hypothèse")
CONSULTATION_INCONNUE = Rule(
    "MAR-PLACE-CONSULTATION-INCONNUE",
    "Consultation absente du hub : aucun projet n'a la référence {reference} ; créez-le, ou donnez-lui sa référence.",
    _SUIVI,
)
ACHETEUR = Rule(
    "MAR-PLACE-ACHETEUR",
    "PLACE dit l'acheteur {place}, le hub {hub} : vérifiez à qui est la consultation.",
    _SUIVI,
)
SUITE_HUB = Rule(
    "MAR-PLACE-ETAT-HUB",
    "{lot}PLACE dit « {place} », le hub « {hub} » : {suite} dans le hub, si vous le confirmez.",
    _SUIVI,
)
SUITE_PLACE = Rule("MAR-PLACE-ETAT-PLACE", "{lot}Le hub dit « {hub} », PLACE « {place} » : {suite} à PLACE.", _SUIVI)
ETAT_CONTRAIRE = Rule(
    "MAR-PLACE-ETAT-CONTRAIRE",
    "{lot}PLACE dit « {place} », le hub « {hub} » : l'un contredit l'autre, vérifiez lequel fait foi.",
    _SUIVI,
)
LOT_ABSENT_HUB = Rule(
    "MAR-PLACE-LOT-HUB", "Le lot {numero} ({intitule}) de PLACE n'est pas dans le hub : créez son projet.", _SUIVI
)
LOT_ABSENT_PLACE = Rule(
    "MAR-PLACE-LOT-PLACE",
    "Le lot {numero} ({id}) du hub n'est pas dans la consultation de PLACE : ajoutez-le à PLACE.",
    _SUIVI,
)
ALLOTISSEMENT = Rule(
    "MAR-PLACE-ALLOTISSEMENT",
    "La consultation est allotie d'un seul côté (PLACE : {place} ; hub : {hub}) : corrigez celui qui se trompe.",
    "art. L.2113-10 CCP (allotissement)",
)
ECART = Rule(
    "MAR-PLACE-ECART",
    "{lot}PLACE dit {place} pour {quoi}, le hub {hub} : corrigez celui des deux qui se trompe.",
    _DECP,
)
ILLISIBLE = Rule(
    "MAR-PLACE-ILLISIBLE", "PLACE donne « {place} » pour {quoi} : valeur illisible, corrigez-la à PLACE.", _DECP
)
NON_NOTIFIE = Rule(
    "MAR-PLACE-NON-NOTIFIE",
    "PLACE dit le marché notifié le {place}, le hub « {statut} » : à notifier dans le hub, si vous le confirmez.",
    _SUIVI,
)
MODIFICATIONS = Rule(
    "MAR-PLACE-MODIFICATIONS",
    "PLACE a {place} modification(s), le hub {hub} : publiez ou enregistrez celle(s) qui manquent.",
    "arrêté du 22/12/2022 : les données essentielles des modifications sont publiées",
)
CONTRAT_INCONNU = Rule(
    "MAR-PLACE-ABSENT-HUB",
    "Marché absent du hub : aucun marché de l'acheteur ne porte le numéro {numero} ; enregistrez-le ou importez-le.",
    _SUIVI,
)
CONTRAT_AMBIGU = Rule(
    "MAR-PLACE-AMBIGU",
    "Plusieurs marchés de l'acheteur peuvent porter le numéro {numero} : il n'est comparé à aucun.",
    "hypothèse : un numéro qui en désigne plusieurs n'en désigne aucun",
)
ABSENT_PLACE = Rule(
    "MAR-PLACE-ABSENT-PLACE",
    "Absent de PLACE : le marché {id}, notifié le {notification}, n'est pas dans les contrats relevés le {releve} ; "
    "complétez-le et notifiez-le à PLACE.",
    "art. R.2196-1 CCP (publication dans les deux mois, dès 40 000 € HT) ; que PLACE y serve : hypothèse",
)
