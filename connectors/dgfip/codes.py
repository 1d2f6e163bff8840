"""Labels of the DECP and codes of the PES, both ways.

Sources: comments of the official XSD 5.17 and 5.30, DECP 2.0.4; the reading of a code as a label, where the two lists
differ, is our own (hypothèse).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

NAT_ID: Final = {
    "SIRET": "01",
    "TVA": "05",
    "HORS-UE": "06",
    "TAHITI": "07",
    "RIDET": "08",
    "FRWF": "10",
    "IREP": "11",
}
TYPE_TITULAIRE: Final = {"titulaire": "01", "co-traitant": "02"}

# Canton and arrondissement are not in the order of the DECP's list.
TYPE_CODE_LIEU: Final = {
    "Code postal": "01",
    "Code commune": "02",
    "Code canton": "03",
    "Code arrondissement": "04",
    "Code département": "05",
    "Code région": "06",
    "Code pays": "07",
}
FORME_PRIX: Final = {"Unitaire": "01", "Forfaitaire": "02", "Mixte": "03"}

# From the most to the least variable: the first one declared is kept.
VARIATION_PRIX: Final = {
    "Provisoire": "04",
    "Définitif révisable": "03",
    "Définitif actualisable": "02",
    "Définitif ferme": "01",
}
VARIATION_ACTE: Final = {"Ferme": "01", "Actualisable": "02", "Révisable": "03"}
GROUPEMENT: Final = {"Pas de groupement": "01", "Solidaire": "02", "Conjoint": "03"}
NO_GROUP: Final = "01"
CCAG: Final = {
    "Travaux": "01",
    "Fournitures courantes et services": "02",
    "Marchés industriels": "03",
    "Prestations intellectuelles": "04",
    "Techniques de l'information et de la communication": "05",
    "Pas de CCAG": "06",
    "Maitrise d'œuvre": "07",
}
CCAG_MAITRISE_OEUVRE: Final = "07"  # only since 5.30
TECHNIQUE: Final = {
    "Accord-cadre": "01",
    "Concours": "02",
    "Système de qualification": "03",
    "Système d'acquisition dynamique": "04",
    "Catalogue électronique": "05",
    "Enchère électronique": "06",
}
CONSIDERATION_SOCIALE: Final = {"Clause sociale": "01", "Critère social": "02", "Marché réservé": "03"}
CONSIDERATION_ENVIRONNEMENTALE: Final = {"Clause environnementale": "01", "Critère environnemental": "02"}
NATURE_CONCESSION: Final = {
    "Concession de travaux": "01",
    "Concession de service": "02",
    "Concession de service public": "03",
    "Délégation de service public": "04",
}
PROCEDURE_CONCESSION: Final = {
    "Procédure négociée ouverte": "01",
    "Procédure non négociée ouverte": "02",
    "Procédure négociée restreinte": "03",
    "Procédure non négociée restreinte": "04",
}

SANS_OBJET: Final = "Sans objet"
PAS_SOCIALE: Final = "Pas de considération sociale"
PAS_ENVIRONNEMENTALE: Final = "Pas de considération environnementale"

ACCORD_CADRE_BONS: Final = "03"  # NatureMarche
ACCORD_CADRE_SUBSEQUENTS: Final = "04"
MARCHE_SUBSEQUENT: Final = "05"

# What the marché's own codes of the PES are in the DECP. Procedures 08 (concours), 09 (SAD) and 10 (other) have no
# equivalent among its procedures.
NATURE_LABEL: Final = {"02": "Marché de partenariat"}
PROCEDURE_LABEL: Final = {
    "01": "Procédure adaptée",
    "02": "Appel d'offres ouvert",
    "03": "Appel d'offres restreint",
    "04": "Procédure avec négociation",
    "05": "Procédure avec négociation",
    "06": "Marché passé sans publicité ni mise en concurrence préalable",
    "07": "Dialogue compétitif",
}

TRANCHE_AFFERMIE: Final = "01"  # TypeTranche
TRANCHE_FERME: Final = "02"
TRANCHE_OPTIONNELLE: Final = "03"

NO_ADVANCE: Final = frozenset({"01", "05"})  # RegimeAvance: none, refused

# Defaults stated by the official comments: private company, commercial company.
CAT_TIERS_DEFAULT: Final = "50"
NAT_JUR_DEFAULT: Final = "03"

FRANCE: Final = "100"  # INSEE country code; the PES allows it but asks for none
FOREIGN_POSTCODE: Final = "99999"  # official instruction for suppliers abroad; their own code goes before the town


def reverse(table: Mapping[str, str]) -> dict[str, str]:
    """The labels by code."""
    return {code: label for label, code in table.items()}


def nature_label(nature: str) -> str:
    """Nature in the DECP of a NatureMarche: only the partnership has its own."""
    return NATURE_LABEL.get(nature, "Marché")


# Few codes, asked about for every file.
@cache
def techniques_of(nature: str, procedure: str) -> frozenset[str]:
    """Purchasing techniques that the marché's own codes say without a list of techniques (all that 5.17 has)."""
    found = set()
    if nature in (ACCORD_CADRE_BONS, ACCORD_CADRE_SUBSEQUENTS):
        found.add("Accord-cadre")
    if procedure == "08":
        found.add("Concours")
    if procedure == "09":
        found.add("Système d'acquisition dynamique")
    return frozenset(found or {SANS_OBJET})


def modalite_execution(modalites: Iterable[str]) -> str:
    """ModaliteExecution code: "Marchés subséquents" has none of its own and alone becomes "other"."""
    match ("Bons de commande" in modalites, "Tranches" in modalites):
        case (True, True):
            return "04"
        case (True, False):
            return "02"
        case (False, True):
            return "03"
    return "05" if "Marchés subséquents" in modalites else "01"


@cache
def modalites_of(code: str, nature: str) -> frozenset[str]:
    """What a ModaliteExecution says in the DECP; the nature says the rest (04: subsequent marchés)."""
    found = set()
    if code in ("02", "04"):
        found.add("Bons de commande")
    if code in ("03", "04"):
        found.add("Tranches")
    if nature == ACCORD_CADRE_SUBSEQUENTS:
        found.add("Marchés subséquents")
    return frozenset(found or {SANS_OBJET})
