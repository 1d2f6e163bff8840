"""Validation errors as French sentences with the place in the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from semaphore_hub.kernel.errors import Problem

_FIXED = {
    "missing": "ce champ est obligatoire",
    "extra_forbidden": "ce champ n'est pas prévu : retirez-le ou corrigez son nom",
    "string_type": "un texte est attendu",
    "string_unicode": "ce texte contient des caractères invalides",
    "bool_type": "true ou false est attendu",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "int_parsing_size": "ce nombre est trop grand",
    "float_type": "un nombre est attendu",
    "decimal_type": "un nombre est attendu",
    "tuple_type": "une liste est attendue",
    "list_type": "une liste est attendue",
    "dict_type": "un objet est attendu",
    "model_type": "un objet est attendu",
    "model_attributes_type": "un objet est attendu",
    "none_required": "null est attendu",
}

_BUILT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": lambda ctx: f"valeurs possibles : {ctx['expected']}".replace(" or ", " ou "),
    "literal_error": lambda ctx: f"valeurs possibles : {ctx['expected']}".replace(" or ", " ou "),
    "string_too_short": lambda ctx: f"au moins {ctx['min_length']} caractère(s)",
    "string_too_long": lambda ctx: f"au plus {ctx['max_length']} caractères",
    "string_pattern_mismatch": lambda ctx: f"ce texte ne suit pas le motif {ctx['pattern']}",
    "too_short": lambda ctx: f"au moins {ctx['min_length']} élément(s)",
    "too_long": lambda ctx: f"au plus {ctx['max_length']} éléments",
    "greater_than_equal": lambda ctx: f"au moins {ctx['ge']}",
    "greater_than": lambda ctx: f"plus que {ctx['gt']}",
    "less_than_equal": lambda ctx: f"au plus {ctx['le']}",
    "less_than": lambda ctx: f"moins que {ctx['lt']}",
}


def say(error: Mapping[str, Any]) -> Problem:
    """One validation error of pydantic, as a problem: place, kind of error, French sentence."""
    kind = str(error["type"])
    if kind in _FIXED:
        message = _FIXED[kind]
    elif kind in _BUILT:
        message = _BUILT[kind](error["ctx"])
    else:
        # Our own validators already speak French; pydantic prefixes theirs when they raise ValueError.
        message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(path=place(error["loc"]), rule=kind, message=message)


def place(location: tuple[int | str, ...]) -> str:
    """Place of an error: ``$.titulaires[0].id`` in the body, ``query.limit``, ``header.If-Match``, ``path.uid``."""
    origin, *steps = location
    if origin != "body":
        return ".".join(str(step) for step in location)
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
