"""What breaks each rule of the common GEF model, said once: a valid document, and what is changed in it."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import contracts
from tests.contracts.gef.syntaxes import Document

ABSENT = object()
"""Takes a key away."""
MESSAGE, FLUX, REPONSE = "gef/message-json/1", "gef/flux-json/1", "gef/compte-rendu-json/1"

IMAGERIE = {"typeIdentifiant": "SIRET", "id": "99900101900010"}
AUTRE_SIRET = "99900103500016"
_BELGE = {"typeIdentifiant": "TVA", "id": "BE0999999922"}
_LIGNE_BELGE = {"titulaire": _BELGE, "uf": "2110", "compte": "2154"}
_REJET = {"statut": "rejete", "code": "UF_INCONNUE"}


@dataclass(frozen=True, slots=True)
class Break:
    """One change of a valid document that breaks one rule.

    Attributes:
        rule: broken in every syntax whose contract has it.
        label: end of the name of the example.
        base: JSON contract and name of the valid example.
        changes: dotted places in it and what is put there.
        only: syntaxes in which it can be said ("json", "xml", "csv").
    """

    rule: str
    label: str
    base: tuple[str, str]
    changes: dict[str, Any]
    only: tuple[str, ...] = ("json", "xml", "csv")

    @property
    def name(self) -> str:
        """Of the example, without its extension."""
        return f"{self.rule}__{self.label}"

    def document(self) -> Document:
        """The broken document."""
        return changed(valid(*self.base), self.changes)


def valid(contract_id: str, name: str) -> Document:
    """A valid example of a JSON contract."""
    path = contracts.get(contract_id).folder / "examples" / "valid" / f"{name}.json"
    found: Document = json.loads(path.read_text("utf-8"))
    return found


def changed(document: Document, changes: dict[str, Any]) -> Document:
    """A copy of a document with values put at dotted places (``marche.titulaires.0.id``)."""
    made = copy.deepcopy(document)
    for place, value in changes.items():
        *parents, last = place.split(".")
        holder: Any = made
        for step in parents:
            holder = holder[int(step) if isinstance(holder, list) else step]
        if value is ABSENT:
            del holder[last]
        else:
            holder[int(last) if isinstance(holder, list) else last] = copy.deepcopy(value)
    return made


def _message(rule: str, label: str, name: str, changes: dict[str, Any], *only: str) -> Break:
    return Break(rule, label, (MESSAGE, name), changes, only or ("json", "xml", "csv"))


def _flux(rule: str, label: str, name: str, changes: dict[str, Any], *only: str) -> Break:
    return Break(rule, label, (FLUX, name), changes, only or ("json", "xml", "csv"))


def _reponse(rule: str, label: str, name: str, changes: dict[str, Any], *only: str) -> Break:
    return Break(rule, label, (REPONSE, name), changes, only or ("json", "xml", "csv"))


TREES = ("json", "xml")
MESSAGES = (
    _message("GEFC-PARTIES", "sans_motif", "correction", {"motif": ABSENT}),
    _message("GEFC-PARTIES", "motif_en_trop", "marche", {"motif": "Sans objet"}),
    _message("GEFC-PARTIES", "sans_modification", "modification", {"modification": ABSENT}),
    _message("GEFC-PARTIES", "sans_evenement", "evenement_resiliation", {"evenement": ABSENT}),
    _message("GEFC-PARTIES", "sans_imputations", "marche", {"imputations": ABSENT}, *TREES),
    _message("GEFC-PARTIES", "sans_codes", "nomenclature", {"codes": ABSENT}, *TREES),
    _message("GEFC-PARTIES", "motif_du_fournisseur", "fournisseur_creation", {"motif": "Sans objet"}, *TREES),
    _message("GEFC-PARTIES", "produits_dans_nomenclature", "produits", {"typeMessage": "nomenclature"}, *TREES),
    _message("GEFC-PARTIES", "modification_en_trop", "modification", {"typeMessage": "marche"}),
    _message("GEFC-LIGNES", "trou", "marche", {"imputations.1.ligne": 3}),
    _message("GEFC-LIGNES", "desordre", "produits", {"produits.lignes.0.ligne": 2, "produits.lignes.1.ligne": 1}),
    _message(
        "GEFC-DOUBLON",
        "imputation",
        "marche_lot_titulaire_etranger",
        {"imputations": [{"ligne": 1, **_LIGNE_BELGE}, {"ligne": 2, **_LIGNE_BELGE}]},
    ),
    _message("GEFC-DOUBLON", "code", "nomenclature", {"codes.1.code": "18.11"}),
    _message(
        "GEFC-DOUBLON",
        "produit",
        "produits",
        {"produits.lignes.1.reference": "IMG-100", "produits.lignes.1.fournisseur": IMAGERIE},
    ),
    _message(
        "GEFC-DOUBLON",
        "titulaire",
        "marche",
        {
            "marche.titulaires.1.id": IMAGERIE["id"],
            "imputations.1.titulaire.id": IMAGERIE["id"],
            "imputations.1.uf": "1001",
        },
        *TREES,
    ),
    _message("GEFC-TITULAIRES", "inconnu", "marche", {"imputations.1.titulaire.id": AUTRE_SIRET}),
    _message(
        "GEFC-TITULAIRES",
        "sans_imputation",
        "marche",
        {"imputations.1.titulaire": IMAGERIE, "imputations.1.uf": "1001"},
    ),
    _message(
        "GEFC-TITULAIRES",
        "sous_traitant",
        "evenement_tranche_affermie",
        {"marche.sousTraitants.0.titulaire": AUTRE_SIRET},
    ),
    _message("GEFC-ETAT", "montant", "modification", {"marche.montantHT": "200000.00"}),
    _message("GEFC-ETAT", "duree", "modification", {"marche.dureeMois": 36}),
    _message("GEFC-DATES", "marche", "marche", {"marche.dateFin": "2026-11-30"}),
    _message("GEFC-DATES", "tranche", "evenement_tranche_affermie", {"marche.tranches.1.fin": "2027-03-31"}, *TREES),
    _message(
        "GEFC-DATES", "reconduction", "evenement_tranche_affermie", {"marche.reconductions.0.fin": "2029-11-30"}, *TREES
    ),
    _message("GEFC-DATES", "produit", "produits", {"produits.lignes.2.dateFin": "2025-12-31"}),
    _message("GEFC-DECOUPAGE", "partie_de_trop", "produits", {"produits.partie": 2}),
    _message("GEFC-TIERS", "fournisseur", "fournisseur_creation", {"fournisseur.id": "9990010190001"}),
    _message(
        "GEFC-TIERS",
        "titulaire",
        "marche",
        {"marche.titulaires.1.id": "RCS 999001027", "imputations.1.titulaire.id": "RCS 999001027"},
    ),
    _message("GEFC-TIERS", "produit", "produits", {"produits.lignes.0.fournisseur.id": "999001019"}),
    _message("GEFC-GTIN", "cle", "produits", {"produits.lignes.0.gtin": "3769999000016"}),
    _message("GEFC-GTIN", "longueur", "produits", {"produits.lignes.0.gtin": "37699990000"}),
    _message("GEFC-UCD", "prefixe", "produits", {"produits.lignes.0.codeUCD": "3400999999991"}),
    _message("GEFC-CIP", "cle", "produits", {"produits.lignes.0.codeCIP13": "3400999999990"}),
    _message("GEFC-CIP", "ucd", "produits", {"produits.lignes.0.codeCIP13": "3400899999992"}),
    _message("GEFC-TVA", "ancien_taux", "produits", {"produits.lignes.1.tauxTVA": "19.6"}),
    _message("GEFC-COMPTE", "classe_4", "marche", {"imputations.0.compte": "401100"}),
    _message("GEFC-SIRET", "acheteur", "marche", {"marche.acheteur.siret": "26999001600018"}),
    _message("GEFC-SIRET", "beneficiaire", "marche", {"marche.beneficiaires.1.siret": "26999002400012"}),
    _message("GEFC-SIRET", "fournisseur", "fournisseur_creation", {"fournisseur.id": "99900101900011"}),
    _message("GEFC-SIRET", "produit", "produits", {"produits.lignes.0.fournisseur.id": "99900101900011"}),
    _message(
        "GEFC-SIRET",
        "sous_traitant",
        "evenement_tranche_affermie",
        {"marche.sousTraitants.0.id": "99900102700014"},
        *TREES,
    ),
    _message("GEFC-FINESS", "destinataire", "nomenclature", {"etablissement": "990780018"}),
    _message("GEFC-FINESS", "fournisseur", "fournisseur_creation", {"etablissement": "990780018"}),
    _message("GEFC-FINESS", "produits", "produits", {"etablissement": "990780018"}),
    _message("GEFC-FINESS", "acheteur", "marche", {"marche.acheteur.finess": "990780018"}),
    _message("GEFC-SCHEMA", "decimales", "marche", {"marche.montantHT": "200000.001"}),
    _message("GEFC-SCHEMA", "date_impossible", "marche", {"marche.dateFin": "2029-02-30"}),
    _message("GEFC-SCHEMA", "version", "marche", {"version": "2"}),
    _message("GEFC-SCHEMA", "instant_local", "fournisseur_creation", {"emisLe": "2026-11-02T08:00:00+01:00"}),
    _message("GEFC-SCHEMA", "siret_court", "marche", {"marche.acheteur.siret": "2699900160001"}),
    _message("GEFC-SCHEMA", "evenement_inconnu", "evenement_resiliation", {"evenement.type": "avenant"}),
    _message("GEFC-SCHEMA", "mouvement_inconnu", "produits", {"produits.lignes.0.mouvement": "X"}),
    _message("GEFC-SCHEMA", "prix_a_sept_decimales", "produits", {"produits.lignes.0.prixUnitaireHT": "1.2345678"}),
    _message("GEFC-SCHEMA", "libelle_vide", "nomenclature", {"codes.0.libelle": ""}),
    _message(
        "GEFC-SCHEMA",
        "compte_bancaire",
        "fournisseur_creation",
        {"fournisseur.iban": "FR7699999999999999999999999"},
        *TREES,
    ),
    _message("GEFC-SCHEMA", "type_inconnu", "marche", {"typeMessage": "autre"}, *TREES),
    _message("GEFC-SCHEMA", "montant_nombre", "marche", {"marche.montantHT": 200000}, "json"),
)
FLUX_BREAKS = (
    _flux("GEFC-LIGNES", "trou", "commandes", {"lignes.2.ligne": 5, "nombreLignes": 3}),
    _flux("GEFC-LIGNES", "desordre", "structures", {"lignes.0.ligne": 2, "lignes.1.ligne": 1}),
    _flux("GEFC-LIGNES", "desordre", "comptes", {"lignes.0.ligne": 2, "lignes.1.ligne": 1}),
    _flux("GEFC-LIGNES", "desordre", "fournisseurs", {"lignes.0.ligne": 2, "lignes.1.ligne": 1}),
    _flux("GEFC-LIGNES", "desordre", "receptions", {"lignes.0.ligne": 2, "lignes.1.ligne": 1}),
    _flux("GEFC-LIGNES", "trop_de_lignes", "mandats", {"nombreLignes": 1}),
    _flux("GEFC-LIGNES", "flux_coupe", "mandats", {"nombreLignes": 3}, *TREES),
    _flux("GEFC-DOUBLON", "uf", "structures", {"lignes.1.codeUF": "1000"}),
    _flux("GEFC-DOUBLON", "compte", "comptes", {"lignes.1.compte": "61558"}),
    _flux("GEFC-DOUBLON", "tiers", "fournisseurs", {"lignes.1.codeTiers": "T000123"}),
    _flux("GEFC-DOUBLON", "ligne_de_commande", "commandes", {"lignes.1.ligneCommande": 1}),
    _flux("GEFC-DOUBLON", "ligne_de_reception", "receptions", {"lignes.1.numeroReception": "R26000031"}),
    _flux("GEFC-DOUBLON", "ligne_de_mandat", "mandats", {"lignes.1.numeroMandat": "11042", "lignes.1.exercice": 2026}),
    _flux("GEFC-TTC", "deux_centimes", "mandats", {"lignes.0.montantTTC": "504.22"}),
    _flux("GEFC-PRIX", "montant", "commandes", {"lignes.1.montantHT": "1200.02"}),
    _flux("GEFC-EXERCICE", "suivant", "mandats", {"lignes.0.exercice": 2028}),
    _flux("GEFC-EXERCICE", "ancien", "mandats", {"lignes.0.exercice": 2025}),
    _flux("GEFC-BUDGET", "lettre", "comptes", {"lignes.2.budget": "Z"}),
    _flux("GEFC-COMPTE", "commande", "commandes", {"lignes.2.compte": "4011"}),
    _flux("GEFC-COMPTE", "mandat", "mandats", {"lignes.1.compte": "1641"}),
    _flux("GEFC-TIERS", "tiers", "fournisseurs", {"lignes.0.id": "999001019"}),
    _flux("GEFC-TIERS", "mandat", "mandats", {"lignes.0.fournisseur.id": "999001019"}),
    _flux("GEFC-SIRET", "tiers", "fournisseurs", {"lignes.0.id": "99900101900011"}),
    _flux("GEFC-SIRET", "mandat", "mandats", {"lignes.0.fournisseur.id": "99900101900011"}),
    _flux("GEFC-FINESS", "structure", "structures", {"lignes.0.finessGeographique": "990780036"}),
    *(
        _flux("GEFC-FINESS", f"emetteur_{kind}", kind, {"etablissement": "990780018"})
        for kind in ("comptes", "fournisseurs", "commandes", "receptions", "mandats")
    ),
    _flux(
        "GEFC-SCHEMA",
        "numero_de_marche_trop_long",
        "mandats",
        {"lignes.0.numeroMarche": "2026VAL002-00-REFERENCE-LIBRE-1"},
    ),
    _flux("GEFC-SCHEMA", "quantite_a_cinq_decimales", "commandes", {"lignes.1.quantite": "1.50001"}),
    _flux("GEFC-SCHEMA", "quantite_texte", "receptions", {"lignes.0.quantite": "quarante"}),
    _flux("GEFC-SCHEMA", "budget_long", "comptes", {"lignes.0.budget": "H1"}),
    _flux("GEFC-SCHEMA", "uf_avec_espace", "structures", {"lignes.0.codeUF": "10 00"}),
    _flux("GEFC-SCHEMA", "denomination_vide", "fournisseurs", {"lignes.0.denominationSociale": ""}),
    _flux("GEFC-SCHEMA", "compte_bancaire", "fournisseurs", {"lignes.0.iban": "FR7699999999999999999999999"}, *TREES),
    _flux("GEFC-SCHEMA", "lignes_d_un_autre_type", "structures", {"typeFlux": "receptions"}, "json"),
)
REPONSES = (
    _reponse("GEFC-VERDICT", "accepte_avec_rejet", "partiel", {"verdict": "accepte"}),
    _reponse("GEFC-VERDICT", "rejete_avec_accepte", "partiel", {"verdict": "rejete"}),
    _reponse("GEFC-VERDICT", "partiel_avec_attente", "en_attente", {"verdict": "partiel"}),
    _reponse("GEFC-VERDICT", "attente_sans_ligne_en_attente", "accepte", {"verdict": "en_attente"}, *TREES),
    _reponse("GEFC-VERDICT", "partiel_tout_accepte", "accepte", {"verdict": "partiel"}, *TREES),
    _reponse("GEFC-VERDICT", "partiel_sans_ligne", "en_attente_sans_ligne", {"verdict": "partiel"}, *TREES),
    _reponse("GEFC-REJET", "ligne", "rejete", {"lignes.0.code": ABSENT}),
    _reponse("GEFC-REJET", "ensemble", "rejete_en_entier", {"motif": ABSENT}),
    _reponse("GEFC-REPONSES", "deux_reponses", "partiel", {"lignes.1": {"ligne": 1, **_REJET}}),
    _reponse("GEFC-SCHEMA", "verdict_inconnu", "accepte", {"verdict": "ok"}),
    _reponse("GEFC-SCHEMA", "code_en_minuscules", "rejete", {"lignes.0.code": "tiers invalide"}),
    _reponse("GEFC-SCHEMA", "sans_message", "accepte", {"idMessage": ABSENT}),
    _reponse("GEFC-SCHEMA", "ligne_zero", "accepte", {"lignes.0.ligne": 0}, *TREES),
)
BREAKS = MESSAGES + FLUX_BREAKS + REPONSES
