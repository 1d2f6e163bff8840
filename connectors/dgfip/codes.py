"""Labels of the DECP to codes of the PES. Sources: comments of the official XSD 5.17 and 5.30, and DECP 2.0.4."""

from __future__ import annotations

NAT_ID = {
    "SIRET": "01",
    "TVA": "05",
    "HORS-UE": "06",
    "TAHITI": "07",
    "RIDET": "08",
    "FRWF": "10",
    "IREP": "11",
}
TYPE_TITULAIRE = {"titulaire": "01", "co-traitant": "02"}

# Canton and arrondissement are not in the order of the DECP's list.
TYPE_CODE_LIEU = {
    "Code postal": "01",
    "Code commune": "02",
    "Code canton": "03",
    "Code arrondissement": "04",
    "Code département": "05",
    "Code région": "06",
    "Code pays": "07",
}
FORME_PRIX = {"Unitaire": "01", "Forfaitaire": "02", "Mixte": "03"}

# From the most to the least variable: the first one declared is kept.
VARIATION_PRIX = {
    "Provisoire": "04",
    "Définitif révisable": "03",
    "Définitif actualisable": "02",
    "Définitif ferme": "01",
}
GROUPEMENT = {"Pas de groupement": "01", "Solidaire": "02", "Conjoint": "03"}
CCAG = {
    "Travaux": "01",
    "Fournitures courantes et services": "02",
    "Marchés industriels": "03",
    "Prestations intellectuelles": "04",
    "Techniques de l'information et de la communication": "05",
    "Pas de CCAG": "06",
    "Maitrise d'œuvre": "07",
}
CCAG_MAITRISE_OEUVRE = "07"  # only since 5.30
TECHNIQUE = {
    "Accord-cadre": "01",
    "Concours": "02",
    "Système de qualification": "03",
    "Système d'acquisition dynamique": "04",
    "Catalogue électronique": "05",
    "Enchère électronique": "06",
}
CONSIDERATION_SOCIALE = {"Clause sociale": "01", "Critère social": "02", "Marché réservé": "03"}
CONSIDERATION_ENVIRONNEMENTALE = {"Clause environnementale": "01", "Critère environnemental": "02"}

MARCHE_SUBSEQUENT = "05"  # NatureMarche

# Defaults stated by the official comments: private company, commercial company.
CAT_TIERS_DEFAULT = "50"
NAT_JUR_DEFAULT = "03"

FRANCE = "100"  # INSEE country code; the PES allows it but asks for none
FOREIGN_POSTCODE = "99999"  # official instruction for suppliers abroad; their own code goes before the town


def modalite_execution(modalites: tuple[str, ...]) -> tuple[str, bool]:
    """ModaliteExecution code, and whether something was lost ("Marchés subséquents" has no code of its own)."""
    subsequents = "Marchés subséquents" in modalites
    match ("Bons de commande" in modalites, "Tranches" in modalites):
        case (True, True):
            return "04", subsequents
        case (True, False):
            return "02", subsequents
        case (False, True):
            return "03", subsequents
    return ("05", True) if subsequents else ("01", False)
