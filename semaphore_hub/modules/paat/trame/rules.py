"""The rules of the trame, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_LECTURE = "hypothèse : lecture d'un classeur rempli à la main"
_COLONNES = "DGOS, présentation du 17/06/2022, lignes de trame : intitulés des colonnes"

# --- the file as a whole: nothing of it is read

TAILLE = Rule(
    "PAA-TRAME-TAILLE",
    "Le fichier pèse {octets} octets, la limite est de {limite} : retirez images et feuilles inutiles.",
    "limite du hub",
)
FORMAT = Rule("PAA-TRAME-FORMAT", "{constat} : enregistrez la trame au format .xlsx, puis renvoyez-la.", _LECTURE)
PROTEGE = Rule(
    "PAA-TRAME-PROTEGE",
    "Le classeur est protégé par un mot de passe : enregistrez-le sans mot de passe d'ouverture.",
    _LECTURE,
)
BOMBE = Rule(
    "PAA-TRAME-DECOMPRESSION",
    "Décompressé, le classeur dépasse {limite} octets : ce n'est pas une trame, il n'est pas ouvert.",
    "limite du hub",
)
LIGNES = Rule(
    "PAA-TRAME-LIGNES",
    "La feuille « {feuille} » va jusqu'à la ligne {lignes} et la colonne {colonne} : la limite est de {limite} lignes "
    "et {colonnes} colonnes.",
    "limite du hub",
)
FEUILLE = Rule(
    "PAA-TRAME-FEUILLE",
    "Aucune feuille ne porte la trame (feuilles lues : {feuilles}). Au plus près, « {feuille} » : il lui manque "
    "{manquantes} dans ses {lignes} premières lignes.",
    _COLONNES,
)
VIDE = Rule("PAA-TRAME-VIDE", "La feuille n'a aucune ligne d'action sous ses intitulés : rien à importer.", _LECTURE)

# --- headings

COLONNE_DOUBLE = Rule(
    "PAA-TRAME-COLONNE-DOUBLE",
    "L'intitulé « {titre} » est déjà en colonne {premiere} : gardez une seule des deux colonnes.",
    _LECTURE,
)
COLONNE_INCONNUE = Rule(
    "PAA-TRAME-COLONNE-INCONNUE", "La colonne « {titre} » n'est pas de la trame : elle n'est pas lue.{idee}", _LECTURE
)
COLONNE_ABSENTE = Rule(
    "PAA-TRAME-COLONNE-ABSENTE", "La colonne « {titre} » manque : elle est lue comme vide.", _COLONNES
)
UNITE = Rule(
    "PAA-TRAME-UNITE",
    "La colonne « {titre} » semble en {unite} : la trame demande des euros TTC, convertissez-la.",
    "DGOS, intitulé « Montant de référence annuel (€ TTC) »",
)
FEUILLES_PLUSIEURS = Rule(
    "PAA-TRAME-FEUILLES",
    "Plusieurs feuilles portent la trame : celle-ci est lue, pas {autres}.",
    _LECTURE,
)

# --- cells

MONTANT = Rule("PAA-TRAME-MONTANT", "« {valeur} » n'est pas un montant : {motif}.", _LECTURE)
ARRONDI = Rule(
    "PAA-TRAME-ARRONDI", "Le montant {valeur} a plus de deux décimales : il est arrondi à {arrondi}.", _LECTURE
)
POURCENTAGE = Rule("PAA-TRAME-POURCENTAGE", "« {valeur} » n'est pas un pourcentage : {motif}.", _LECTURE)
JOUR = Rule("PAA-TRAME-DATE", "« {valeur} » n'est pas une date : {motif}.", _LECTURE)
MOIS = Rule("PAA-TRAME-MOIS", "« {valeur} » n'est pas un nombre de mois : {motif}.", _LECTURE)
MOIS_NOMME = Rule(
    "PAA-TRAME-MOIS-NOMME",
    "« {valeur} » est compris comme un effet à partir de ce mois, soit {mois} mois dans l'année.",
    _LECTURE,
)
LISTE = Rule(
    "PAA-TRAME-LISTE", "« {valeur} » n'est pas une valeur de la liste ({admises}).", "hypothèse : listes du hub"
)
TEXTE = Rule("PAA-TRAME-TEXTE", "Le texte a {longueur} caractères, la limite est de {limite} : abrégez-le.", _LECTURE)
ERREUR_EXCEL = Rule("PAA-TRAME-ERREUR-EXCEL", "La cellule contient l'erreur {erreur} : {motif}.", _LECTURE)
FORMULE = Rule(
    "PAA-TRAME-FORMULE",
    "La formule de cette cellule n'a pas de valeur enregistrée : ouvrez le fichier dans Excel, recalculez et "
    "enregistrez, ou remplacez la formule par sa valeur.",
    _LECTURE,
)
FUSION = Rule(
    "PAA-TRAME-FUSION",
    "La cellule est fusionnée sur les lignes {debut} à {fin} : une fusion ne dit pas à quelle action revient sa "
    "valeur, écrivez-la sur chaque ligne.",
    _LECTURE,
)
CONTROLE = Rule("PAA-TRAME-CARACTERE", "Le texte contient des caractères de contrôle : ressaisissez-le.", _LECTURE)

# --- lines

TOTAL = Rule("PAA-TRAME-TOTAL", "La ligne « {valeur} » est un total ou un sous-total : elle n'est pas lue.", _LECTURE)
ENTETE_REPETE = Rule("PAA-TRAME-ENTETE", "La ligne répète les intitulés : elle n'est pas lue.", _LECTURE)
TITRE = Rule(
    "PAA-TRAME-TITRE", "La ligne ne dit qu'une famille (« {valeur} ») : c'est un titre, elle n'est pas lue.", _LECTURE
)
PERIMETRE = Rule(
    "PAA-TRAME-PERIMETRE",
    "Sans colonne « Périmètre traité », le périmètre d'une ligne est son montant de référence.",
    "hypothèse, d'après les lignes de trame de la DGOS : la performance sur périmètre traité y est gain / référence",
)
NEGATIF = Rule(
    "PAA-TRAME-NEGATIF", "Le montant {valeur} est négatif : seul un gain peut l'être (c'est une perte).", _LECTURE
)
ANNEE = Rule("PAA-TRAME-ANNEE", "La ligne est de l'année {valeur}, le plan est de {annee}.", _LECTURE)
GHT = Rule("PAA-TRAME-GHT", "La ligne est du GHT {valeur}, le plan est du GHT {ght}.", _LECTURE)
REGION = Rule("PAA-TRAME-REGION", "La ligne est de la région {valeur}, le GHT {ght} est en {region}.", _LECTURE)
FAMILLE = Rule(
    "PAA-TRAME-FAMILLE",
    "La famille « {valeur} » n'est pas connue : reprenez un libellé de la liste ({connues}).",
    "DGOS, présentation du 17/06/2022 : nomenclature DGOS ; codes du hub synthétiques",
)
FAMILLE_ABSENTE = Rule(
    "PAA-TRAME-FAMILLE-ABSENTE", "La ligne n'a pas de famille : recopiez celle du bloc, ou fusionnez les cellules.",
    "DGOS, présentation du 17/06/2022 : nomenclature DGOS",
)  # fmt: skip
FAMILLE_COUPEE = Rule(
    "PAA-TRAME-FAMILLE-COUPEE", "« {valeur} » est compris comme la famille « {famille} ».",
    "DGOS, présentation du 17/06/2022 : libellés coupés dans les lignes de trame",
)  # fmt: skip
ETABLISSEMENT = Rule(
    "PAA-TRAME-ETABLISSEMENT",
    "L'établissement « {valeur} » n'est pas connu du GHT {ght}, ou pas seul à ce nom : écrivez son SIRET, tel qu'au "
    "référentiel.",
    "hypothèse",
)
ETABLISSEMENT_ROLE = Rule(
    "PAA-TRAME-ROLE",
    "La ligne dit « {valeur} », l'établissement est {role} au référentiel : le référentiel fait foi.",
    "hypothèse",
)
DOUBLON = Rule(
    "PAA-TRAME-DOUBLON",
    "L'action n° {numero} est déjà à la ligne {premiere} : gardez-en une, ou donnez un autre numéro.",
    "hypothèse : une action compte une fois",
)
DOUBLON_PROBABLE = Rule(
    "PAA-TRAME-DOUBLON-PROBABLE",
    "La ligne répète la ligne {premiere} (mêmes famille, domaine, catégorie, établissement, libellé et montants) : "
    "supprimez-la, ou donnez un n° à chaque action si ce sont bien deux actions.",
    "hypothèse : une action compte une fois",
)
GAIN_SUPERIEUR = Rule(
    "PAA-TRAME-GAIN-REFERENCE",
    "Le gain ({gain}) atteint ou dépasse le montant de référence ({reference}) : la ligne est gardée mais son gain est "
    "exclu, « {commentaire} ».",
    "DGOS, présentation du 17/06/2022, commentaires d'analyse des trames",
)
PERFORMANCE = Rule(
    "PAA-TRAME-PERFORMANCE",
    "La colonne dit {ecrite}, gain / montant de référence donne {calculee} : c'est le calcul qui est retenu.",
    "DGOS, lignes de trame : performance = gain / montant de référence (recalculé à 0,1 point)",
)
POURCENTAGE_POINTS = Rule(
    "PAA-TRAME-POINTS", "{valeur} est compris comme {compris} : donnez à la cellule le format pourcentage.", _LECTURE
)
POIDS = Rule(
    "PAA-TRAME-POIDS",
    "Les poids des actions font {somme} au total, et non 100 % : des lignes manquent ou sont comptées deux fois.",
    "DGOS, lignes de trame : poids = gain / gains du déclarant (déduit)",
)
POIDS_LIGNE = Rule(
    "PAA-TRAME-POIDS-LIGNE",
    "La colonne dit {ecrit}, le gain de la ligne est {calcule} des gains de la feuille.",
    "DGOS, lignes de trame : poids = gain / gains du déclarant (déduit)",
)
COMMENTAIRE = Rule(
    "PAA-TRAME-COMMENTAIRE",
    "Le fichier dit « {ecrit} », le contrôle du hub dit « {calcule} » : c'est le contrôle du hub qui est gardé.",
    "hypothèse : le commentaire DGOS est calculé",
)
CALCULE = Rule(
    "PAA-TRAME-CALCULE",
    "La colonne dit {ecrit}, la date d'effet donne {calcule} : c'est le calcul qui est retenu.",
    "PHARE : prorata temporis du gain et report en N+1 (formule déduite)",
)
ABSENTES = Rule(
    "PAA-TRAME-ABSENTES",
    "{nombre} action(s) du plan ne sont pas dans le fichier ({numeros}) : elles sont gardées telles quelles.",
    "hypothèse : un import ne supprime rien",
)
PLAN = Rule(
    "PAA-TRAME-PLAN",
    "Le fichier ne dit pas {manque} d'une seule voix ({valeurs}) : donnez GHT et année avec la commande.",
    "hypothèse",
)
ACTION = Rule("PAA-TRAME-ACTION", "{phrase}", "règles des actions du PAAT")
