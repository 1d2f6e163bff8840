"""Types of the fields of marchés at the edge: lengths and forms of the DECP 2.0.4 and of the PES Marché."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    LISTE_UNIQUE,
    TEXTE_PATTERN,
    Distinct,
    Entier,
)
from semaphore_hub.modules.referentiel.codes import (
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    ModaliteExecution,
    Technique,
    TypePrix,
)

IdMarche = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9/_.#-]([A-Za-z0-9/_.# -]{0,14}[A-Za-z0-9/_.#-])?$", examples=["2026DM001"])
]
IdContrat = Annotated[
    str,
    Field(pattern="^20([0-4][0-9]|50)[A-Za-z0-9]{1,10}$", description="année de notification puis 1 à 10 caractères"),
]
Objet = Annotated[
    str,
    Field(
        min_length=1, max_length=1000, pattern=TEXTE_PATTERN, examples=["Fourniture de dispositifs médicaux stériles"]
    ),
]
ObjetModification = Annotated[
    str, Field(min_length=1, max_length=256, pattern=TEXTE_PATTERN, examples=["Ajout de références au bordereau"])
]
Phrase = Annotated[str, Field(min_length=1, max_length=1000, pattern=TEXTE_PATTERN)]
CodeCPV = Annotated[str, Field(pattern="^[0-9]{8}(-[0-9])?$", examples=["33140000-3"])]
DureeMois = Annotated[
    int, Field(strict=True, ge=1, le=999, description="mois, arrondis au supérieur", examples=[24]), Entier
]
Offres = Annotated[int, Field(strict=True, ge=1, le=9999, examples=[4]), Entier]
UrlProfil = Annotated[
    str, Field(max_length=500, pattern="^https?://[\\x21-\\x7e]+$", examples=["https://www.marches-publics.gouv.fr"])
]
NomLieu = Annotated[str, Field(min_length=1, max_length=50, pattern=LIGNE_PATTERN, examples=["Valmont"])]
RoleTitulaire = Literal["titulaire", "co-traitant"]

Techniques = Annotated[
    tuple[Technique, ...], Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Accord-cadre"]]), Distinct
]
Modalites = Annotated[
    tuple[ModaliteExecution, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Bons de commande"]]),
    Distinct,
]
TypesPrix = Annotated[
    tuple[TypePrix, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Définitif révisable"]]),
    Distinct,
]
ConsiderationsSociales = Annotated[
    tuple[ConsiderationSociale, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Clause sociale"]]),
    Distinct,
]
ConsiderationsEnvironnementales = Annotated[
    tuple[ConsiderationEnvironnementale, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Critère environnemental"]]),
    Distinct,
]
NumeroLot = Annotated[int, Field(strict=True, ge=1, le=999, examples=[3]), Entier]
ReferenceConsultation = Annotated[str, Field(max_length=40, pattern=LIGNE_PATTERN, examples=["2026-AOO-017"])]
Intitule = Annotated[str, Field(max_length=256, pattern=LIGNE_PATTERN, examples=["Dispositifs de perfusion"])]

INDICE_PATTERN = r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?$"


def decimal_text(pattern: str, words: str) -> BeforeValidator:
    """A number written as a text, so that no binary float rounds it on the way."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return Decimal(value)
        raise PydanticCustomError("nombre", words)

    return BeforeValidator(read)


TEXTE_DECIMAL = PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")

ValeurIndice = Annotated[
    Decimal,
    decimal_text(INDICE_PATTERN, 'la valeur d\'un indice est un texte de la forme "128.4" (quatre décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": INDICE_PATTERN, "examples": ["128.4"]}),
]
"""The value of an index, at most four decimals, a text."""
