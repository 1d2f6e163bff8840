"""What a simulated cooperative sells when nobody tells it otherwise: fictitious marchés, lots, holders and products.

``options["catalogue"]`` replaces it: ``{"marches": [...], "produits": [...]}`` in the shapes of ``marches-json``
(without beneficiaries) and of a line of ``produits-json`` (without ``codeMouvement`` nor beneficiaries).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Document = dict[str, Any]
SUPPLIERS = (("99988801900018", "MEDICAL FICTIF SAS"), ("99988802700011", "FOURNITURES FICTIVES SA"))
_PRODUCTS_PER_LOT = 3
_CENT = Decimal("0.01")


def fictitious(letter: str, siret: str, today: date) -> tuple[list[Document], list[Document]]:
    """Marchés and products in force today.

    Args:
        letter: first letter of the cooperative, in its numbers.
        siret: of the cooperative.
        today: the mock's day.
    """
    marches = [
        _marche("M_2001", "Dispositifs médicaux fictifs de perfusion", "33140000-3", letter, today, (1, 2)),
        _marche("M_2002", "Gants d'examen fictifs", "18424300-0", letter, today, (0,)),
        _marche("M_2003", "Fournitures de bureau fictives", "30192000-1", letter, today, (1,)),
    ]
    # Lot 2 of the first marché takes nobody any more, so that a demand can be refused.
    marches[0]["lots"][1]["statut"] = "clos"
    return marches, [line for marche in marches for line in _products(marche, siret, today)]


def _marche(numero: str, objet: str, cpv: str, letter: str, today: date, lots: tuple[int, ...]) -> Document:
    notified = date(today.year - 1, 9, 1)
    begins = date(today.year - 1, 10, 1)
    return {
        "numero": numero,
        "objet": objet,
        "codeCPV": cpv,
        "procedure": "Appel d'offres ouvert",
        "techniques": ["Accord-cadre"],
        "modalitesExecution": ["Bons de commande"],
        "formePrix": "Unitaire",
        "typesPrix": ["Définitif révisable"],
        "ccag": "Fournitures courantes et services",
        "offresRecues": 3,
        "lieuExecution": {"code": "FR", "typeCode": "Code pays"},
        "dateNotification": notified.isoformat(),
        "datePublicationDonnees": (notified + timedelta(days=20)).isoformat(),
        "dateDebut": begins.isoformat(),
        "dateFin": (begins.replace(year=begins.year + 4) - timedelta(days=1)).isoformat(),
        "dureeMois": 48,
        "lots": [_lot(numero, number, letter) for number in lots],
    }


def _lot(numero: str, number: int, letter: str) -> Document:
    siret, name = SUPPLIERS[number % 2]
    lot = {
        "numero": number,
        "numeroMarche": f"{letter}{numero.removeprefix('M_')}" + (f"L{number}" if number else ""),
        "montantHT": f"{(number + 1) * 150000}.00",
        "statut": "ouvert",
        "typeGroupementOperateurs": "Pas de groupement",
        "titulaires": [{"typeIdentifiant": "SIRET", "id": siret, "denominationSociale": name}],
    }
    return lot if number == 0 else {**lot, "intitule": f"Lot fictif {number}"}


def _products(marche: Document, siret: str, today: date) -> Iterator[Document]:
    for lot in marche["lots"]:
        for rank in range(1, _PRODUCTS_PER_LOT + 1):
            yield product(marche, lot, siret, rank, today)


def product(marche: Document, lot: Document, siret: str, rank: int, today: date) -> Document:
    """A fictitious product of a lot."""
    holder = lot["titulaires"][0]
    line = {
        "operateur": siret,
        "numeroMarche": lot["numeroMarche"],
        "numeroLot": str(lot["numero"]),
        "objetMarche": marche["objet"],
        "fournisseurSiret": holder["id"],
        "fournisseurNom": holder["denominationSociale"],
        "referenceFournisseur": f"{lot['numeroMarche']}-{rank:03d}",
        "libelleProduit": f"{marche['objet']} : article n° {rank}",
        "typeProduit": "DM" if marche["codeCPV"].startswith("33") else "AUTRE",
        "unitePrix": "UNITE",
        "prixUnitaireHT": format((Decimal(rank) * Decimal("1.25")).quantize(_CENT), "f"),
        "tauxTVA": "20",
        "quantiteParConditionnement": "100",
        "uniteCommande": "BOITE",
        "dateDebut": f"{today.year}-01-01",
        "dateFin": f"{today.year + 1}-12-31",
        "statut": "actif",
    }
    if "intitule" in lot:
        line["libelleLot"] = lot["intitule"]
    return line


def dearer(price: str, factor: Decimal) -> str:
    """A price multiplied, four decimals at most."""
    return format((Decimal(price) * factor).quantize(Decimal("0.0001")).normalize(), "f")
