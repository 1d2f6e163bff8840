"""The closed code lists of the public standards, as enumerations.

Sources: DECP = schema of the données essentielles 2.0.4 (arrêté of 22/12/2022, NOR ECOM2235715A); PES = schemas of the
PES Marché 5.17 and 5.30. Where only the PES has codes, :data:`LABELS` says what they mean.
"""

from __future__ import annotations

from enum import StrEnum


class Nature(StrEnum):
    """DECP ``nature``."""

    MARCHE = "Marché"
    PARTENARIAT = "Marché de partenariat"
    DEFENSE = "Marché de défense ou de sécurité"


class Technique(StrEnum):
    """DECP ``technique``."""

    ACCORD_CADRE = "Accord-cadre"
    CONCOURS = "Concours"
    QUALIFICATION = "Système de qualification"
    SAD = "Système d'acquisition dynamique"
    CATALOGUE = "Catalogue électronique"
    ENCHERE = "Enchère électronique"
    SANS_OBJET = "Sans objet"


class ModaliteExecution(StrEnum):
    """DECP ``modaliteExecution``."""

    TRANCHES = "Tranches"
    BONS_DE_COMMANDE = "Bons de commande"
    SUBSEQUENTS = "Marchés subséquents"
    SANS_OBJET = "Sans objet"


class Ccag(StrEnum):
    """DECP ``ccag``; the official spelling has no accent on the i of "Maitrise"."""

    TRAVAUX = "Travaux"
    MOE = "Maitrise d'œuvre"
    FCS = "Fournitures courantes et services"
    INDUSTRIELS = "Marchés industriels"
    PI = "Prestations intellectuelles"
    TIC = "Techniques de l'information et de la communication"
    AUCUN = "Pas de CCAG"


class TypeGroupement(StrEnum):
    """DECP ``typeGroupementOperateurs``."""

    CONJOINT = "Conjoint"
    SOLIDAIRE = "Solidaire"
    AUCUN = "Pas de groupement"


class Procedure(StrEnum):
    """DECP ``procedure``."""

    ADAPTEE = "Procédure adaptée"
    AOO = "Appel d'offres ouvert"
    AOR = "Appel d'offres restreint"
    NEGOCIATION = "Procédure avec négociation"
    SANS_PUBLICITE = "Marché passé sans publicité ni mise en concurrence préalable"
    DIALOGUE = "Dialogue compétitif"


class TypeCodeLieu(StrEnum):
    """DECP ``lieuExecution.typeCode``."""

    POSTAL = "Code postal"
    COMMUNE = "Code commune"
    ARRONDISSEMENT = "Code arrondissement"
    CANTON = "Code canton"
    DEPARTEMENT = "Code département"
    REGION = "Code région"
    PAYS = "Code pays"


class TypePrix(StrEnum):
    """DECP ``typePrix``."""

    FERME = "Définitif ferme"
    ACTUALISABLE = "Définitif actualisable"
    REVISABLE = "Définitif révisable"
    PROVISOIRE = "Provisoire"


class FormePrix(StrEnum):
    """DECP ``formePrix``."""

    UNITAIRE = "Unitaire"
    FORFAITAIRE = "Forfaitaire"
    MIXTE = "Mixte"


class ConsiderationSociale(StrEnum):
    """DECP ``considerationSociale``."""

    CLAUSE = "Clause sociale"
    CRITERE = "Critère social"
    RESERVE = "Marché réservé"
    AUCUNE = "Pas de considération sociale"


class ConsiderationEnvironnementale(StrEnum):
    """DECP ``considerationEnvironnementale``."""

    CLAUSE = "Clause environnementale"
    CRITERE = "Critère environnemental"
    AUCUNE = "Pas de considération environnementale"


class TypeIdentifiant(StrEnum):
    """DECP ``typeIdentifiant`` of an economic operator."""

    SIRET = "SIRET"
    TVA = "TVA"
    TAHITI = "TAHITI"
    RIDET = "RIDET"
    FRWF = "FRWF"
    IREP = "IREP"
    HORS_UE = "HORS-UE"


class NatureMarchePES(StrEnum):
    """PES ``NatureMarche``."""

    MARCHE = "01"
    PARTENARIAT = "02"
    ACCORD_CADRE_BONS_DE_COMMANDE = "03"
    ACCORD_CADRE_SUBSEQUENTS = "04"
    SUBSEQUENT = "05"
    COMPLEMENTAIRE = "06"
    AUTRE = "07"


class ProcedureMarchePES(StrEnum):
    """PES ``ProcedureMarche``."""

    ADAPTEE = "01"
    AOO = "02"
    AOR = "03"
    CONCURRENTIELLE_NEGOCIATION = "04"
    NEGOCIEE_MISE_EN_CONCURRENCE = "05"
    NEGOCIE_SANS_PUBLICITE = "06"
    DIALOGUE = "07"
    CONCOURS = "08"
    SAD = "09"
    AUTRE = "10"


class Reconductibilite(StrEnum):
    """PES ``Reconductibilite``."""

    NON = "01"
    TACITE = "02"
    EXPRESSE = "03"


class RegimeAvance(StrEnum):
    """PES ``RegimeAvance``."""

    AUCUNE = "01"
    OBLIGATOIRE = "02"
    FACULTATIVE = "03"
    CHAQUE_BON = "04"
    REFUSEE = "05"


class CategorieTiers(StrEnum):
    """PES ``CatTiers``. The labels of 60 to 74 are not certain in the schemas, so they carry none here."""

    PERSONNE_PHYSIQUE = "01"
    ETAT = "20"
    REGION = "21"
    DEPARTEMENT = "22"
    COMMUNE = "23"
    GROUPEMENT = "24"
    CAISSE_ECOLES = "25"
    CCAS = "26"
    EPS = "27"
    ENSP = "28"
    AUTRE_EP = "29"
    MORALE_PRIVEE = "50"
    C60 = "60"
    C61 = "61"
    C62 = "62"
    C63 = "63"
    C64 = "64"
    C65 = "65"
    C70 = "70"
    C71 = "71"
    C72 = "72"
    C73 = "73"
    C74 = "74"


class NatureJuridique(StrEnum):
    """PES ``NatJur``."""

    PARTICULIER = "01"
    ARTISAN = "02"
    SOCIETE = "03"
    CAM = "04"
    CAISSE_COMPLEMENTAIRE = "05"
    ASSOCIATION = "06"
    ETAT = "07"
    EPN = "08"
    COLLECTIVITE = "09"
    ETAT_ETRANGER = "10"
    CAF = "11"


class RoleGht(StrEnum):
    """Role of an établissement in its GHT (art. L.6132-1 and L.6132-2 CSP)."""

    SUPPORT = "support"
    PARTIE = "partie"


LABELS: dict[type[StrEnum], dict[str, str]] = {
    NatureMarchePES: {
        "01": "Marché",
        "02": "Marché de partenariat",
        "03": "Accord-cadre à bons de commande",
        "04": "Accord-cadre avec marchés subséquents, ou mixte",
        "05": "Marché subséquent",
        "06": "Marché complémentaire",
        "07": "Autre",
    },
    ProcedureMarchePES: {
        "01": "Procédure adaptée",
        "02": "Appel d'offres ouvert",
        "03": "Appel d'offres restreint",
        "04": "Procédure concurrentielle avec négociation",
        "05": "Négociée avec mise en concurrence préalable",
        "06": "Négociée sans publicité ni mise en concurrence",
        "07": "Dialogue compétitif",
        "08": "Concours",
        "09": "Système d'acquisition dynamique",
        "10": "Autre",
    },
    Reconductibilite: {"01": "Non reconductible", "02": "Reconduction tacite", "03": "Reconduction expresse"},
    RegimeAvance: {
        "01": "Aucune",
        "02": "Obligatoire",
        "03": "Facultative",
        "04": "À chaque bon de commande",
        "05": "Refusée",
    },
    CategorieTiers: {
        "01": "Personne physique",
        "20": "État et établissements publics nationaux",
        "21": "Région",
        "22": "Département",
        "23": "Commune",
        "24": "Groupement de collectivités",
        "25": "Caisse des écoles",
        "26": "CCAS",
        "27": "Établissement public de santé",
        "28": "École nationale de la santé publique",
        "29": "Autre établissement public ou organisme international",
        "50": "Personne morale de droit privé",
    },
    NatureJuridique: {
        "01": "Particulier",
        "02": "Artisan ou commerçant",
        "03": "Société",
        "04": "Caisse d'assurance maladie",
        "05": "Caisse complémentaire",
        "06": "Association",
        "07": "État",
        "08": "Établissement public national",
        "09": "Collectivité ou établissement public local",
        "10": "État étranger",
        "11": "Caisse d'allocations familiales",
    },
    RoleGht: {"support": "Établissement support du GHT", "partie": "Établissement partie au GHT"},
}
"""What the codes mean, where the code is not itself the label."""
