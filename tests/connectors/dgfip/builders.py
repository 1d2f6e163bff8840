"""Marchés, events and settings for the tests; every organisation is visibly fictitious, every key is valid."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import connectors.dgfip
from connectors.dgfip.connector import DgfipConnector, create
from connectors.dgfip.settings import DgfipSettings
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import MARCHE_NOTIFIE, Event
from semaphore_hub.ports.manifest import load_manifest

FOLDER = Path(connectors.dgfip.__file__).parent
GOLDEN = FOLDER / "golden"
BUYER = "26990001500018"
PARTY = "26990002300012"

SETTINGS: dict[str, Any] = {
    "siret": BUYER,
    "idPost": "099001",
    "codCol": "010",
    "libelleColBud": "CH FICTIF DE VALMONT",
    "finessJuridique": "990780009",
}


def connector() -> DgfipConnector:
    """The connector as the hub makes it."""
    return create(load_manifest(FOLDER / "manifest.toml"))


def settings(**changes: Any) -> DgfipSettings:
    """Settings of the fictitious hospital."""
    return DgfipSettings.model_validate({**SETTINGS, **changes})


def supplier(number: int = 1) -> dict[str, Any]:
    """A complete supplier."""
    return {
        "typeIdentifiant": "SIRET",
        "id": {1: "99988801900018", 2: "99988802700011", 3: "99988803500014"}[number],
        "denominationSociale": f"FOURNITURES FICTIVES {number} SAS",
        "adresse": {"voie": f"{number} RUE DE L'EXEMPLE", "codePostal": "99000", "ville": "VALMONT-FICTIF"},
        "compteBancaire": {
            "iban": "FR7699999000010000000000115",
            "bic": "FICTFRPP",
            "titulaire": f"FOURNITURES FICTIVES {number} SAS",
        },
    }


def establishment(siret: str, name: str, role: str) -> dict[str, Any]:
    """A hospital of the fictitious GHT."""
    return {"siret": siret, "nom": name, "role": role, "ght": "TEST-01"}


def marche(**changes: Any) -> dict[str, Any]:
    """A simple marché of supplies, one holder, one buyer; ``complements`` are merged, other fields replaced."""
    base: dict[str, Any] = {
        "uid": "01990000-0000-7000-8000-000000000001",
        "id": "2026DM001",
        "acheteur": establishment(BUYER, "CH FICTIF DE VALMONT", "support"),
        "beneficiaires": [establishment(BUYER, "CH FICTIF DE VALMONT", "support")],
        "nature": "Marché",
        "objet": "Fourniture de dispositifs médicaux stériles à usage unique",
        "codeCPV": "33140000-3",
        "techniques": ["Sans objet"],
        "modalitesExecution": ["Sans objet"],
        "marcheInnovant": False,
        "ccag": "Fournitures courantes et services",
        "offresRecues": 4,
        "attributionAvance": False,
        "typeGroupementOperateurs": "Pas de groupement",
        "sousTraitanceDeclaree": False,
        "procedure": "Appel d'offres ouvert",
        "lieuExecution": {"code": "99001", "typeCode": "Code commune"},
        "dureeMois": 24,
        "dateNotification": "2026-03-01",
        "datePublicationDonnees": "2026-03-20",
        "montant": "200000.00",
        "typesPrix": ["Définitif révisable"],
        "formePrix": "Unitaire",
        "titulaires": [{"role": "titulaire", "fournisseur": supplier()}],
        "considerationsSociales": ["Pas de considération sociale"],
        "considerationsEnvironnementales": ["Pas de considération environnementale"],
        "complements": {
            "idContrat": "2026DM001",
            "urlProfilAcheteur": "https://profil.exemple.invalid",
            "natureMarche": "01",
            "procedureMarche": "02",
            "montantEstimatif": False,
            "reconductibilite": "01",
            "penalite": True,
            "nomLieuExecution": "Valmont",
            "regimeAvance": "01",
        },
    }
    more = changes.pop("complements", {})
    built = {**deepcopy(base), **changes}
    built["complements"] = {**built["complements"], **more}
    return built


def modification(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An amendment that raises the amount to 220 000 € and the duration to 30 months."""
    return {
        "id": number,
        "objet": "Augmentation du montant et prolongation de six mois",
        "dateNotificationModification": "2026-09-15",
        "datePublicationDonneesModification": "2026-10-01",
        "montant": "220000.00",
        "deltaMontant": "20000.00",
        "dureeMois": 30,
        "deltaDureeMois": 6,
        **changes,
    }


def event(data: dict[str, Any] | None = None, type_: str = MARCHE_NOTIFIE, version: int = 1, **more: Any) -> Event:
    """An event about a marché; ``more`` goes into the payload beside it."""
    return Event(
        id=f"01990000-0000-7000-8000-{version:012d}",
        type=type_,
        subject="marche/01990000-0000-7000-8000-000000000001",
        version=version,
        time=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        ght="TEST-01",
        data={"marche": data or marche(), **more},
    )


def context(sequence: int = 1, ordinal: int = 1, *, replaces_rejected: bool = False, **changes: Any) -> RenderContext:
    """A rendering on 2 March 2026; ``changes`` are settings."""
    return RenderContext("dgfip", settings(**changes), date(2026, 3, 2), sequence, ordinal, replaces_rejected)


def translate(of: Event, at: RenderContext | None = None, channel: str = "api") -> Message:
    """The one message that says an event."""
    (message,) = connector().translate(of, channel, at or context())
    return message


def golden_case(name: str) -> tuple[Event, RenderContext, bytes]:
    """A golden case: the event, the context it is rendered in, and the expected bytes."""
    case = json.loads((GOLDEN / f"{name}.event.json").read_text(encoding="utf-8"))
    raw, at = case["event"], case["context"]
    read = Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})
    where = RenderContext(
        partner="dgfip",
        settings=DgfipSettings.model_validate(case["settings"]),
        rendered_on=date.fromisoformat(at["rendered_on"]),
        sequence=at["sequence"],
        ordinal=at["ordinal"],
        replaces_rejected=at["replaces_rejected"],
    )
    return read, where, (GOLDEN / f"{name}.xml").read_bytes()
