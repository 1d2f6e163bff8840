"""The rules of the flows of purchases, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_CATALOGUE = "hypothèse : référence inconnue = ligne rejetée, fichier gardé"

UF = Rule("FLU-UF", "L'UF {uf} n'est pas connue : envoyez d'abord le flux des structures.", _CATALOGUE)
UF_FERMEE = Rule("FLU-UF-FERMEE", "L'UF {uf} n'est plus active depuis le {depuis}.", _CATALOGUE)
COMPTE = Rule(
    "FLU-COMPTE",
    "Le compte {compte} n'est pas connu pour {exercice} : envoyez d'abord le flux des comptes.",
    _CATALOGUE,
)
COMPTE_FERME = Rule("FLU-COMPTE-FERME", "Le compte {compte} est fermé pour {exercice}.", _CATALOGUE)
FOURNISSEUR = Rule(
    "FLU-FOURNISSEUR",
    "Le fournisseur {type} {id} n'est connu ni du hub ni de la GEF : envoyez d'abord le flux des fournisseurs.",
    _CATALOGUE,
)
MARCHE = Rule(
    "FLU-MARCHE", "Aucun marché de l'établissement ne porte le numéro {numero}{lot} : vérifiez-le.", _CATALOGUE
)
MARCHE_AMBIGU = Rule(
    "FLU-MARCHE-AMBIGU",
    "Plusieurs marchés de l'établissement peuvent porter le numéro {numero}{lot} : précisez-le.",
    _CATALOGUE,
)
COMMANDE = Rule(
    "FLU-COMMANDE",
    "La ligne {ligne} de la commande {numero} n'est pas connue : envoyez d'abord le flux des commandes.",
    _CATALOGUE,
)
HORS_MARCHE = Rule(
    "FLU-HORS-MARCHE",
    "Le mandat est gardé hors marché : {raison}.",
    "hypothèse : une dépense payée ne se refuse pas, elle compte dans les achats hors marché",
)
