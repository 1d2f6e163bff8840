"""The three books of a GEF: what each line says in columns, what names it, and how it counts on its marché."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Literal

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches.execution.flux.lignes import LigneCommande, LigneMandat, LigneReception
from semaphore_hub.modules.marches.execution.flux.livre import Livre
from semaphore_hub.modules.marches.execution.models import GefCommande, GefMandat, GefReception
from semaphore_hub.modules.referentiel.gef.flux import L

MICRO = 1_000_000
"""Millionths of a euro in a euro: unit prices have six decimals."""


@dataclass(frozen=True, slots=True)
class Compte(Generic[L]):
    """A book whose lines are counted on their marché.

    Attributes:
        livre: the book.
        type: of the consumption.
        reference: what names a line among the consumptions of its GEF.
    """

    livre: Livre[L]
    type: Literal["bon_de_commande", "mandat"]
    reference: Callable[[L], str]


def _number(value: Decimal) -> str:
    """A decimal without useless zeros, so that "10" and "10.00" are the same content."""
    return format(value.normalize(), "f")


def _commande(ligne: LigneCommande) -> dict[str, Any]:
    return {
        "numero_commande": ligne.numeroCommande,
        "ligne_commande": ligne.ligneCommande,
        "date": ligne.date,
        "uf": ligne.uf,
        "compte": ligne.compte,
        "numero_marche": ligne.numeroMarche,
        "lot": ligne.lot,
        "reference": ligne.reference,
        "libelle": ligne.libelle,
        "quantite": _number(ligne.quantite),
        "prix_unitaire_ht": int(ligne.prixUnitaireHT * MICRO),
        "montant_ht_cents": to_cents(ligne.montantHT),
        "montant_ttc_cents": to_cents(ligne.montantTTC),
    }


def _reception(ligne: LigneReception) -> dict[str, Any]:
    return {
        "numero_reception": ligne.numeroReception,
        "ligne_reception": ligne.ligneReception,
        "numero_commande": ligne.numeroCommande,
        "ligne_commande": ligne.ligneCommande,
        "date": ligne.date,
        "quantite": _number(ligne.quantite),
    }


def _mandat(ligne: LigneMandat) -> dict[str, Any]:
    tiers = ligne.fournisseur
    return {
        "exercice": ligne.exercice,
        "numero_mandat": ligne.numeroMandat,
        "ligne_mandat": ligne.ligneMandat,
        "date": ligne.date,
        "compte": ligne.compte,
        "numero_marche": ligne.numeroMarche,
        "numero_commande": ligne.numeroCommande,
        "type_identifiant": None if tiers is None else tiers.typeIdentifiant.value,
        "identifiant": None if tiers is None else tiers.id,
        "montant_ht_cents": to_cents(ligne.montantHT),
        "montant_tva_cents": to_cents(ligne.montantTVA),
        "montant_ttc_cents": to_cents(ligne.montantTTC),
    }


COMMANDES: Compte[LigneCommande] = Compte(
    Livre(table_of(GefCommande), ("numero_commande", "ligne_commande"), _commande),
    "bon_de_commande",
    lambda ligne: f"commande/{ligne.numeroCommande}/{ligne.ligneCommande}",
)
RECEPTIONS: Livre[LigneReception] = Livre(table_of(GefReception), ("numero_reception", "ligne_reception"), _reception)
MANDATS: Compte[LigneMandat] = Compte(
    Livre(table_of(GefMandat), ("exercice", "numero_mandat", "ligne_mandat"), _mandat),
    "mandat",
    lambda ligne: f"mandat/{ligne.exercice}/{ligne.numeroMandat}/{ligne.ligneMandat}",
)
