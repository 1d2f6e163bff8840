"""The types and constraints of a Table Schema field, compiled once into a check of one cell's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.patterns import describe

_Value = str | int | Decimal | date | bool
_INTEGER = re.compile(r"[+-]?[0-9]+")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column accepts."""

    name: str
    read: Callable[[str], _Value | None]
    wanted: str
    required: bool
    required_column: bool
    unique: bool
    missing: frozenset[str]
    pattern: re.Pattern[str] | None
    choices: tuple[str, ...]
    shortest: int | None
    longest: int | None
    minimum: _Value | None
    maximum: _Value | None

    def problem(self, text: str) -> str | None:
        """What is wrong with this cell, as a French clause; None when it is right."""
        if text in self.missing:
            return "la valeur est obligatoire" if self.required else None
        value = self.read(text)
        if value is None:
            return f"« {_short(text)} » n'est pas {self.wanted}"
        return self._out_of_form(text) or self._out_of_range(value)

    def _out_of_form(self, text: str) -> str | None:
        if self.choices and text not in self.choices:
            return f"« {_short(text)} » n'est pas dans la liste permise : {' · '.join(self.choices)}"
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return f"« {_short(text)} » n'a pas la forme attendue : {describe(self.pattern.pattern)}"
        if self.shortest is not None and len(text) < self.shortest:
            return f"la valeur a {len(text)} caractère(s), le minimum est {self.shortest}"
        if self.longest is not None and len(text) > self.longest:
            return f"la valeur a {len(text)} caractères, le maximum est {self.longest}"
        return None

    def _out_of_range(self, value: Any) -> str | None:
        if self.minimum is not None and value < self.minimum:
            return f"la valeur {value} est trop petite, le minimum est {self.minimum}"
        if self.maximum is not None and value > self.maximum:
            return f"la valeur {value} est trop grande, le maximum est {self.maximum}"
        return None


def compile_cell(field: Mapping[str, Any], missing: frozenset[str]) -> Cell:
    """The check of one ``fields`` entry. Raises ValueError when its type is one we do not read."""
    read, wanted = _reader(field)
    limits = field.get("constraints", {})
    pattern = limits.get("pattern")

    def bound(key: str) -> _Value | None:
        return read(str(limits[key])) if key in limits else None

    return Cell(
        name=field["name"],
        read=read,
        wanted=wanted,
        required=bool(limits.get("required", False)),
        # As in DECP files met in the field, a column may be left out only when the schema says so.
        required_column=not field.get("optionalColumn", False),
        unique=bool(limits.get("unique", False)),
        missing=missing,
        pattern=re.compile(pattern) if pattern else None,
        choices=tuple(str(choice) for choice in limits.get("enum", ())),
        shortest=limits.get("minLength"),
        longest=limits.get("maxLength"),
        minimum=bound("minimum"),
        maximum=bound("maximum"),
    )


def _reader(field: Mapping[str, Any]) -> tuple[Callable[[str], _Value | None], str]:
    kind = field.get("type", "string")
    if kind in ("string", "any"):
        return str, "un texte"
    if kind == "integer":
        return _integer, "un nombre entier"
    if kind == "number":
        mark = field.get("decimalChar", ".")
        group = field.get("groupChar", "")
        return lambda text: _number(text, mark, group), f"un nombre (séparateur décimal « {mark} »)"
    if kind in ("date", "datetime"):
        return _dates(field.get("format", "default"), kind)
    if kind == "boolean":
        yes = tuple(field.get("trueValues", ("true", "True", "TRUE", "1")))
        no = tuple(field.get("falseValues", ("false", "False", "FALSE", "0")))
        return lambda text: _boolean(text, yes, no), " ou ".join((*yes[:1], *no[:1]))
    raise ValueError(f"column {field.get('name')}: type {kind!r} is not read")


def _integer(text: str) -> int | None:
    # Longer than any amount in cents or any code: not a number, and int() would refuse it noisily.
    return int(text) if len(text) <= 40 and _INTEGER.fullmatch(text) else None


def _number(text: str, mark: str, group: str) -> Decimal | None:
    plain = text.replace(group, "") if group else text
    if mark != "." and "." in plain:
        return None
    try:
        value = Decimal(plain.replace(mark, ".")) if "_" not in plain and plain == plain.strip() else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def _dates(layout: str, kind: str) -> tuple[Callable[[str], _Value | None], str]:
    if layout in ("default", "any"):
        if kind == "date":
            return _iso_date, "une date AAAA-MM-JJ"
        return _iso_datetime, "une date et heure AAAA-MM-JJThh:mm:ss"

    def read(text: str) -> date | None:
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007 - a day written in a file has no time zone
        except ValueError:
            return None

    shown = layout.replace("%d", "JJ").replace("%m", "MM").replace("%Y", "AAAA").replace("%H", "hh").replace("%M", "mm")
    return read, f"une date {shown}"


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def _iso_datetime(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _boolean(text: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    if text in yes:
        return True
    return False if text in no else None


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
