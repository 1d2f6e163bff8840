"""Strict JSON and JSON Schema 2020-12, with each violation said in French at its line of the source text."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs

from contracts import json_flood
from contracts.json_flood import Pointer
from contracts.json_messages import sentence
from contracts.refusal import MAX_BYTES, Refused, size_refusal

# Deeper than any exchange needs, and below the recursion limits of the decoder and of the schema validator.
MAX_DEPTH = 64
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_validators: dict[Path, jsonschema_rs.Draft202012Validator] = {}
_lock = threading.Lock()


class JsonRefused(Refused):
    """A JSON document that is not read further: malformed, duplicate keys, NaN, too big, too deep, not UTF-8."""


class SchemaBroken(Exception):
    """A JSON Schema file is not a valid schema or refers to a file outside its folder."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One schema violation: the keys and indexes down to the value, and a French sentence."""

    pointer: Pointer
    message: str


class _NotStrict(ValueError):
    """Raised inside the decoder for what Python's json accepts and RFC 8259 does not."""


def parse(body: bytes, limit: int = MAX_BYTES) -> tuple[Any, str]:
    """Decode a whole document: the value, decimal numbers as Decimal, and its text. Raises JsonRefused."""
    refusal = size_refusal(body, limit)
    if refusal:
        raise JsonRefused(*refusal)
    text = _decode(body)
    try:
        value = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonRefused("JSON", error.lineno, _malformed(error)) from error
    except RecursionError as error:
        raise JsonRefused("JSON", None, "Le document JSON est imbriqué trop profondément.") from error
    except ValueError as error:
        # Our own refusals, and Python's limit on the number of digits of an integer.
        reason = str(error) if isinstance(error, _NotStrict) else "un nombre a trop de chiffres"
        raise JsonRefused("JSON", None, f"Le document n'est pas du JSON strict : {reason}.") from error
    check_decoded(value, text)
    return value, text


def check_decoded(value: Any, text: str) -> None:
    """What the decoder lets through and we refuse: too deep, half characters. Raises JsonRefused.

    Args:
        value: as ``DECODER`` gave it.
        text: as it is written.
    """
    # Few brackets cannot be nested deeply: most texts need no walk.
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _refuse_deep(value)
    if _SURROGATE.search(text):
        _refuse_lone_surrogates(text, value)


def errors(schema: Path, value: Any) -> Iterator[SchemaError]:
    """Every violation of the schema file by the value, one at a time: a caller may stop when it has enough."""
    for pointer, error in json_flood.errors(validator(schema), value):
        yield SchemaError(pointer, sentence(error))


def validator(path: Path) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of this file, shared by all threads (it holds no state). Raises SchemaBroken."""
    known = _validators.get(path)
    if known is not None:
        return known
    with _lock:
        if path not in _validators:
            _validators[path] = _compile(path)
        return _validators[path]


def show(pointer: Sequence[str | int]) -> str:
    """A pointer as a JSONPath (RFC 9535), such as ``$.marches.marche[0].acheteur.id``."""
    parts = ["$"]
    for step in pointer:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append(f".{step}")
        else:
            parts.append("['{}']".format(step.replace("\\", "\\\\").replace("'", "\\'")))
    return "".join(parts)


def lines(text: str, pointers: Iterable[Pointer]) -> dict[Pointer, int]:
    """The line (from 1) where each value stands in the text; a key that is absent gets its object's line.

    Walks only the branches that lead to a wanted value and lets the C decoder skip the others.
    """
    wanted: dict[str | int, Any] = {}
    asked = set(pointers)
    for pointer in asked:
        branch = wanted
        for step in pointer:
            branch = branch.setdefault(step, {})
    offsets: dict[Pointer, int] = {}
    with contextlib.suppress(_AllLocated):
        _locate(text, _space(text, 0), wanted, (), _Places(offsets, _size(wanted)))
    found: dict[Pointer, int] = {}
    line, position = 1, 0
    by_offset = sorted((offsets[_nearest(pointer, offsets)], pointer) for pointer in asked) if offsets else []
    for offset, pointer in sorted(by_offset, key=lambda item: item[0]):
        line += text.count("\n", position, offset)
        position = offset
        found[pointer] = line
    return found


def _nearest(pointer: Pointer, offsets: dict[Pointer, int]) -> Pointer:
    while pointer not in offsets:
        pointer = pointer[:-1]
    return pointer


class _AllLocated(Exception):
    """Every wanted value has been met: the rest of the text need not be walked."""


@dataclass(slots=True)
class _Places:
    offsets: dict[Pointer, int]
    expected: int

    def add(self, pointer: Pointer, offset: int) -> None:
        self.offsets[pointer] = offset
        if len(self.offsets) == self.expected:
            raise _AllLocated


def _size(tree: dict[str | int, Any]) -> int:
    return 1 + sum(map(_size, tree.values()))


def _locate(text: str, start: int, wanted: dict[str | int, Any], here: Pointer, places: _Places) -> int:
    """Record the offsets of the wanted values under the value at ``start``; return the offset after it."""
    places.add(here, start)
    opening = text[start]
    if not wanted or opening not in "{[":
        return _DECODER.raw_decode(text, start)[1]
    position = _space(text, start + 1)
    index = 0
    while text[position] not in "}]":
        step: str | int = index
        if opening == "{":
            step, position = _DECODER.raw_decode(text, position)
            position = _space(text, _space(text, position) + 1)
        if step in wanted:
            position = _locate(text, position, wanted[step], (*here, step), places)
        else:
            position = _DECODER.raw_decode(text, position)[1]
        position = _space(text, position)
        if text[position] == ",":
            position = _space(text, position + 1)
        index += 1
    return position + 1


def _space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        message = f"Le document n'est pas en UTF-8 (ligne {line}, octet 0x{body[error.start]:02X}) : réenregistrez-le."
        raise JsonRefused("ENCODAGE", line, message) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _NotStrict(f"la clé « {key} » est écrite deux fois dans le même objet")
            seen.add(key)
    return made


def _refuse_constant(name: str) -> None:
    raise _NotStrict(f"{name} n'est pas un nombre permis")


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=Decimal)
"""Strict: no key written twice, no NaN; decimal numbers are Decimal."""
_DECODER = json.JSONDecoder()
_CONTAINERS = frozenset({dict, list})


def _refuse_deep(value: Any) -> None:
    # Level by level and in one comprehension each: this runs on every document, of any size.
    level = [value] if type(value) in _CONTAINERS else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise JsonRefused("JSON", None, f"Le document JSON dépasse {MAX_DEPTH} niveaux d'imbrication.")
        level = [
            child
            for held in level
            for child in (held.values() if type(held) is dict else held)
            if type(child) in _CONTAINERS
        ]


def _refuse_lone_surrogates(text: str, value: Any) -> None:
    """Half of a surrogate pair is no character: it could be neither stored nor sent again."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError as error:
        found = re.search(r"\\u[dD][89a-fA-F]", text)
        line = text.count("\n", 0, found.start()) + 1 if found else None
        message = "Le document contient un caractère incomplet (demi-paire \\uD8xx) : corrigez l'échappement."
        raise JsonRefused("JSON", line, message) from error


def _malformed(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        reason = "le document est vide" if not error.doc.strip() else "le document est tronqué"
    else:
        reason = _REASONS.get(error.msg, error.msg)
    return f"Le document n'est pas du JSON : {reason} (ligne {error.lineno}, colonne {error.colno})."


_REASONS = {
    "Expecting value": "une valeur est attendue",
    "Expecting ',' delimiter": "une virgule est attendue",
    "Expecting ':' delimiter": "un deux-points est attendu",
    "Expecting property name enclosed in double quotes": "un nom de clé entre guillemets doubles est attendu",
    "Illegal trailing comma before end of object": "une virgule est en trop avant la fin de l'objet",
    "Illegal trailing comma before end of array": "une virgule est en trop avant la fin de la liste",
    "Extra data": "du texte suit la fin du document",
    "Unterminated string starting at": "un texte n'est pas fermé par un guillemet",
    "Invalid control character at": "un caractère de contrôle (ou nul) est dans un texte sans être échappé",
    "Invalid \\escape": "un échappement « \\ » n'est pas permis",
    "Invalid \\uXXXX escape": "un échappement \\u n'est pas suivi de quatre chiffres hexadécimaux",
}


def _compile(path: Path) -> jsonschema_rs.Draft202012Validator:
    """``$ref`` may name another schema file of the same folder by its file name; nothing is ever fetched."""
    base = "contract:/"
    folder = path.parent

    def retrieve(uri: str) -> Any:
        target = folder / uri.removeprefix(base)
        if not uri.startswith(base) or target.parent != folder or not target.is_file():
            raise SchemaBroken(f"{path}: {uri} is not a file of the contract's folder")
        return _without_id(target)

    try:
        return jsonschema_rs.Draft202012Validator(
            _without_id(path), retriever=retrieve, base_uri=base + path.name, validate_formats=True
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaBroken(f"{path}: {error}") from error


def _without_id(path: Path) -> Any:
    """The published ``$id`` is a name for others; here a file is known by its name in the folder."""
    schema = json.loads(path.read_text("utf-8"))
    schema.pop("$id", None)
    return schema
