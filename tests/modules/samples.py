"""Bodies of valid requests; the organisations are visibly fictitious, their keys are right."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from stdnum import luhn


def siret(siren_start: str, nic: str = "0001") -> str:
    """A SIRET whose two keys are right, from eight digits of a SIREN."""
    siren = siren_start + luhn.calc_check_digit(siren_start)
    return siren + nic + luhn.calc_check_digit(siren + nic)


SUPPORT = siret("26999901")
PARTIE = siret("26999902")
FICTIMED = siret("99988801")
PHARMAFICTIF = siret("99988802")

_MARCHE: dict[str, Any] = {
    "id": "DM001",
    "acheteur": {"id": SUPPORT},
    "nature": "Marché",
    "objet": "Fourniture de dispositifs médicaux stériles",
    "codeCPV": "33140000-3",
    "techniques": ["Accord-cadre"],
    "modalitesExecution": ["Bons de commande"],
    "marcheInnovant": False,
    "ccag": "Fournitures courantes et services",
    "offresRecues": 4,
    "attributionAvance": True,
    "tauxAvance": 0.05,
    "typeGroupementOperateurs": "Pas de groupement",
    "sousTraitanceDeclaree": False,
    "procedure": "Appel d'offres ouvert",
    "lieuExecution": {"code": "59606", "typeCode": "Code commune"},
    "dureeMois": 24,
    "montant": "200000.00",
    "typesPrix": ["Définitif révisable"],
    "formePrix": "Unitaire",
    "origineUE": 0.6,
    "origineFrance": 0.45,
    "titulaires": [{"typeIdentifiant": "SIRET", "id": FICTIMED}],
    "considerationsSociales": ["Clause sociale", "Critère social"],
    "considerationsEnvironnementales": ["Critère environnemental"],
    "complements": {
        "urlProfilAcheteur": "https://www.marches-publics.gouv.fr",
        "montantEstimatif": True,
        "montantEstime": "400000.00",
        "dateSignature": "2026-02-20",
        "reconductibilite": "02",
        "penalite": True,
        "nomLieuExecution": "Valmont",
    },
}

NOTIFICATION = {"dateNotification": "2026-03-01", "datePublicationDonnees": "2026-03-02"}
MODIFICATION = {
    "objet": "Ajout de références",
    "dateNotificationModification": "2026-09-01",
    "datePublicationDonneesModification": "2026-09-10",
    "montant": "215000.00",
}
FOURNISSEUR: dict[str, Any] = {
    "typeIdentifiant": "SIRET",
    "id": FICTIMED,
    "denominationSociale": "Fictimed SAS",
    "adresse": {"voie": "1 rue de l'Exemple", "codePostal": "59300", "ville": "VALMONT"},
    "compteBancaire": {"iban": "FR7630006000011234567890189", "bic": "AGRIFRPP", "titulaire": "FICTIMED SAS"},
}
SUPPORT_CH: dict[str, Any] = {
    "siret": SUPPORT,
    "nom": "CH Fictif de Valmont",
    "finessJuridique": "990780009",
    "ght": "FIC-01",
    "role": "support",
    "dateDebut": "2024-01-01",
}


def marche(**changes: Any) -> dict[str, Any]:
    """A valid new marché, with changes; ``None`` removes a field, a dict is merged into the field's."""
    return changed(_MARCHE, **changes)


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of a body with changes, as in :func:`marche`."""
    body = deepcopy(base)
    for name, value in changes.items():
        if value is None:
            body.pop(name, None)
        elif isinstance(value, dict) and isinstance(body.get(name), dict):
            body[name] = {k: v for k, v in {**body[name], **value}.items() if v is not None}
        else:
            body[name] = value
    return body
