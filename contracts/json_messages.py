"""One French sentence per JSON Schema keyword: which field, which value, what the schema wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from contracts.patterns import describe

_TYPES = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "true ou false",
    "object": "un objet { }",
    "array": "une liste [ ]",
    "null": "null",
}
_FORMATS = {
    "date": "une date AAAA-MM-JJ",
    "date-time": "une date et heure AAAA-MM-JJThh:mm:ssZ",
    "time": "une heure hh:mm:ssZ",
    "email": "une adresse de courriel",
    "uri": "une adresse (URI)",
    "uuid": "un UUID",
}


def sentence(error: jsonschema_rs.ValidationError) -> str:
    """The violation in French, ready to be read by the person who corrects the document."""
    said = _SAY.get(error.kind.name)
    text = said(error.kind, error.instance) if said else f"la valeur ne respecte pas « {error.kind.name} »"
    return f"{_field(error)} : {text}."


def _field(error: jsonschema_rs.ValidationError) -> str:
    names = [step for step in error.instance_path if isinstance(step, str)]
    return f"« {names[-1]} »" if names else "Document"


def _value(value: Any, limit: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else f"« {value} »"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _choices(options: list[Any]) -> str:
    return " · ".join(str(option) for option in options)


def _unexpected(kind: Any, _: Any) -> str:
    names = ", ".join(f"« {name} »" for name in kind.unexpected[:10])
    return f"propriété inconnue {names} : retirez-la ou corrigez son nom"


def _alternatives(kind: Any, _: Any) -> str:
    branches = getattr(kind, "context", [])
    missing = [branch[0].kind.property for branch in branches if branch and branch[0].kind.name == "required"]
    if missing and len(missing) == len(branches):
        return f"une de ces données est obligatoire : {_choices(missing)}"
    return "aucune des formes permises n'est respectée (clé obligatoire absente ou valeur d'une autre forme)"


_SAY: dict[str, Callable[[Any, Any], str]] = {
    "required": lambda kind, _: f"la donnée obligatoire « {kind.property} » est absente",
    "type": lambda kind, v: f"{_value(v)} n'est pas {' ou '.join(_TYPES.get(t, t) for t in kind.types)}",
    "enum": lambda kind, v: f"la valeur {_value(v)} n'est pas dans la liste permise : {_choices(kind.options)}",
    "const": lambda kind, v: f"la valeur {_value(v)} doit être {_value(kind.expected_value)}",
    "pattern": lambda kind, v: f"la valeur {_value(v)} n'a pas la forme attendue : {describe(kind.pattern)}",
    "format": lambda kind, v: f"la valeur {_value(v)} n'est pas {_FORMATS.get(kind.format, kind.format)}",
    "minLength": lambda kind, v: f"la valeur a {len(v)} caractère(s), le minimum est {kind.limit}",
    "maxLength": lambda kind, v: f"la valeur a {len(v)} caractères, le maximum est {kind.limit}",
    "minimum": lambda kind, v: f"la valeur {v} est trop petite, le minimum est {kind.limit}",
    "maximum": lambda kind, v: f"la valeur {v} est trop grande, le maximum est {kind.limit}",
    "exclusiveMinimum": lambda kind, v: f"la valeur {v} doit être supérieure à {kind.limit}",
    "exclusiveMaximum": lambda kind, v: f"la valeur {v} doit être inférieure à {kind.limit}",
    "multipleOf": lambda kind, v: f"la valeur {v} doit être un multiple de {kind.multiple_of}",
    "minItems": lambda kind, v: f"la liste a {len(v)} élément(s), le minimum est {kind.limit}",
    "maxItems": lambda kind, v: f"la liste a {len(v)} éléments, le maximum est {kind.limit}",
    "uniqueItems": lambda _kind, _: "la liste contient deux fois le même élément",
    "minProperties": lambda kind, v: f"l'objet a {len(v)} donnée(s), le minimum est {kind.limit}",
    "maxProperties": lambda kind, v: f"l'objet a {len(v)} données, le maximum est {kind.limit}",
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "not": lambda _kind, v: f"la valeur {_value(v)} n'est pas permise dans ce cas",
    "contains": lambda _kind, _: "aucun élément de la liste n'a la forme attendue",
}
