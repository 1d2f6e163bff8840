"""Types of the fields of plans and actions at the edge. Amounts are in euros TTC."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from semaphore_hub.kernel.money import CENT
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, TEXTE_PATTERN, Entier

GAIN_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"


def decimal_text(pattern: str, words: str) -> BeforeValidator:
    """A number written as a text, so that no binary float rounds it on the way; Decimal comes from our own code."""

    def read(value: Any) -> Any:
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return Decimal(value)
        raise PydanticCustomError("nombre", words)

    return BeforeValidator(read)


Gain = Annotated[
    Decimal,
    decimal_text(GAIN_PATTERN, 'un gain est un texte de la forme "1234.56" ou "-1234.56" (euros TTC)'),
    PlainSerializer(lambda gain: format(gain.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": GAIN_PATTERN, "examples": ["16500.00"]}),
]
"""A gain in euros TTC; negative when it is a loss."""

TOTAL_PATTERN = r"^-?(0|[1-9][0-9]{0,16})\.[0-9]{2}$"
Total = Annotated[
    Decimal,
    PlainSerializer(lambda total: format(total.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": TOTAL_PATTERN, "examples": ["1890368.00"]}),
]
"""A sum of amounts or of gains, euros TTC."""

TEXTE_DECIMAL = PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")
POURCENT_PATTERN = r"^-?[0-9]{1,20}\.[0-9]{1,2}$"
Pourcent = Annotated[
    Decimal, TEXTE_DECIMAL, WithJsonSchema({"type": "string", "pattern": POURCENT_PATTERN, "examples": ["12.4"]})
]
"""A percentage as a text: performances to 0.1 point, weights to 0.01 point, half up."""

Annee = Annotated[int, Field(strict=True, ge=2015, le=2099, description="année du plan", examples=[2026]), Entier]
Numero = Annotated[
    str,
    Field(min_length=1, max_length=20, pattern=LIGNE_PATTERN, description="n° dans le plan", examples=["A-001"]),
]
Libelle500 = Annotated[str, Field(min_length=1, max_length=500, pattern=LIGNE_PATTERN)]
Libelle200 = Annotated[str, Field(min_length=1, max_length=200, pattern=LIGNE_PATTERN)]
Texte2000 = Annotated[str, Field(min_length=1, max_length=2000, pattern=TEXTE_PATTERN)]
Texte4000 = Annotated[str, Field(min_length=1, max_length=4000, pattern=TEXTE_PATTERN)]
NumeroMarche = Annotated[str, Field(min_length=1, max_length=50, pattern=LIGNE_PATTERN, examples=["2026DM001"])]
Acheteur = Annotated[str, Field(min_length=1, max_length=100, pattern=LIGNE_PATTERN, examples=["Acheteur fictif 1"])]
MoisEffet = Annotated[
    int, Field(strict=True, ge=0, le=12, description="mois d'effet dans l'année du plan", examples=[4]), Entier
]

PRIX_PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"
QUANTITE_PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$"
INDICE_PATTERN = r"^[1-9][0-9]{0,5}(\.[0-9]{1,4})?$"
Prix = Annotated[
    Decimal,
    decimal_text(PRIX_PATTERN, 'un prix unitaire est un texte de la forme "12.345" (six décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": PRIX_PATTERN, "examples": ["12.345"]}),
]
Quantite = Annotated[
    Decimal,
    decimal_text(QUANTITE_PATTERN, 'une quantité est un texte de la forme "1200" (trois décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": QUANTITE_PATTERN, "examples": ["1200"]}),
]
Indice = Annotated[
    Decimal,
    decimal_text(INDICE_PATTERN, 'un indice est un texte de la forme "104.2", au moins 1 (quatre décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": INDICE_PATTERN, "examples": ["104.2"]}),
]

BORNE_PATTERN = r"^(0|[1-9][0-9]?)(\.[0-9])?$"
Borne = Annotated[
    Decimal,
    decimal_text(BORNE_PATTERN, 'une borne est un texte de la forme "20.0", en %, moins de 100'),
    PlainSerializer(lambda borne: format(borne.quantize(Decimal("0.1")), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": BORNE_PATTERN, "examples": ["20.0"]}),
]
"""A bound of performance in per cent, to 0.1 point; from 100 % on, the control Q2 applies whatever the bound."""
