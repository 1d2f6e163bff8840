"""The rules of plans and actions, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_HYPOTHESE = "hypothèse"
_GAINS = "note DGOS/PF1/2019/183 (méthode de calcul des gains) et sa foire aux questions"

GHT = Rule(
    "PAA-GHT",
    "Le GHT {ght} n'est pas au référentiel, ou pas dans votre périmètre : choisissez un GHT connu.",
    "art. L.6132-3 CSP : le plan d'actions achat est celui du GHT",
)
NUMERO = Rule(
    "PAA-NUMERO",
    "Le plan a déjà une action n° {numero} : prenez un autre numéro, ou modifiez celle-ci.",
    _HYPOTHESE,
)
NUMERO_FIXE = Rule(
    "PAA-NUMERO-FIXE",
    "Le numéro d'une action ne change pas : gardez {numero}, ou créez une autre action.",
    _HYPOTHESE,
)
DOUBLON = Rule(
    "PAA-DOUBLON",
    "L'action n° {numero} est donnée deux fois (déjà en {premiere}) : gardez celle qui est juste.",
    _HYPOTHESE,
)
REPORT = Rule(
    "PAA-REPORT",
    "L'action n° {numero} existe et n'est pas un report : un report ne la remplace pas, changez son numéro.",
    _HYPOTHESE,
)
FAMILLE = Rule(
    "PAA-FAMILLE",
    "La famille « {famille} » n'est pas connue : choisissez un code ou un libellé de la nomenclature ({exemples}).",
    "nomenclature des achats (DGOS 2022, l. 1205) ; codes synthétiques tant que la liste officielle n'est pas chargée",
)
ETABLISSEMENT = Rule(
    "PAA-ETABLISSEMENT",
    "L'établissement {siret} n'appartient au GHT {ght} aucun jour de {annee} : vérifiez le SIRET.",
    "art. L.6132-1 CSP : le rattachement à un GHT est daté",
)
METHODE = Rule(
    "PAA-METHODE",
    "La méthode « {methode} » n'est pas celle du calcul donné (« {calcul} ») : gardez l'une des deux.",
    _HYPOTHESE,
)
GAIN = Rule(
    "PAA-GAIN",
    "Le gain donné ({gain}) n'est pas celui du calcul ({calcule}) : corrigez le calcul, ou ne donnez pas le gain.",
    _HYPOTHESE,
)
GAIN_TAILLE = Rule(
    "PAA-GAIN-TAILLE",
    "Le gain calculé dépasse douze chiffres avant la virgule : vérifiez les prix et les quantités.",
    _HYPOTHESE,
)
PERIMETRE_NOUVEAU = Rule(
    "PAA-PERIMETRE-NOUVEAU",
    "Le besoin a changé de périmètre : la méthode récurrente ne s'applique pas, prenez la méthode ponctuelle.",
    _GAINS,
)
BASE = Rule(
    "PAA-BASE",
    "Le calcul ponctuel demande une seule base : les offres recevables, ou à défaut une estimation.",
    _GAINS,
)
LOCATION = Rule(
    "PAA-LOCATION",
    "Une location avec option d'achat se compte en exploitation, contre la moyenne des offres : {defaut}.",
    _GAINS,
)
EFFET = Rule(
    "PAA-EFFET",
    "{mois} mois d'effet ne vont pas avec la date du {date} ({attendu} mois en {annee}) : gardez l'une des deux.",
    "prorata temporis : 13 − mois d'effet (hypothèse)",
)
ORIGINE = Rule(
    "PAA-ORIGINE",
    "L'action {uid} n'est pas d'un plan antérieur à {annee} du GHT {ght} : son report ne peut pas être repris.",
    _HYPOTHESE,
)
VIDE = Rule("PAA-VIDE", "La modification ne change rien : indiquez au moins une valeur nouvelle.", _HYPOTHESE)
SUITE = Rule(
    "PAA-SUITE",
    "Une action « {avant} » ne passe pas à « {apres} » (suites possibles : {suites}).",
    _HYPOTHESE,
)
STADE = Rule(
    "PAA-STADE",
    "Un gain « {avant} » ne redevient pas « {apres} » : il va de potentiel à notifié, puis à réalisé.",
    "gain achat : potentiel à la stratégie, notifié à la notification, réalisé au terme",
)
REALISE = Rule(
    "PAA-REALISE",
    "Un gain constaté se donne au stade « realise » : l'action est au stade « {stade} ».",
    "gain achat : réalisé au terme",
)
SUPPRESSION = Rule(
    "PAA-SUPPRESSION",
    "Le plan a déjà été soumis : ses actions gardent leur trace, passez celle-ci à « abandonnee ».",
    _HYPOTHESE,
)
BORNE_DOUBLE = Rule(
    "PAA-BORNE-DOUBLE",
    "La famille {famille} a déjà une borne (en {premiere}) : gardez celle qui est juste.",
    _HYPOTHESE,
)
