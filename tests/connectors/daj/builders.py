"""Marchés, concessions, events and settings for the tests; every organisation is fictitious, every key is valid."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import connectors.daj
from connectors.daj.connector import DajConnector, create
from connectors.daj.settings import DajSettings
from contracts.xml import parse
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import CONCESSION_SIGNEE, MARCHE_NOTIFIE, Event
from semaphore_hub.ports.manifest import load_manifest

FOLDER = Path(connectors.daj.__file__).parent
GOLDEN = FOLDER / "golden"
BUYER = "26990001500018"
PARTY = "26990002300012"
CHANNELS = ("api", "file")


def connector() -> DajConnector:
    """The connector as the hub makes it."""
    return create(load_manifest(FOLDER / "manifest.toml"))


def settings(**changes: Any) -> DajSettings:
    """Settings with their defaults."""
    return DajSettings.model_validate(changes)


def supplier(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A supplier."""
    return {
        "typeIdentifiant": "SIRET",
        "id": {1: "99988801900018", 2: "99988802700011", 3: "99988803500014"}[number],
        "denominationSociale": f"FOURNITURES FICTIVES {number} SAS",
        **changes,
    }


def holder(number: int = 1, role: str = "titulaire", **changes: Any) -> dict[str, Any]:
    """A holder."""
    return {"role": role, "fournisseur": supplier(number), **changes}


def establishment(siret: str = BUYER, name: str = "CH FICTIF DE VALMONT", role: str = "support") -> dict[str, Any]:
    """A hospital of the fictitious GHT."""
    return {"siret": siret, "nom": name, "role": role, "ght": "TEST-01"}


def marche(**changes: Any) -> dict[str, Any]:
    """A simple marché of supplies, one holder, one buyer."""
    base: dict[str, Any] = {
        "uid": "01990000-0000-7000-8000-000000000001",
        "id": "2026DM001",
        "acheteur": establishment(),
        "beneficiaires": [establishment()],
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
        "datePublicationDonnees": "2026-03-02",
        "montant": "200000.00",
        "typesPrix": ["Définitif révisable"],
        "formePrix": "Unitaire",
        "origineUE": "0.8",
        "origineFrance": "0.35",
        "titulaires": [holder()],
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
    return {**deepcopy(base), **changes}


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


def act(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A subcontracting act."""
    return {
        "id": number,
        "objet": "Pose et mise en service",
        "sousTraitant": supplier(3),
        "titulaire": supplier()["id"],
        "dureeMois": 6,
        "dateNotification": "2026-04-10",
        "datePublicationDonnees": "2026-04-28",
        "montant": "40000.10",
        "variationPrix": "Révisable",
        "paiementDirect": True,
        **changes,
    }


def act_change(rank: int = 1, act_id: int = 1, **changes: Any) -> dict[str, Any]:
    """A modification of an act."""
    return {
        "id": act_id,
        "numero": rank,
        "objet": "Prestation complémentaire",
        "dateNotificationModificationSousTraitance": "2026-06-01",
        "datePublicationDonnees": "2026-06-15",
        "montant": "45000.55",
        "deltaMontant": "5000.45",
        **changes,
    }


def rich(**changes: Any) -> dict[str, Any]:
    """A marché with everything that can happen to one, out of the order in which it happened."""
    second = modification(
        2,
        objet="Retrait du cotraitant, remplacé",
        montant=None,
        deltaMontant=None,
        dureeMois=None,
        deltaDureeMois=None,
        dateNotificationModification="2026-11-02",
        datePublicationDonneesModification="2026-11-20",
        titulaires=[holder(), holder(3, "co-traitant")],
        typeGroupementOperateurs="Conjoint",
    )
    period = {"debut": "2028-03-01", "fin": "2029-02-28", "montant": "50000.00"}
    return marche(
        objet="Rénovation d'une unité d'hémodialyse : lot « fluides & réseaux » <tranche 1>",
        ccag="Maitrise d'œuvre",
        techniques=["Accord-cadre", "Catalogue électronique"],
        modalitesExecution=["Bons de commande", "Tranches"],
        acheteurs=[
            {"etablissement": establishment(), "montant": "120000.00"},
            {"etablissement": establishment(PARTY, "CH FICTIF DE MONTVAL", "partie"), "montant": "100000.00"},
        ],
        beneficiaires=[establishment(), establishment(PARTY, "CH FICTIF DE MONTVAL", "partie")],
        lot={"consultation": "2026-FLUIDES", "numero": 2, "intitule": "Fluides"},
        attributionAvance=True,
        tauxAvance="0.05",
        marcheInnovant=True,
        sousTraitanceDeclaree=True,
        typeGroupementOperateurs="Conjoint",
        titulaires=[holder(montant="120000.00"), holder(3, "co-traitant", montant="100000.00")],
        montant="220000.00",
        montantActualise="226600.00",
        dureeMois=30,
        initial={
            "montant": "200000.00",
            "dureeMois": 24,
            "titulaires": [holder(), holder(2, "co-traitant")],
            "typeGroupementOperateurs": "Solidaire",
        },
        modifications=[second, modification(1)],
        actesSousTraitance=[act(2, montant="12000.00", variationPrix="Ferme"), act(1)],
        modificationsActesSousTraitance=[act_change(2, 2, dureeMois=9, montant=None, deltaMontant=None), act_change(1)],
        tranches=[{"numero": 0, "intitule": "Ferme", "type": "ferme", "montant": "150000.00"}],
        reconductions=[{"numero": 1, **period}],
        pieces=[{"idUnique": "PJ-1", "nom": "acte.pdf", "support": "01"}],
        dateFin="2028-08-31",
        resiliation={"motif": "accord", "dateEffet": "2028-01-31", "explication": "Fin anticipée"},
        **changes,
    )


def concession(**changes: Any) -> dict[str, Any]:
    """A concession with a year of execution and two amendments."""
    base: dict[str, Any] = {
        "uid": "01990000-0000-7000-8000-0000000000c1",
        "id": "2026DSP01",
        "autoriteConcedante": establishment(),
        "nature": "Délégation de service public",
        "objet": "Exploitation du parc de stationnement du CH fictif de Valmont",
        "procedure": "Procédure négociée ouverte",
        "lieuExecution": {"code": "99001", "typeCode": "Code commune"},
        "dureeMois": 132,
        "dateSignature": "2026-01-12",
        "datePublicationDonnees": "2026-01-30",
        "dateDebutExecution": "2026-02-01",
        "valeurGlobale": "3300000.00",
        "montantSubventionPublique": "0.00",
        "concessionnaires": [supplier(2)],
        "considerationsSociales": ["Clause sociale"],
        "considerationsEnvironnementales": ["Clause environnementale", "Critère environnemental"],
        "donneesExecution": [
            {
                "datePublicationDonneesExecution": "2027-01-15",
                "depensesInvestissement": "120000.00",
                "tarifs": [
                    {"intituleTarif": "Une heure", "tarif": "1.50"},
                    {"intituleTarif": "Première demi-heure", "tarif": "0.00"},
                ],
            }
        ],
        "modifications": [
            {
                "id": 2,
                "objet": "Prolongation",
                "dateSignatureModification": "2026-12-01",
                "datePublicationDonneesModification": "2026-12-10",
                "dureeMois": 132,
                "deltaDureeMois": 12,
            },
            {
                "id": 1,
                "objet": "Bornes de recharge",
                "dateSignatureModification": "2026-08-03",
                "datePublicationDonneesModification": "2026-08-20",
                "valeurGlobale": "3300000.00",
                "deltaValeurGlobale": "100000.00",
            },
        ],
        "idContrat": "2026DSP01",
        "urlProfilAcheteur": "https://profil.exemple.invalid",
    }
    return {**deepcopy(base), **changes}


def event(data: dict[str, Any] | None = None, type_: str = MARCHE_NOTIFIE, version: int = 1) -> Event:
    """An event about a marché, or about a concession when its type says so."""
    about = "concession" if ".concession." in type_ else "marche"
    subject = data or (concession() if about == "concession" else marche())
    return Event(
        id=f"01990000-0000-7000-8000-{version:012d}",
        type=type_,
        subject=f"{about}/{subject['uid']}",
        version=version,
        time=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        ght="TEST-01",
        data={about: subject},
    )


def signed(**changes: Any) -> Event:
    """The signature of a concession."""
    return event(concession(**changes), CONCESSION_SIGNEE)


def context(sequence: int = 1, ordinal: int = 1, day: date = date(2027, 3, 2), **changes: Any) -> RenderContext:
    """A rendering on 2 March 2027, after everything the builders date; ``changes`` are settings."""
    return RenderContext("daj", settings(**changes), day, sequence, ordinal)


def translate(of: Event, at: RenderContext | None = None, channel: str = "api") -> Message:
    """The one message that says an event."""
    (message,) = connector().translate(of, channel, at or context())
    return message


def record(message: Message) -> dict[str, Any]:
    """The record of a JSON message, decimal numbers as Decimal."""
    envelope = json.loads(message.body, parse_float=Decimal)["marches"]
    (kind,) = envelope
    (only,) = envelope[kind]
    assert isinstance(only, dict)
    return only


def texts(message: Message, path: str) -> list[str]:
    """Texts at a path below the record of an XML message."""
    (only,) = parse(message.body).getroot()
    return [node.text or "" for node in only.findall(path)]


def golden_case(name: str) -> tuple[Event, RenderContext]:
    """A golden case: the event and the context it is rendered in."""
    case = json.loads((GOLDEN / f"{name}.event.json").read_text(encoding="utf-8"))
    raw, at = case["event"], case["context"]
    read = Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})
    where = RenderContext(
        partner="daj",
        settings=DajSettings.model_validate(case["settings"]),
        rendered_on=date.fromisoformat(at["rendered_on"]),
        sequence=at["sequence"],
        ordinal=at["ordinal"],
    )
    return read, where
