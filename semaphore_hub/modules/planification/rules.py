"""The rules of the planning, as data: id, French sentence, source."""

from __future__ import annotations

from semaphore_hub.modules.referentiel.rules import Rule

_HYPOTHESE = "hypothèse"
_UNIQUE = "art. L.6132-3 CSP : la fonction achats est exercée au sein du GHT"

ACHETEUR = Rule(
    "PLA-ACHETEUR",
    "L'établissement {siret} n'est pas connu, ou n'appartient à aucun de vos GHT à ce jour.",
    _UNIQUE,
)
ACHETEUR_AUTRE_GHT = Rule(
    "PLA-ACHETEUR-GHT",
    "L'acheteur {siret} appartient au GHT {autre} : un projet du GHT {ght} reste à ce GHT.",
    _UNIQUE,
)
BENEFICIAIRE = Rule(
    "PLA-BENEFICIAIRE",
    "Le bénéficiaire {siret} n'appartient pas au GHT {ght} à ce jour : retirez-le, ou corrigez le référentiel.",
    _UNIQUE,
)
FAMILLE = Rule(
    "PLA-FAMILLE",
    "La famille « {famille} » n'est pas connue : donnez un code ou un libellé de GET /v1/nomenclatures/familles-achat.",
    "hypothèse : familles synthétiques tant que la NFHA n'est pas chargée",
)
CHAMP_REQUIS = Rule(
    "PLA-CHAMP-REQUIS",
    "Indiquez « {champ} » : ni un besoin, ni un marché renouvelé ne le donne.",
    _HYPOTHESE,
)
BESOINS_DIVERS = Rule(
    "PLA-BESOINS-DIVERS",
    "Les besoins repris n'ont pas le même « {champ} » ({valeurs}) : indiquez celui du projet.",
    "art. R2121-6 CCP : un besoin est homogène",
)
BESOIN_INCONNU = Rule(
    "PLA-BESOIN-INCONNU", "Le besoin {uid} n'existe pas dans le GHT {ght} : relisez le recensement.", _HYPOTHESE
)
BESOIN_PRIS = Rule(
    "PLA-BESOIN-PRIS",
    "Le besoin {uid} est déjà repris par un autre projet ({projet}) : retirez-le de ce projet d'abord.",
    "un besoin n'est compté qu'une fois, art. R2121-4 CCP (lecture : hypothèse)",
)
RENOUVELE_INCONNU = Rule(
    "PLA-RENOUVELE-INCONNU",
    "Le marché {uid} n'existe pas, ou pas dans votre périmètre, ou n'est pas encore attribué.",
    _HYPOTHESE,
)
RENOUVELE_GHT = Rule(
    "PLA-RENOUVELE-GHT", "Le marché renouvelé {uid} est du GHT {autre}, l'acheteur du GHT {ght}.", _UNIQUE
)
RENOUVELE_DOUBLE = Rule(
    "PLA-RENOUVELE-DOUBLE",
    "Le projet {reference} renouvelle déjà ce marché : révisez-le, ou abandonnez-le d'abord.",
    _HYPOTHESE,
)
RENOUVELE_TYPE = Rule(
    "PLA-RENOUVELE-TYPE", "Un projet de type « {type} » {defaut} : corrigez le type ou « renouvelle ».", _HYPOTHESE
)
DEBUT_HORS_BORNES = Rule(
    "PLA-DEBUT", "Le début prévu {jour} n'est pas entre le {premier} et le {dernier} : corrigez la date.", _HYPOTHESE
)
LOTS_SOMME = Rule(
    "PLA-LOTS-SOMME",
    "La somme des lots ({somme}) n'est pas le montant estimé ({montant}) : corrigez l'un ou l'autre.",
    "art. R2121-1 CCP : la valeur du besoin est celle de tous les lots",
)
LOT_DOUBLE = Rule("PLA-LOT-DOUBLE", "Le lot {numero} est donné deux fois.", _HYPOTHESE)
MONTANT_NUL = Rule("PLA-MONTANT", "Le montant estimé est de 0 € : estimez le besoin.", "art. R2121-1 CCP")
MONTANT_EXCESSIF = Rule(
    "PLA-MONTANT-EXCESSIF", "Le montant estimé dépasse 999 999 999 999,99 € : vérifiez les besoins.", _HYPOTHESE
)
MONTANT_DOUBLE = Rule(
    "PLA-MONTANT-DOUBLE",
    "Donnez soit le montant, soit le montant annuel et la durée, soit les lots : {trouve}.",
    _HYPOTHESE,
)
REVISION_VIDE = Rule(
    "PLA-REVISION-VIDE", "La révision ne change rien : indiquez au moins une valeur nouvelle.", _HYPOTHESE
)
STRATEGIE_VALIDEE = Rule(
    "PLA-STRATEGIE-VALIDEE",
    "La stratégie a été validée : elle ne se révise plus, validez-la à nouveau.",
    "SEMAPHORE, « Validation Directeur Achats » ; hypothèse pour le détail",
)
STRATEGIE_VOIE = Rule(
    "PLA-STRATEGIE-VOIE",
    "La stratégie est « {strategie} » : cette opération est réservée {voie}.",
    "art. L2113-4 CCP : la centrale consulte pour ses adhérents",
)
ORDRE = Rule(
    "PLA-JALON-ORDRE",
    "Le jalon « {jalon} » ({jour}) précède « {precedent} » ({jour_precedent}) : les jalons se suivent.",
    _HYPOTHESE,
)
LOT_INCONNU = Rule("PLA-LOT-INCONNU", "Le projet n'a pas de lot {lot} (lots : {lots}).", _HYPOTHESE)
LOT_REQUIS = Rule(
    "PLA-LOT-REQUIS", "Le projet est alloti : dites de quel lot est le marché (lots : {lots}).", _HYPOTHESE
)
LOT_ATTRIBUE = Rule(
    "PLA-LOT-ATTRIBUE", "Le lot {lot} a déjà son marché ({marche}) : un lot, un marché.", "art. L2113-10 CCP"
)
LOT_CONSERVE = Rule("PLA-LOT-CONSERVE", "Le lot {lot} a ouvert le marché {marche} : il reste au projet.", _HYPOTHESE)
LOT_SANS_SUITE = Rule("PLA-LOT-SANS-SUITE", "Le lot {lot} a été laissé sans marché.", _HYPOTHESE)
LOTS_RESTANTS = Rule(
    "PLA-LOTS-RESTANTS",
    "Les lots {lots} n'ont pas de marché et ne sont pas donnés sans suite : ouvrez leur marché, ou citez-les.",
    _HYPOTHESE,
)
AUCUN_MARCHE = Rule(
    "PLA-AUCUN-MARCHE",
    "Aucun lot n'a de marché : déclarez le projet infructueux, ou ouvrez un marché.",
    _HYPOTHESE,
)
DELAIS_JALONS = Rule(
    "PLA-DELAIS-JALONS",
    "La filière {filiere} a pour jalons, dans cet ordre : {jalons} ; donnez-les tous, eux seuls.",
    _HYPOTHESE,
)
DELAIS_ORDRE = Rule(
    "PLA-DELAIS-ORDRE",
    "Le délai du jalon « {jalon} » ({jours} jours) dépasse celui du jalon précédent ({precedents}) : ils décroissent.",
    _HYPOTHESE,
)
DELAIS_FIN = Rule(
    "PLA-DELAIS-FIN", "Le jalon « debut » est le premier jour du marché : son délai est de 0 jour.", _HYPOTHESE
)

LOT_DEROGATION = Rule(
    "PLA-LOT-DEROGATION", "Le lot {numero} ne peut pas sortir de la procédure : {calcul}.", "art. R2123-1 2° CCP"
)
CATEGORIE_ABSENTE = Rule(
    "PLA-CATEGORIE-ABSENTE",
    "Sans code NCHFS, la valeur n'est pas additionnée sur le GHT : la procédure peut être sous-estimée.",
    "art. R2121-6 CCP",
)
NCHFS_INCONNU = Rule(
    "PLA-NCHFS-INCONNU",
    "Le code {code} n'est pas dans la nomenclature NCHFS tenue par le hub : vérifiez-le, ou chargez-la.",
    "note DGOS/PF1/2017/283 ; la liste officielle n'est pas publiée comme fichier",
)
ACHETEUR_PARTIE = Rule(
    "PLA-ACHETEUR-PARTIE",
    "L'acheteur {siret} n'est pas l'établissement support du GHT : c'est lui qui passe les marchés.",
    "art. L.6132-3 CSP",
)
PROCEDURE_PERIMEE = Rule(
    "PLA-PROCEDURE-PERIMEE",
    "La procédure retenue est « {retenue} », le calcul au {jour} donne « {calculee} » ({valeur}) : validez la "
    "stratégie à nouveau.",
    "art. R2124-1 et R2123-1 CCP",
)
SEUILS_INCONNUS = Rule(
    "PLA-SEUILS-INCONNUS",
    "Aucun seuil n'est enregistré au {jour} : le rétroplanning retient les délais d'une procédure formalisée.",
    "annexe 2 du CCP : seuils connus de 2020 à 2027",
)
RETARD = Rule("PLA-RETARD", "{consequence}", "hypothèse : délais par défaut du hub, ou ceux qui les remplacent")
RENOUVELE_MODIFIE = Rule(
    "PLA-RENOUVELE-MODIFIE",
    "Le marché renouvelé finit maintenant le {fin}, le projet a retenu le {echeance} : révisez le projet, "
    "sa date de début suivra.",
    _HYPOTHESE,
)

RECENSEMENT_GHT = Rule(
    "PLA-RECENSEMENT-GHT", "Le GHT {ght} n'est pas au référentiel, ou pas dans votre périmètre.", _UNIQUE
)
RECENSEMENT_DATES = Rule(
    "PLA-RECENSEMENT-DATES", "Le recensement se clôt ({cloture}) avant de s'ouvrir ({ouverture}).", _HYPOTHESE
)
RECENSEMENT_FENETRE = Rule(
    "PLA-RECENSEMENT-FENETRE",
    "Les besoins se disent du {ouverture} au {cloture} : nous sommes le {jour}.",
    _HYPOTHESE,
)
BESOIN_ETABLISSEMENT = Rule(
    "PLA-BESOIN-ETABLISSEMENT", "L'établissement {siret} n'est pas partie au GHT {ght} à ce jour.", _UNIQUE
)
BESOIN_DOUBLE = Rule(
    "PLA-BESOIN-DOUBLE", "La référence {reference} de l'établissement {siret} est donnée deux fois.", _HYPOTHESE
)
BESOIN_EXISTE = Rule(
    "PLA-BESOIN-EXISTE",
    "L'établissement {siret} a déjà un besoin {reference} : modifiez-le par PUT, ou changez la référence.",
    _HYPOTHESE,
)
BESOIN_REPRIS = Rule(
    "PLA-BESOIN-REPRIS",
    "Le besoin {reference} est repris par un projet d'achat : il ne change plus, révisez le projet.",
    _HYPOTHESE,
)
BESOIN_VERSION = Rule(
    "PLA-BESOIN-VERSION",
    "Le besoin {reference} est à la version {version}, vous avez lu la version {lue} : relisez, puis recommencez.",
    _HYPOTHESE,
)
BESOIN_QUANTITE = Rule(
    "PLA-BESOIN-QUANTITE", "La quantité et l'unité du besoin {reference} se donnent ensemble.", _HYPOTHESE
)
