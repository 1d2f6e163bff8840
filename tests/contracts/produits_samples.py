"""Lines of « produits en marché » files: right ones, and for each rule a change that breaks it."""

from __future__ import annotations

from contracts.rules.produits_table import columns

HEADER = tuple(columns().cells)
LINE = {
    "operateur": "CENTRALE FICTIVE",
    "numero_marche": "2026DM001",
    "numero_lot": "3",
    "libelle_lot": "Seringues",
    "objet_marche": "Dispositifs médicaux stériles",
    "fournisseur_siret": "99988801900018",
    "fournisseur_nom": "MEDICAL FICTIF SAS",
    "reference_fournisseur": "SER-10",
    "libelle_produit": "Seringue fictive 10 ml",
    "type_produit": "DM",
    "gtin": "3401234567890",
    "code_cladimed": "K50BI02",
    "classe_dm": "IIa",
    "unite_prix": "UNITE",
    "prix_unitaire_ht": "0,0875",
    "taux_tva": "20",
    "prix_unitaire_ttc": "0,105",
    "quantite_par_conditionnement": "100",
    "unite_commande": "BOITE",
    "minimum_commande": "1",
    "remise_pct": "2,5",
    "date_debut": "2026-01-01",
    "date_fin": "2026-12-31",
    "date_maj": "2026-01-15",
    "beneficiaires": "990780009|990780017",
    "statut": "actif",
}
DRUG = {
    **LINE,
    "reference_fournisseur": "PARA-1",
    "libelle_produit": "Paracétamol fictif 1 g",
    "type_produit": "MED",
    "gtin": "03400935955838",
    "code_cladimed": "",
    "classe_dm": "",
    "code_ucd": "3400892611044",
    "code_cip13": "3400935955838",
    "code_atc": "N02BE01",
    "prix_unitaire_ht": "1.25",
    "taux_tva": "2,1",
    "prix_unitaire_ttc": "",
}
BREAKING: dict[str, list[tuple[str, dict[str, str]]]] = {
    "PEM-SIRET": [
        ("", {"fournisseur_siret": "99988801900019"}),
        ("siren", {"fournisseur_siret": "12345678900007"}),
        ("court", {"fournisseur_siret": "999888019"}),
    ],
    "PEM-GTIN": [
        ("", {"gtin": "3401234567891"}),
        ("longueur", {"gtin": "34012345678"}),
        ("signe", {"gtin": "+340123456789"}),
    ],
    "PEM-CIP": [
        ("", {"code_cip13": "3400935955839"}),
        ("ucd", {"code_cip13": "3400892611044"}),
        ("prefixe", {"code_cip13": "3401234567890"}),
    ],
    "PEM-UCD": [("", {"code_ucd": "3400892611045"}), ("prefixe", {"code_ucd": "3400935955838"})],
    "PEM-ATC": [("", {"code_atc": "N02BE1"})],
    "PEM-LPP": [("", {"code_lpp": "123456"})],
    "PEM-CLADIMED": [("", {"code_cladimed": "50BI02"})],
    "PEM-PRIX": [
        ("", {"prix_unitaire_ht": "0", "prix_unitaire_ttc": ""}),
        ("negatif", {"prix_unitaire_ht": "-1,5", "prix_unitaire_ttc": ""}),
    ],
    "PEM-TVA": [("", {"taux_tva": "19,6", "prix_unitaire_ttc": ""})],
    "PEM-TTC": [("", {"prix_unitaire_ttc": "0,1251"})],
    "PEM-QUANTITE": [
        ("", {"quantite_par_conditionnement": "0"}),
        ("minimum", {"minimum_commande": "0"}),
    ],
    "PEM-REMISE": [("", {"remise_pct": "100,01"})],
    "PEM-DATES": [("", {"date_fin": "2025-12-31"})],
    "PEM-FINESS": [("", {"beneficiaires": "990780009;990780017".replace(";", " ")})],
    "PEM-FINESS-CLE": [("", {"beneficiaires": "990780009|990780018"})],
    "PEM-SCHEMA": [
        ("prix_texte", {"prix_unitaire_ht": "gratuit", "prix_unitaire_ttc": ""}),
        ("date", {"date_debut": "31/12/2026"}),
        ("date_impossible", {"date_fin": "2026-02-30"}),
        ("obligatoire", {"libelle_produit": ""}),
        ("type", {"type_produit": "LIVRE"}),
        ("mouvement", {"code_mouvement": "X"}),
        ("longueur", {"unite_prix": "U" * 31}),
        ("decimales", {"prix_unitaire_ht": "1,1234567", "prix_unitaire_ttc": ""}),
    ],
}
"""By rule: a name for the example, and the cells that break it."""


def text_of(*lines: dict[str, str], header: tuple[str, ...] = HEADER, end: str = "\n") -> str:
    """A file of these lines, separated by ``;``; cells that hold one, a quote or an end of line are quoted."""
    rows = [";".join(header), *(";".join(_quoted(line.get(name, "")) for name in header) for line in lines)]
    return end.join([*rows, ""])


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ';"\n') else cell
