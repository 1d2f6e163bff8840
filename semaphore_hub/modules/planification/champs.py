"""Types of the fields of the planning at the edge."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from semaphore_hub.kernel.money import CENT
from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    LISTE_UNIQUE,
    TEXTE_PATTERN,
    Distinct,
    Entier,
    Siret,
    Uid,
)

Annee = Annotated[int, Field(strict=True, ge=2020, le=2100, examples=[2026]), Entier]
CodeCPV = Annotated[str, Field(pattern="^[0-9]{8}(-[0-9])?$", examples=["33140000-3"])]
CodeNCHFS = Annotated[
    str,
    Field(
        max_length=20,
        pattern=LIGNE_PATTERN,
        description="catégorie homogène (NCHFS) ; code libre, signalé quand la nomenclature tenue ne le connaît pas",
        examples=["SYN-02.01"],
    ),
]
Famille = Annotated[
    str,
    Field(max_length=200, pattern=LIGNE_PATTERN, description="code, libellé ou synonyme", examples=["SYN-02"]),
]
Reference = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9/_.#-]([A-Za-z0-9/_.# -]{0,14}[A-Za-z0-9/_.#-])?$", examples=["2026-DM-017"])
]
"""Reference of a project in its GHT; it has the form of a marché's number, so that the marché may take it."""
Intitule = Annotated[
    str, Field(min_length=1, max_length=1000, pattern=TEXTE_PATTERN, examples=["Dispositifs de perfusion"])
]
Ligne = Annotated[str, Field(max_length=200, pattern=LIGNE_PATTERN, examples=["Perfuseurs par gravité"])]
Texte = Annotated[str, Field(min_length=1, max_length=2000, pattern=TEXTE_PATTERN)]
DureeMois = Annotated[
    int,
    Field(strict=True, ge=1, le=240, description="mois, reconductions comprises", examples=[48]),
    Entier,
]
NumeroLot = Annotated[int, Field(strict=True, ge=1, le=999, examples=[1]), Entier]
Jours = Annotated[int, Field(strict=True, ge=0, le=3650, examples=[150]), Entier]
Sirets = Annotated[tuple[Siret, ...], Field(max_length=200, json_schema_extra=LISTE_UNIQUE), Distinct]
Uids = Annotated[tuple[Uid, ...], Field(max_length=1000, json_schema_extra=LISTE_UNIQUE), Distinct]

_TOTAL_PATTERN = r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?$"


def _total(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(_TOTAL_PATTERN, value):
            raise PydanticCustomError("total", 'un total est un texte de la forme "1234.56"')
        return Decimal(value)
    return value


Total = Annotated[
    Decimal,
    BeforeValidator(_total),
    PlainSerializer(lambda amount: format(amount.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _TOTAL_PATTERN, "examples": ["418000.00"]}),
]
"""A sum of amounts, euros HT: wider than an amount."""
