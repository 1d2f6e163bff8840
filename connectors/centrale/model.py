"""The documents exchanged, as plain values in the shape of their JSON form, and the columns of their CSV form.

Texts are texts, ranks are ``int``, amounts are texts with a decimal point ("48000.00", euros); what has no value has no
key. Everything here is an assumption ("hypothèse"): see ``contracts/uniha`` and ``contracts/resah``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

VERSION = "1"
ADHESION = "adhesion"
"""Message type (manifest) of everything the hub says."""
OUTBOUND_FILE_TYPE = "ADH"
INBOUND_FILE_TYPES = frozenset({"ACQ", "ETA", "MAR", "PRO"})
"""TYPE in file names: acquittements, états, marchés, produits."""


def format_key(centrale: str) -> str:
    """The key that says the version of the format; it also tells the two cooperatives apart."""
    return f"format{centrale.capitalize()}"


def format_column(centrale: str) -> str:
    """The same in CSV."""
    return f"format_{centrale}"


Columns = Mapping[str, tuple[str, ...]]
"""Column to place in the document."""

ADHESION_COLUMNS: Columns = {
    "id_message": ("idMessage",),
    "emis_le": ("emisLe",),
    "emetteur": ("emetteur",),
    "action": ("action",),
    "uid": ("adhesion", "uid"),
    "numero_marche": ("adhesion", "numeroMarche"),
    "lot": ("adhesion", "lot"),
    "etablissement_siret": ("adhesion", "etablissement", "siret"),
    "etablissement_nom": ("adhesion", "etablissement", "nom"),
    "etablissement_finess": ("adhesion", "etablissement", "finess"),
    "date_entree": ("adhesion", "dateEntree"),
    "date_fin": ("adhesion", "dateFin"),
    "besoin_ttc": ("adhesion", "besoinTTC"),
    "etablissement_facture": ("adhesion", "etablissementFacture"),
}
ACQUITTEMENT_COLUMNS: Columns = {
    "id_acquittement": ("idAcquittement",),
    "id_message": ("idMessage",),
    "uid": ("uid",),
    "action": ("action",),
    "emis_le": ("emisLe",),
    "verdict": ("verdict",),
    "code": ("code",),
    "libelle": ("libelle",),
}
ETAT_COLUMNS: Columns = {
    "id_etat": ("idEtat",),
    "uid": ("uid",),
    "numero_marche": ("numeroMarche",),
    "emis_le": ("emisLe",),
    "statut": ("statut",),
    "date_entree": ("dateEntree",),
    "date_fin": ("dateFin",),
    "redevance_ttc": ("redevanceTTC",),
    "motif": ("motif",),
}
ENVOI_COLUMNS: Columns = {
    "id_envoi": ("idEnvoi",),
    "emis_le": ("emisLe",),
    "acheteur_siret": ("acheteur", "siret"),
    "acheteur_nom": ("acheteur", "nom"),
}
MARCHE_COLUMNS: Columns = {
    "marche_numero": ("numero",),
    "marche_objet": ("objet",),
    "marche_code_cpv": ("codeCPV",),
    "marche_procedure": ("procedure",),
    "marche_techniques": ("techniques",),
    "marche_modalites_execution": ("modalitesExecution",),
    "marche_forme_prix": ("formePrix",),
    "marche_types_prix": ("typesPrix",),
    "marche_ccag": ("ccag",),
    "marche_offres_recues": ("offresRecues",),
    "lieu_code": ("lieuExecution", "code"),
    "lieu_type_code": ("lieuExecution", "typeCode"),
    "marche_date_notification": ("dateNotification",),
    "marche_date_publication": ("datePublicationDonnees",),
    "marche_date_debut": ("dateDebut",),
    "marche_date_fin": ("dateFin",),
    "marche_duree_mois": ("dureeMois",),
}
LOT_COLUMNS: Columns = {
    "lot_numero": ("numero",),
    "lot_numero_marche": ("numeroMarche",),
    "lot_intitule": ("intitule",),
    "lot_montant_ht": ("montantHT",),
    "lot_statut": ("statut",),
    "lot_type_groupement": ("typeGroupementOperateurs",),
    "lot_beneficiaires": ("beneficiaires",),
}
TITULAIRE_COLUMNS: Columns = {
    "titulaire_type_identifiant": ("typeIdentifiant",),
    "titulaire_id": ("id",),
    "titulaire_denomination_sociale": ("denominationSociale",),
    "titulaire_role": ("role",),
    "titulaire_montant_ht": ("montantHT",),
}
WHOLE_NUMBERS = frozenset({"lot", "lot_numero", "marche_duree_mois", "marche_offres_recues"})
AMOUNTS = frozenset({"besoin_ttc", "redevance_ttc", "lot_montant_ht", "titulaire_montant_ht"})
LISTS = frozenset({"marche_techniques", "marche_modalites_execution", "marche_types_prix", "lot_beneficiaires"})
"""Columns whose cells are lists, separated by « | »."""

PRODUIT_COLUMNS: Mapping[str, str] = {
    "operateur": "operateur",
    "numero_marche": "numeroMarche",
    "numero_lot": "numeroLot",
    "libelle_lot": "libelleLot",
    "objet_marche": "objetMarche",
    "fournisseur_siret": "fournisseurSiret",
    "fournisseur_nom": "fournisseurNom",
    "reference_fournisseur": "referenceFournisseur",
    "libelle_produit": "libelleProduit",
    "famille": "famille",
    "code_nomenclature": "codeNomenclature",
    "type_produit": "typeProduit",
    "code_ucd": "codeUcd",
    "code_cip13": "codeCip13",
    "gtin": "gtin",
    "code_atc": "codeAtc",
    "code_lpp": "codeLpp",
    "code_cladimed": "codeCladimed",
    "classe_dm": "classeDm",
    "unite_prix": "unitePrix",
    "prix_unitaire_ht": "prixUnitaireHT",
    "taux_tva": "tauxTVA",
    "prix_unitaire_ttc": "prixUnitaireTTC",
    "conditionnement_libelle": "conditionnementLibelle",
    "quantite_par_conditionnement": "quantiteParConditionnement",
    "unite_commande": "uniteCommande",
    "minimum_commande": "minimumCommande",
    "franco": "franco",
    "remise_pct": "remisePct",
    "delai_livraison_j": "delaiLivraisonJ",
    "marque": "marque",
    "fabricant": "fabricant",
    "date_debut": "dateDebut",
    "date_fin": "dateFin",
    "date_maj": "dateMaj",
    "code_mouvement": "codeMouvement",
    "beneficiaires": "beneficiaires",
    "statut": "statut",
}
"""Columns of commun/produits-en-marche/1, in their order, and the keys of a line of the API."""
