"""Rules of products that need to know what is loaded, as data; those on the file alone are in its contract."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_CONTROLE = "hypothèse : contrôle proposé pour un fichier dont la structure n'est pas publique"

LOT_ECHU = Rule(
    "PRO-LOT-ECHU",
    "Le marché {marche} est terminé ({statut}) : ses produits ne sont plus repris.",
    _CONTROLE,
)
PERIODE_ECHUE = Rule(
    "PRO-PERIODE-ECHUE",
    "Le prix a cessé de valoir le {date} : retirez la ligne, ou prolongez sa date de fin.",
    _CONTROLE,
)
MOUVEMENT = Rule(
    "PRO-MOUVEMENT",
    "Le mouvement {mouvement} porte sur un produit qui n'est pas chargé : envoyez d'abord sa création (C).",
    _CONTROLE,
)
CREATION = Rule(
    "PRO-CREATION",
    "Le produit est déjà chargé avec un autre contenu : la création (C) est prise comme une modification.",
    _CONTROLE,
)
PRIX_ECART = Rule(
    "PRO-PRIX-ECART",
    "Le prix passe de {avant} à {apres} euros, plus de {seuil} % d'écart : vérifiez-le auprès de l'opérateur.",
    _CONTROLE,
)
EN_ATTENTE = Rule(
    "PRO-EN-ATTENTE",
    "Le marché {marche} lot {lot} n'est pas connu du hub : ses produits attendent son enregistrement.",
    _CONTROLE,
)
SHA256 = Rule(
    "PRO-SHA256",
    "Le fichier n'a pas l'empreinte annoncée ({annoncee}) : il est incomplet ou modifié, demandez-le de nouveau.",
    "hypothèse : fichier compagnon « <nom>.sha256 » au format de sha256sum",
)
LECTURE = Rule("PRO-LECTURE", "Le fichier {nom} ne peut pas être lu.", "hypothèse")
GHT = Rule(
    "PRO-GHT",
    "Précisez le GHT du catalogue parmi les vôtres : seul un appelant sans limite charge un catalogue commun.",
    "hypothèse : un catalogue est celui d'un GHT, ou commun à tous",
)
PUBLICATION_ETAT = Rule(
    "PRO-PUBLICATION-ETAT",
    "Le marché {marche} est « {statut} » : ses produits se publient de sa notification à sa fin.",
    "hypothèse : une GEF ne reçoit que les produits d'un marché qu'elle connaît",
)
PUBLICATION_DESTINATAIRES = Rule(
    "PRO-PUBLICATION-DESTINATAIRES",
    "Le marché {marche} n'est pas connu du hub et ses produits ne nomment aucun de vos établissements (FINESS) : "
    "enregistrez-le d'abord.",
    "hypothèse : les destinataires sont l'acheteur et les bénéficiaires du marché",
)
