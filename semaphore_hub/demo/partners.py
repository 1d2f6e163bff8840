"""The partners of the demo. A new mock joins with one more declaration in :data:`PARTNERS`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from semaphore_hub.demo.declaration import DemoPartner, Effect, Journal, Place, Settings
from semaphore_hub.demo.gef_partners import GEF_PARTNERS, lines_in_force
from semaphore_hub.demo.ght import FINESS_VALMONT, NOM_GHT, VALMONT
from semaphore_hub.demo.identifiers import iban
from semaphore_hub.demo.purchasing_partners import PURCHASING_PARTNERS

IBAN_FICTIF = iban(999)
CODE_COLLECTIVITE, CODE_COLLECTIVITE_ERRONE = "301", "103"
CODIQUE = "999999"
"""Made up, like the code of the collectivité: no accountant's office has it."""

COMPTES = ("6021", "6022", "60612", "611", "615", "231")
COMPTE_FERME = "2184"


def _dgfip_settings(place: Place) -> Settings:
    return {
        "siret": VALMONT,
        "idPost": CODIQUE,
        # Typed wrong on purpose: the scenario shows how the accountant's refusal is put right.
        "codCol": CODE_COLLECTIVITE_ERRONE,
        "codBud": "00",
        "libelleColBud": NOM_GHT,
        "finessJuridique": FINESS_VALMONT,
        # Imported open data carries neither the address nor the account of suppliers, and the PES wants both.
        "coordonneesParDefaut": {
            "adresse": {"voie": "ADRESSE NON COMMUNIQUEE", "codePostal": "99999", "ville": "NON COMMUNIQUEE"},
            "compteBancaire": {"iban": IBAN_FICTIF, "bic": "FICTFRPP", "titulaire": "COMPTE FICTIF"},
        },
        "baseUrl": place.base_url,
        "timeoutSeconds": 2.0,
        "depot": str(place.depot),
        "retour": str(place.retour),
    }


def _dgfip_effects(state: Mapping[str, Any], _journal: Journal) -> Iterable[Effect]:
    """Integrated sequences, by file."""
    for sequences in state["marches"].values():
        for one in sequences:
            yield one["file"], ""


def _gelf_settings(place: Place) -> Settings:
    return {
        "etablissement": FINESS_VALMONT,
        "ufParDefaut": "1000",
        "compteParDefaut": "611",
        "comptesParCPV": {
            "336": "6021",
            "331": "6022",
            "09": "60612",
            "391": COMPTE_FERME,
            "45": "231",
            "50": "615",
            "72": "615",
        },
        "baseUrl": place.base_url,
        "delaiSecondes": 10.0,
        "dossierSortant": str(place.depot),
        "dossierEntrant": str(place.retour),
    }


def _daj_settings(place: Place) -> Settings:
    return {
        "baseUrl": place.base_url,
        "timeoutSeconds": 2.0,
        "depot": str(place.depot),
        "retour": str(place.retour),
    }


def _daj_effects(state: Mapping[str, Any], _journal: Journal) -> Iterable[Effect]:
    """Deposits whose record was accepted, by file; a report said twice is one effect."""
    reports = [json.loads(one["body"]) for one in state["comptesRendus"].values()]
    return {(one["nomFichier"], "") for one in reports if one["verdict"] == "accepte"}


_FIRST: tuple[DemoPartner, ...] = (
    DemoPartner(id="daj", label="DAJ, portail national fictif", settings=_daj_settings, effects=_daj_effects),
    DemoPartner(
        id="dgfip",
        label="DGFIP, trésorerie fictive de Valmont",
        settings=_dgfip_settings,
        effects=_dgfip_effects,
        options={
            "budgets": [
                {"siret": VALMONT, "codique": CODIQUE, "codCol": CODE_COLLECTIVITE, "finess": FINESS_VALMONT},
            ]
        },
    ),
    DemoPartner(
        id="gef_ideo_gelf",
        label="IDEO GELF du CH Fictif de Valmont",
        settings=_gelf_settings,
        effects=lines_in_force,
        options={
            "version": "1.8",
            # This mock takes the files of an older version; it is the hub that keeps the API for version 2.0.
            "versionMinimum": "1.5",
            "etablissements": [FINESS_VALMONT],
            "ufs": ["1000"],
            "comptes": list(COMPTES),
        },
        known_suppliers=frozenset(),
        product_version="1.8",
        opened={"etablissements": None, "ufs": None, "comptes": None, "tiersConnus": None},
    ),
)

PARTNERS: tuple[DemoPartner, ...] = tuple(
    sorted((*_FIRST, *GEF_PARTNERS, *PURCHASING_PARTNERS), key=lambda partner: partner.id)
)
"""Every partner, by id."""
