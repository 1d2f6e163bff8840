"""The rules of the execution of a marché, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_RECONDUCTION = "art. R.2112-4 CCP"
_TRANCHE = "art. R.2113-6 CCP : l'exécution d'une tranche optionnelle suit une décision d'affermissement"
_PRIX = "art. R.2112-7 à R.2112-14 CCP"
_SOUS_TRAITANCE = "art. L.2193-1 à L.2193-14 et R.2193-1 à R.2193-22 CCP ; formulaire DC4"
_MAXIMUM = "art. R.2162-4 CCP ; CJUE, 17 juin 2021, C-23/20 : le maximum atteint, l'accord-cadre a épuisé ses effets"
_VALIDITE = "art. R.2162-5 CCP : subséquents et bons de commande pendant la validité de l'accord-cadre"

AVANT_NOTIFICATION = Rule(
    "MAR-EXECUTION-AVANT",
    "Le {date}, le marché n'était pas encore notifié ({notification}) : vérifiez la date.",
    "hypothèse : un marché non notifié ne s'exécute pas",
)
APRES_FIN = Rule(
    "MAR-EXECUTION-APRES",
    "Le {date}, le marché était fini ({fin}) : vérifiez la date, ou prolongez-le d'abord.",
    "hypothèse",
)

# --- reconductions

RECONDUCTION_DECIDEE = Rule(
    "MAR-RECONDUCTION-DECIDEE", "La période n° {numero} a déjà sa décision : « {decision} ».", "hypothèse"
)
RECONDUCTION_ORDRE = Rule(
    "MAR-RECONDUCTION-ORDRE",
    "La période n° {numero} ne se décide que si la période n° {avant} est reconduite.",
    f"{_RECONDUCTION} ; hypothèse : les périodes se suivent",
)
RECONDUCTION_TARDIVE = Rule(
    "MAR-RECONDUCTION-TARDIVE",
    "La décision ({date}) doit précéder le début de la période n° {numero} ({debut}).",
    f"{_RECONDUCTION} ; hypothèse",
)
RECONDUCTION_PREAVIS = Rule(
    "MAR-RECONDUCTION-PREAVIS",
    "La reconduction est tacite : elle ne se refuse que jusqu'au {limite} (préavis de {preavis} mois).",
    f"{_RECONDUCTION} : tacite sauf stipulation contraire ; durée du préavis : hypothèse, celle du marché",
)
RECONDUCTION_TITULAIRE = Rule(
    "MAR-RECONDUCTION-TITULAIRE",
    "Le titulaire ne peut refuser la reconduction, sauf clause du marché : indiquez alors refusTitulairePermis.",
    _RECONDUCTION,
)

# --- tranches

TRANCHE_OPTIONNELLE = Rule(
    "MAR-TRANCHE-OPTIONNELLE", "La tranche n° {numero} est ferme : seule une tranche optionnelle s'affermit.", _TRANCHE
)
TRANCHE_AFFERMIE = Rule("MAR-TRANCHE-AFFERMIE", "La tranche n° {numero} est déjà affermie, le {date}.", _TRANCHE)
TRANCHE_TARDIVE = Rule(
    "MAR-TRANCHE-TARDIVE",
    "La tranche n° {numero} commence le {debut} : affermissez-la avant, ou donnez-lui un nouveau début.",
    _TRANCHE,
)

# --- prix

REVISION_TYPE = Rule(
    "MAR-REVISION-TYPE",
    "Le prix du marché ({types}) n'est ni révisable ni actualisable, et aucune clause (indices) ne le fait varier.",
    _PRIX,
)
REVISION_VALEUR = Rule(
    "MAR-REVISION-VALEUR", "Donnez soit le coefficient, soit le montant actualisé, pas les deux.", "hypothèse"
)
REVISION_ORDRE = Rule(
    "MAR-REVISION-ORDRE", "La révision ({date}) ne peut précéder la révision d'avant ({avant}).", "hypothèse"
)
REVISION_UNIQUE = Rule(
    "MAR-REVISION-UNIQUE",
    "Un prix ferme actualisable ne s'actualise qu'une fois ({date}).",
    "art. R.2112-10 et R.2112-11 CCP ; une seule fois : hypothèse",
)
REVISION_VIDE = Rule("MAR-REVISION-VIDE", "La révision ne change pas le montant ({montant}).", "hypothèse")
REVISION_MONTANT = Rule(
    "MAR-REVISION-MONTANT",
    "Le montant actualisé ({montant}) est hors des limites (1 à 999999999999.99) : vérifiez le coefficient.",
    "PES : MontantHTActualise, 14 chiffres",
)

# --- sous-traitance

ST_TITULAIRE = Rule(
    "MAR-ST-TITULAIRE",
    "Le fournisseur {type} {id} est titulaire du marché : il ne peut en être aussi le sous-traitant.",
    f"{_SOUS_TRAITANCE} ; hypothèse pour un co-traitant",
)
ST_PLAFOND = Rule(
    "MAR-ST-PLAFOND",
    "La sous-traitance ({cumul}, dont {deja} déjà acceptés) dépasse la part du titulaire ({part}).",
    f"{_SOUS_TRAITANCE} : une partie seulement de l'exécution se sous-traite",
)
ST_TOTALE = Rule(
    "MAR-ST-TOTALE",
    "La sous-traitance totale est interdite : {cumul} sous-traités pour une part de {part}.",
    "art. L.2193-1 et L.2193-3 CCP (hypothèse : le montant entier vaut sous-traitance totale)",
)
ST_PAIEMENT_DIRECT = Rule(
    "MAR-ST-PAIEMENT-DIRECT",
    "À partir de 600 euros TTC ({ttc}), le sous-traitant est payé directement : mettez paiementDirect à true.",
    "art. L.2193-11 et R.2193-10 CCP",
)
ST_AUTOLIQUIDATION = Rule(
    "MAR-ST-AUTOLIQUIDATION",
    "Avec l'autoliquidation, le sous-traitant ne facture pas de TVA : retirez montantTVA.",
    "art. 283, 2 nonies CGI ; PES : AutoliquidationTVA = 1 ⇒ pas de TVA",
)
ST_MONTANT = Rule("MAR-ST-MONTANT", "Le montant sous-traité est d'au moins un centime.", "PES : MontantHTNotifie > 0")
ST_DUREE = Rule(
    "MAR-ST-DUREE",
    "La durée ({mois} mois) doit être de 1 à 999 mois : remplissez dureeMois, dureeJours ou les deux.",
    "DC4 : durée en mois, arrondie au supérieur (30 jours par mois : hypothèse) ; PES : DureeEnMois",
)
ST_ORDRE = Rule(
    "MAR-ST-ORDRE",
    "L'acte ({date}) ne peut précéder l'acte ou la modification d'avant ({avant}).",
    "DECP 2.0.4 : numéros croissants dans l'ordre des notifications",
)
ST_NOMBRE = Rule(
    "MAR-ST-NOMBRE",
    "Un marché porte au plus 99 actes de sous-traitance et 99 modifications de ces actes.",
    "PES : NumeroActeSousTraitance et NumeroActe",
)
ST_MODIFICATION_VIDE = Rule(
    "MAR-ST-MODIFICATION-VIDE", "La modification ne change ni le montant ni la durée de l'acte.", "DECP 2.0.4"
)

# --- établissements et pièces

BENEFICIAIRE_GHT = Rule(
    "MAR-BENEFICIAIRE-GHT",
    "L'établissement {siret} n'appartient pas au GHT {ght} le {date}, ou plus aujourd'hui.",
    "art. L.6132-3 CSP : la fonction achats est exercée pour les établissements du GHT",
)
BENEFICIAIRE_DOUBLE = Rule(
    "MAR-BENEFICIAIRE-DOUBLE", "L'établissement {siret} est déjà bénéficiaire de ce marché.", "hypothèse"
)

# --- consommation et accords-cadres

CONSO_MONTANT = Rule(
    "MAR-CONSO-MONTANT", "Le montant d'une commande ou d'un mandat est d'au moins un centime.", "hypothèse"
)
CONSO_SOURCE = Rule(
    "MAR-CONSO-SOURCE",
    "« {source} » désigne le hub lui-même : donnez le nom du système qui numérote.",
    "hypothèse : le hub y inscrit les marchés subséquents",
)
CONSO_AVANT = Rule(
    "MAR-CONSO-AVANT",
    "Le {date} est avant le {debut} : pas de commande avant le début du marché, pas de paiement avant la notification.",
    "pas de commande avant la notification ni le début (hypothèse)",
)
CONSO_APRES = Rule(
    "MAR-CONSO-APRES", "Le bon de commande du {date} suit la fin du marché ({fin}).", f"{_VALIDITE} ; fin du marché"
)
CONSO_SUSPENDU = Rule(
    "MAR-CONSO-SUSPENDU", "Le bon de commande du {date} tombe pendant la suspension du {debut}.", "hypothèse"
)
CONSO_ETABLISSEMENT = Rule(
    "MAR-CONSO-ETABLISSEMENT",
    "L'établissement {siret} n'est pas bénéficiaire du marché le {date} : rattachez-le d'abord.",
    "hypothèse : seuls les bénéficiaires commandent",
)
CONSO_MAXIMUM = Rule(
    "MAR-CONSO-MAXIMUM",
    "Le bon de commande porterait la consommation à {consomme} pour un maximum de {maximum} : modifiez le marché.",
    _MAXIMUM,
)
CONSO_DEPASSEE = Rule(
    "MAR-CONSO-DEPASSEE",
    "La consommation ({consomme}) dépasse le montant du marché ({maximum}).",
    f"{_MAXIMUM} ; un paiement ne se refuse pas ici, il suit une commande (hypothèse)",
)
CONSO_DIFFERENTE = Rule(
    "MAR-CONSO-DIFFERENTE",
    "La référence {reference} de {source} est déjà enregistrée avec d'autres valeurs ({champs}).",
    "hypothèse : un rejeu porte les mêmes valeurs",
)
CADRE_NATURE = Rule("MAR-CADRE-NATURE", "Le marché {id} de {siret} n'est pas un accord-cadre.", "art. L.2125-1 CCP")
CADRE_NOTIFIE = Rule("MAR-CADRE-NOTIFIE", "L'accord-cadre {id} n'est pas notifié : notifiez-le d'abord.", _VALIDITE)
CADRE_VALIDITE = Rule(
    "MAR-CADRE-VALIDITE",
    "Le marché subséquent ({date}) est hors de la validité de l'accord-cadre {id} ({debut} au {fin}).",
    _VALIDITE,
)
CADRE_TITULAIRES = Rule(
    "MAR-CADRE-TITULAIRES",
    "Le fournisseur {type} {id} n'est pas titulaire de l'accord-cadre {cadre}.",
    "art. L.2125-1 CCP : l'accord-cadre présélectionne les opérateurs ; tous les titulaires : hypothèse",
)
CADRE_MAXIMUM = Rule(
    "MAR-CADRE-MAXIMUM",
    "Les marchés subséquents et commandes de l'accord-cadre {id} feraient {somme} pour un maximum de {maximum}.",
    f"{_MAXIMUM} ; le maximum est le montant publié de l'accord-cadre (hypothèse)",
)
