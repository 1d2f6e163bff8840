"""Types of the fields of the API: what a value may look like at the edge, said the same way in code and in JSON Schema.

Shape only (a refusal here is a 422); what the business forbids is a :class:`~.rules.Rule` (a refusal there is a 409).
Patterns use only what the regular expressions of Python, Rust and ECMAScript read alike.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from semaphore_hub.kernel.ids import ID_PATTERN

SIRET_PATTERN = r"^[0-9]{14}$"
GHT_PATTERN = r"^[A-Z0-9]{2,6}(-[A-Z0-9]{1,6}){0,2}$"
# No control characters (PostgreSQL refuses NUL, XML the others), no leading blank, no Unicode non-characters.
LIGNE_PATTERN = r"^[^\x00-\x20\x7f-\xa0\ufffe\uffff][^\x00-\x1f\x7f-\x9f\ufffe\uffff]*$"
TEXTE_PATTERN = r"^[^\x00-\x20\x7f-\xa0\ufffe\uffff][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]*$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Entree(BaseModel):
    """Base of what callers send: unknown fields are refused, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sortie(BaseModel):
    """Base of what the API answers; closed as well, so that the published schema is exact."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("jour", "une date s'écrit AAAA-MM-JJ")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("jour", "cette date n'existe pas dans le calendrier") from None


def _rate(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("taux", "un taux est un nombre entre 0 et 1")
    rate = Decimal(str(value))
    if not 0 <= rate <= 1:
        raise PydanticCustomError("taux", "un taux est un nombre entre 0 et 1")
    return rate


def _integer(value: Any) -> Any:
    """JSON Schema counts 24.0 as an integer, so it is one; a text or a boolean is not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_T = TypeVar("_T", bound=Hashable)


def _distinct(values: tuple[_T, ...]) -> tuple[_T, ...]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("doublon", "une même valeur est donnée deux fois")
    return values


Jour = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-01"]}),
]
"""A calendar day, ISO 8601; times and timestamps are refused."""

Taux = Annotated[
    Decimal,
    BeforeValidator(_rate),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1, "examples": [0.05]}),
]
"""A ratio between 0 and 1, a JSON number as in the DECP."""

Uid = Annotated[str, Field(pattern=ID_PATTERN, examples=["019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f"])]
Siret = Annotated[str, Field(pattern=SIRET_PATTERN, description="SIRET, 14 chiffres", examples=["26750045200011"])]
CodeGht = Annotated[str, Field(pattern=GHT_PATTERN, description="code du GHT", examples=["FIC-01"])]

Entier = BeforeValidator(_integer)
"""To put after ``Field(strict=True)`` on an int."""


class SansNull:
    """Annotation of an optional query parameter or header: it may be absent, and its schema does not offer null."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema of the value alone."""
        schema = handler(core)
        options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
        return {**schema, **options[0]} if options else schema


LISTE_UNIQUE: dict[str, Any] = {"uniqueItems": True}
"""What JSON Schema must be told beside :data:`Distinct`."""
Distinct = AfterValidator(_distinct)
"""Refuses a list that names the same value twice."""


def listed(values: Iterable[object]) -> str:
    """Values joined for a French sentence."""
    return ", ".join(str(value) for value in values)
