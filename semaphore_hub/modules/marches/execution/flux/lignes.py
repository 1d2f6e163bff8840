"""Lines of orders, receipts and payments, as the common GEF model writes them in JSON (hypothèse)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, WithJsonSchema

from semaphore_hub.modules.marches.execution.schemas import MontantSigne, TiersRef
from semaphore_hub.modules.marches.fields import TEXTE_DECIMAL, decimal_text
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Jour
from semaphore_hub.modules.referentiel.gef.lignes import CodeUF, Compte, Exercice, Libelle, Ligne, Rang

QUANTITE_PATTERN = r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$"
PRIX_PATTERN = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"

Quantite = Annotated[
    Decimal,
    decimal_text(QUANTITE_PATTERN, 'une quantité est un texte de la forme "12.5" (trois décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": QUANTITE_PATTERN, "examples": ["12.5"]}),
]
"""At most three decimals, a text; negative for a return (hypothèse)."""
PrixUnitaire = Annotated[
    Decimal,
    decimal_text(PRIX_PATTERN, 'un prix unitaire est un texte de la forme "0.0875" (six décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": PRIX_PATTERN, "examples": ["0.0875"]}),
]
"""Euros HT, at most six decimals, a text."""

NumeroCommande = Annotated[str, Field(max_length=40, pattern=LIGNE_PATTERN)]
NumeroMarche = Annotated[str, Field(max_length=50, pattern=LIGNE_PATTERN)]
"""In any of the four written forms, see :mod:`semaphore_hub.modules.marches.numeros`."""


class LigneCommande(Ligne):
    """One line of an order."""

    numeroCommande: NumeroCommande
    ligneCommande: Rang
    date: Jour
    uf: CodeUF
    compte: Compte
    numeroMarche: NumeroMarche | None = None
    lot: Annotated[int, Field(strict=True, ge=1, le=9999), Entier] | None = None
    reference: Annotated[str, Field(max_length=100, pattern=LIGNE_PATTERN)] | None = None
    libelle: Libelle
    quantite: Quantite
    prixUnitaireHT: PrixUnitaire
    montantHT: MontantSigne
    montantTTC: MontantSigne


class LigneReception(Ligne):
    """What was received of one line of an order."""

    numeroReception: NumeroCommande
    ligneReception: Rang
    numeroCommande: NumeroCommande
    ligneCommande: Rang
    date: Jour
    quantite: Quantite


class LigneMandat(Ligne):
    """One line of a payment order."""

    exercice: Exercice
    numeroMandat: Annotated[str, Field(max_length=30, pattern=LIGNE_PATTERN)]
    ligneMandat: Rang
    date: Jour
    compte: Compte
    numeroMarche: NumeroMarche | None = None
    numeroCommande: NumeroCommande | None = None
    fournisseur: TiersRef | None = None
    montantHT: MontantSigne
    montantTVA: MontantSigne
    montantTTC: MontantSigne
