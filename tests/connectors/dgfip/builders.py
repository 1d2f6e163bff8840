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
from contracts.xml import parse
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import CONCESSION_SIGNEE, MARCHE_NOTIFIE, Event
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


def act(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A subcontracting act of 20 000 €, paid directly, under the first holder."""
    return {
        "id": number,
        "objet": f"Transport frigorifique, acte {number}",
        "sousTraitant": supplier(3),
        "titulaire": supplier(1)["id"],
        "dureeMois": 12,
        "dateNotification": "2026-10-01",
        "datePublicationDonnees": "2026-10-20",
        "montant": "20000.00",
        "variationPrix": "Ferme",
        "paiementDirect": True,
        "autoliquidationTVA": True,
        **changes,
    }


def act_change(number: int = 1, of: int = 1, **changes: Any) -> dict[str, Any]:
    """A modification of a subcontracting act, to 25 000 € and 14 months."""
    return {
        "id": of,
        "numero": number,
        "objet": "Tournées supplémentaires",
        "dateNotificationModificationSousTraitance": "2026-11-15",
        "datePublicationDonnees": "2026-12-01",
        "dureeMois": 14,
        "montant": "25000.00",
        "deltaMontant": "5000.00",
        **changes,
    }


def holders(*shares: str | None, role: str = "co-traitant") -> list[dict[str, Any]]:
    """One holder for each share."""
    return [
        {"role": role if rank else "titulaire", "montant": share, "fournisseur": supplier(rank + 1)}
        for rank, share in enumerate(shares)
    ]


def buyers(*parts: str, **more: Any) -> list[dict[str, Any]]:
    """One buyer for each part: the budget that sends, then its neighbour."""
    named = [
        establishment(BUYER, "CH FICTIF DE VALMONT", "support"),
        establishment(PARTY, "CH FICTIF DE MONTVAL", "partie"),
    ]
    return [{"etablissement": one, "montant": part, **more} for one, part in zip(named, parts, strict=True)]


def rich(**changes: Any) -> dict[str, Any]:
    """A marché to which everything happened: two buyers, a new holder, subcontracting, tranches, renewals."""
    second = modification(
        2,
        objet="Reprise de la part du co-traitant",
        montant=None,
        deltaMontant=None,
        dureeMois=None,
        deltaDureeMois=None,
        titulaires=holders("160000.00", "60000.00"),
        typeGroupementOperateurs="Solidaire",
    )
    return marche(
        **{
            "beneficiaires": [one["etablissement"] for one in buyers("1", "1")],
            "acheteurs": buyers("120000.01", "99999.99"),
            "typeGroupementOperateurs": "Solidaire",
            "titulaires": holders("160000.00", "60000.00"),
            "initial": {
                "montant": "200000.00",
                "dureeMois": 24,
                "titulaires": holders("200000.00"),
                "typeGroupementOperateurs": "Pas de groupement",
            },
            "montant": "220000.00",
            "montantActualise": "226600.00",
            "montantTVAActualise": "45320.00",
            "dureeMois": 30,
            "modalitesExecution": ["Tranches", "Bons de commande"],
            "attributionAvance": True,
            "tauxAvance": "0.055",
            "sousTraitanceDeclaree": True,
            "modifications": [modification(), second],
            "actesSousTraitance": [act(), act(2, sousTraitant=supplier(2), autoliquidationTVA=False)],
            "modificationsActesSousTraitance": [act_change()],
            "tranches": [
                {"numero": 0, "intitule": "Ferme", "type": "ferme", "montant": "150000.00", "montantTVA": "30000.00"},
                {
                    "numero": 1,
                    "intitule": "Site de Montval",
                    "type": "optionnelle",
                    "dateAffermissement": "2026-09-01",
                    "debut": "2026-10-01",
                    "fin": "2027-09-30",
                    "montant": "70000.01",
                },
                {"numero": 2, "intitule": "Astreinte", "type": "optionnelle", "montant": "9999.99"},
            ],
            "reconductions": [
                {
                    "numero": 1,
                    "debut": "2028-09-01",
                    "fin": "2029-08-31",
                    "montant": "90000.00",
                    "decision": "reconduite",
                }
            ],
            "pieces": [{"idUnique": "AE2026DM001", "nom": "acte_engagement.pdf", "support": "01"}],
            "complements": {
                "montantTVA": "44000.00",
                "montantEstime": "300000.00",
                "dureeMaximaleMois": 60,
                "dateSignature": "2026-02-20",
                "nomSignataire": "FICTIVE",
                "refDelegationSignature": "DEC-2026-001",
                "dateDebutMarche": "2026-03-05",
                "dateDebutExecution": "2026-03-15",
                "reconductibilite": "03",
                "delaiGarantieMois": 12,
                "regimeAvance": "02",
                "avance": {"montant": "12000.01", "typeGarantie": "03", "montantGarantie": "12000.00"},
                "garantie": {"type": "02", "taux": "0.05", "montant": "11000.00"},
                "indices": [{"indice": "ICHT-E", "moisAnnee": "01-2026", "valeur": "138.25", "formule": "P0 * I/I0"}],
                "codesCPVSecondaires": ["33141000-0", "60000000-8"],
                "offresDematerialisees": 3,
                "carteAchat": False,
                "multiBudget": True,
            },
            **changes,
        }
    )


def concession(**changes: Any) -> dict[str, Any]:
    """A concession of catering, just signed."""
    return {
        "uid": "01990000-0000-7000-8000-000000000002",
        "id": "2026CC001",
        "autoriteConcedante": establishment(BUYER, "CH FICTIF DE VALMONT", "support"),
        "nature": "Concession de service",
        "objet": "Exploitation de la cafétéria",
        "procedure": "Procédure négociée ouverte",
        "lieuExecution": {"code": "99001", "typeCode": "Code commune"},
        "nomLieuExecution": "Valmont",
        "dureeMois": 60,
        "dateSignature": "2026-03-01",
        "datePublicationDonnees": "2026-03-20",
        "dateDebutExecution": "2026-04-01",
        "valeurGlobale": "500000.00",
        "montantSubventionPublique": "10000.00",
        "concessionnaires": [supplier()],
        "considerationsSociales": ["Pas de considération sociale"],
        "considerationsEnvironnementales": ["Pas de considération environnementale"],
        "idContrat": "2026CC001",
        "urlProfilAcheteur": "https://profil.exemple.invalid",
        **changes,
    }


def concession_modification(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An amendment that extends the concession by a year."""
    return {
        "id": number,
        "objet": f"Prolongation n° {number}",
        "dateSignatureModification": "2027-02-01",
        "datePublicationDonneesModification": "2027-02-15",
        "dureeMois": 72,
        "deltaDureeMois": 12,
        "valeurGlobale": "600000.00",
        "deltaValeurGlobale": "100000.00",
        **changes,
    }


def year(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A year of execution."""
    return {
        "datePublicationDonneesExecution": f"{2026 + number}-06-30",
        "depensesInvestissement": "0.00",
        "tarifs": [{"intituleTarif": "Repas du jour", "tarif": "9.50"}],
        **changes,
    }


def concession_event(data: dict[str, Any] | None = None, type_: str = CONCESSION_SIGNEE, **more: Any) -> Event:
    """An event about a concession."""
    return Event(
        id="01990000-0000-7000-8000-000000000099",
        type=type_,
        subject="concession/01990000-0000-7000-8000-000000000002",
        version=1,
        time=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        ght="TEST-01",
        data={"concession": data or concession(), **more},
    )


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


def context(
    sequence: int = 1,
    ordinal: int = 1,
    *,
    replaces_rejected: bool = False,
    follows: str | None = None,
    **changes: Any,
) -> RenderContext:
    """A rendering on 2 March 2026; ``changes`` are settings."""
    return RenderContext("dgfip", settings(**changes), date(2026, 3, 2), sequence, ordinal, replaces_rejected, follows)


def translate(of: Event, at: RenderContext | None = None, channel: str = "api") -> Message:
    """The one message that says an event."""
    (message,) = connector().translate(of, channel, at or context())
    return message


def values(message: Message, path: str, block: str = "Marches/Marche") -> list[str]:
    """Values (attribute V) at a path below the marché (or concession) block."""
    found = parse(message.body).getroot().findall(f"PES_Marche/{block}/{path}")
    return [node.get("V") or "" for node in found]


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
