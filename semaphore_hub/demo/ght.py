"""The fictitious GHT of the demo: six establishments and ten suppliers, none of which exists."""

from __future__ import annotations

from typing import Any

from semaphore_hub.demo.identifiers import finess, iban, siret

GHT = "FIC-2R"
NOM_GHT = "GHT Fictif des Deux Rives"
REGION = "BFC"
"""A real region, for its figures to stand somewhere; the GHT is fictitious."""
DEPUIS = "2020-01-01"

VALMONT = siret("26999910")
RIVEBELLE = siret("26999911")
OREE = siret("26999912")
HAUTECLAIRE = siret("26999913")
MORVAL = siret("26999914")
LANDEVAL = siret("26999915")
FINESS = {
    siret_of: finess(f"9907800{rank}")
    for rank, siret_of in enumerate((VALMONT, RIVEBELLE, OREE, HAUTECLAIRE, MORVAL, LANDEVAL), start=1)
}
"""FINESS juridique of each establishment, by SIRET."""
FINESS_VALMONT = FINESS[VALMONT]


def _etablissement(number: str, nom: str, geographique: str, role: str) -> dict[str, Any]:
    return {
        "siret": number,
        "nom": nom,
        "finessJuridique": FINESS[number],
        "finessGeographique": finess(geographique),
        "ght": GHT,
        "role": role,
        "dateDebut": DEPUIS,
    }


ETABLISSEMENTS: tuple[dict[str, Any], ...] = (
    _etablissement(VALMONT, "CH Fictif de Valmont", "99000001", "support"),
    _etablissement(RIVEBELLE, "CH Fictif de Rivebelle", "99000002", "partie"),
    _etablissement(OREE, "Hôpital Fictif de Sainte-Orée", "99000003", "partie"),
    _etablissement(HAUTECLAIRE, "EHPAD Fictif de Hauteclaire", "99000004", "partie"),
    _etablissement(MORVAL, "CH Fictif de Morval", "99000005", "partie"),
    _etablissement(LANDEVAL, "EHPAD Fictif de Landeval", "99000006", "partie"),
)


def _fournisseur(rank: int, nom: str, voie: str, ville: str) -> dict[str, Any]:
    return {
        "typeIdentifiant": "SIRET",
        "id": siret(f"999888{rank:02d}"),
        "denominationSociale": nom,
        "adresse": {"voie": voie, "codePostal": f"990{rank:02d}", "ville": ville},
        "compteBancaire": {
            "iban": iban(rank),
            "bic": "TESTFRPP",
            "titulaire": nom.upper()[:32],
            "banque": "BANQUE DE TEST",
        },
    }


FOURNISSEURS: dict[str, dict[str, Any]] = {
    "pharma": _fournisseur(1, "Fictipharma SAS", "1 rue de l'Exemple", "VALMONT"),
    "dispositifs": _fournisseur(2, "Fictimed Dispositifs SAS", "2 rue de l'Exemple", "VALMONT"),
    "restauration": _fournisseur(3, "Tables Fictives SA", "3 quai des Deux Rives", "RIVEBELLE"),
    "bâtiment": _fournisseur(4, "Bâtisseurs Fictifs SARL", "4 chemin du Chantier", "SAINTE-ORÉE"),
    "électricité": _fournisseur(5, "Électro-Fictif SARL", "5 chemin du Chantier", "SAINTE-ORÉE"),
    "réactifs": _fournisseur(6, "Réactifs Fictifs SAS", "6 impasse de l'Essai", "RIVEBELLE"),
    "énergie": _fournisseur(7, "Énergie Fictive SA", "7 place du Réseau", "VALMONT"),
    "informatique": _fournisseur(8, "Infogérance Fictive SAS", "8 allée du Serveur", "HAUTECLAIRE"),
    "services": _fournisseur(9, "Services Fictifs SCOP", "9 cours de l'Atelier", "RIVEBELLE"),
    "biomédical": _fournisseur(10, "Biomaint Fictif SAS", "10 avenue du Scanner", "VALMONT"),
}
"""Suppliers by the name the scenario gives them."""

REPRIS = "réactifs"
"""The supplier recorded before the hospital's GEF was connected, so the GEF never heard of it."""


def titulaire(nom: str, role: str = "titulaire", montant: str | None = None) -> dict[str, Any]:
    """A supplier as a holder of a marché."""
    holder = {"typeIdentifiant": "SIRET", "id": FOURNISSEURS[nom]["id"], "role": role}
    return holder if montant is None else {**holder, "montant": montant}
