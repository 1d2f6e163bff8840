"""XML Schema 1.0 validation, with libxml2's errors said in short French sentences.

An ``lxml`` XMLSchema object holds state (its error log), so each thread compiles its own and keeps it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from contracts.patterns import describe
from contracts.report import MAX_FINDINGS
from contracts.xml import local_name, new_parser, path_of

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LINKS = (_XS + "include", _XS + "import", _XS + "redefine")
# Children shown to libxml2 at a time when a list is longer: see _flood.
_WINDOW = 2000
_local = threading.local()

_SUBJECT = re.compile(
    r"\AElement '(?P<element>[^']*)'(?:, attribute '(?P<attribute>[^']*)')?: (?P<rest>.*)\Z", re.DOTALL
)
_CLARK = re.compile(r"\{[^}]*\}")
# Pattern of libxml2's sentence, and ours; what stands in (?P<v>…) is always the value found in the document.
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (
            r"Missing child element\(s\)\. Expected is (?:one of )?\( (?P<w>.*) \)\.",
            "il manque un élément, attendu : {w}",
        ),
        (r"Missing child element\(s\)\.", "il manque un élément obligatoire"),
        (
            r"This element is not expected\. Expected is (?:one of )?\( (?P<w>.*) \)\.",
            "cet élément n'est pas attendu ici, attendu : {w}",
        ),
        (r"This element is not expected\.", "cet élément n'est pas attendu ici"),
        (
            r"No matching global declaration available for the validation root\.",
            "la racine du document n'est pas celle du contrat (nom ou espace de noms)",
        ),
        (r"The attribute '(?P<w>.*)' is required but missing\.", "l'attribut {w} est obligatoire et absent"),
        (r"The attribute '(?P<w>.*)' is not allowed\.", "l'attribut {w} n'est pas permis"),
        (
            r"\[facet 'pattern'\] The value '(?P<v>.*)' is not accepted by the pattern '(?P<w>.*)'\.",
            "la valeur « {v} » n'a pas la forme attendue : {w}",
        ),
        (
            r"\[facet 'enumeration'\] The value '(?P<v>.*)' is not an element of the set \{(?P<w>.*)\}\.",
            "la valeur « {v} » n'est pas dans la liste permise : {w}",
        ),
        (
            r"\[facet 'maxLength'\] The value has a length of '(?P<v>\d+)'; .* maximum length of '(?P<w>\d+)'\.",
            "la valeur a {v} caractères, le maximum est {w}",
        ),
        (
            r"\[facet 'minLength'\] The value has a length of '(?P<v>\d+)'; .* minimum length of '(?P<w>\d+)'\.",
            "la valeur a {v} caractère(s), le minimum est {w}",
        ),
        (
            r"\[facet 'length'\] The value has a length of '(?P<v>\d+)'; .* length of '(?P<w>\d+)'\.",
            "la valeur a {v} caractère(s), il en faut {w}",
        ),
        (
            r"\[facet 'minInclusive'\] The value '(?P<v>.*)' is less than .* \('(?P<w>.*)'\)\.",
            "la valeur {v} est trop petite, le minimum est {w}",
        ),
        (
            r"\[facet 'maxInclusive'\] The value '(?P<v>.*)' is greater than .* \('(?P<w>.*)'\)\.",
            "la valeur {v} est trop grande, le maximum est {w}",
        ),
        (
            r"\[facet 'minExclusive'\] The value '(?P<v>.*)' .* \('(?P<w>.*)'\)\.",
            "la valeur {v} doit être supérieure à {w}",
        ),
        (
            r"\[facet 'maxExclusive'\] The value '(?P<v>.*)' .* \('(?P<w>.*)'\)\.",
            "la valeur {v} doit être inférieure à {w}",
        ),
        (
            r"\[facet 'totalDigits'\] The value '(?P<v>.*)' has more digits than are allowed \('(?P<w>.*)'\)\.",
            "la valeur {v} a trop de chiffres, le maximum est {w}",
        ),
        (
            r"\[facet 'fractionDigits'\] The value '(?P<v>.*)' has more .* allowed \('(?P<w>.*)'\)\.",
            "la valeur {v} a trop de décimales, le maximum est {w}",
        ),
        (
            r"'(?P<v>.*)' is not a valid value of the (?:atomic|list|union) type '(?P<w>.*)'\.",
            "« {v} » n'est pas une valeur du type {w}",
        ),
        (
            r"'(?P<v>.*)' is not a valid value of the local (?:atomic|list|union) type\.",
            "« {v} » n'est pas une valeur permise",
        ),
        (r"Character content .* is not allowed.*", "un texte n'est pas permis dans cet élément"),
        (r"Element content is not allowed.*", "des éléments ne sont pas permis ici, une valeur simple est attendue"),
        (r"Duplicate key-sequence \[(?P<v>.*)\] in .*", "la valeur {v} doit être unique"),
    )
)
_TYPES = {
    "xs:date": "date (AAAA-MM-JJ)",
    "xs:dateTime": "date et heure (AAAA-MM-JJThh:mm:ss)",
    "xs:decimal": "nombre décimal (point décimal, sans espace)",
    "xs:integer": "nombre entier",
    "xs:positiveInteger": "nombre entier positif",
    "xs:nonNegativeInteger": "nombre entier positif ou nul",
    "xs:boolean": "booléen (true ou false)",
}


class SchemaBroken(Exception):
    """A schema file does not compile, or points outside its own folder."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One schema violation: readable path, line in the document, French sentence, and the element when it is found."""

    path: str
    line: int | None
    message: str
    node: etree._Element | None = None


def compiled(path: Path) -> etree.XMLSchema:
    """The schema of this file, compiled once per thread. Raises SchemaBroken."""
    cache: dict[Path, etree.XMLSchema] | None = getattr(_local, "cache", None)
    if cache is None:
        cache = _local.cache = {}
    schema = cache.get(path)
    if schema is None:
        _check_links(path, path.parent.resolve(), set())
        try:
            document = etree.fromstring(path.read_bytes(), new_parser(), base_url=path.resolve().as_uri())
            schema = cache[path] = etree.XMLSchema(document)
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
            raise SchemaBroken(f"{path}: {error}") from error
    return schema


def errors(path: Path, tree: etree._ElementTree, size: int | None = None) -> Iterator[SchemaError]:
    """Every violation of the schema by the document, in document order; nothing when it is valid.

    Args:
        path: the schema file.
        tree: the parsed document.
        size: the document's size in bytes when known; a small one cannot hold a flood and is not searched for it.
    """
    schema = compiled(path)
    may_flood = len(tree.getroot()) > 0 and (size is None or size > _WINDOW * len(b"<a/>"))
    flood = _flood(schema, tree) if may_flood and _crowded(tree) else []
    if not flood and schema.validate(tree):
        return
    for entry, node in flood or _logged(schema, tree):
        shown = path_of(node) if node is not None else entry.path or "/"
        yield SchemaError(shown, entry.line or None, _say(entry), node)


def _logged(schema: etree.XMLSchema, tree: etree._ElementTree) -> Iterator[tuple[Any, etree._Element | None]]:
    log: Any = schema.error_log
    for entry in list(log):
        yield entry, _node_at(tree, entry.path)


def _crowded(tree: etree._ElementTree) -> list[etree._Element]:
    """The outermost elements with thousands of children of one or two names: long lists, not structures."""
    found: Any = tree.xpath(f"//*[*[{_WINDOW + 1}]][not(ancestor::*[*[{_WINDOW + 1}]])]")
    return [node for node in found if len({child.tag for child in node}) <= 2]


def _flood(schema: etree.XMLSchema, tree: etree._ElementTree) -> list[tuple[Any, etree._Element | None]]:
    """The first errors when a long list is full of them, else nothing.

    libxml2 counts all the siblings before an element to say where its error is, so a list of a million wrong elements
    would take hours: such a list is first shown to it a part at a time, and the reading stops when there is enough.
    """
    found: list[tuple[Any, etree._Element | None]] = []
    for parent in _crowded(tree):
        children = list(parent)
        try:
            for start in range(0, len(children), _WINDOW):
                parent[:] = children[start : start + _WINDOW]
                if not schema.validate(tree):
                    found.extend(_logged(schema, tree))
                if len(found) > MAX_FINDINGS:
                    return found
        finally:
            parent[:] = children
    return []


def _say(entry: Any) -> str:
    subject = _SUBJECT.match(entry.message)
    if subject is None:
        return f"Non conforme au schéma : {entry.message}"
    element = _CLARK.sub("", subject["element"])
    attribute = f" (attribut {subject['attribute']})" if subject["attribute"] else ""
    rest = subject["rest"].strip()
    for pattern, sentence in _SENTENCES:
        found = pattern.fullmatch(rest)
        if found:
            # Namespaces are left out of the names of elements; values and patterns have braces of their own.
            plain = rest if "[facet" in rest else _CLARK.sub("", rest)
            found = pattern.fullmatch(plain) or found
            parts = {name: _shorten(text) for name, text in found.groupdict().items()}
            wanted = parts.get("w", "")
            parts["w"] = describe(wanted) if "'pattern'" in rest else _TYPES.get(wanted, wanted)
            rest = sentence.format(**parts)
            break
    return f"« {element} »{attribute} : {rest.rstrip('.')}."


def _shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _node_at(tree: etree._ElementTree, path: str | None) -> etree._Element | None:
    """The element of a libxml2 path, which writes the document's own prefixes."""
    if not path:
        return None
    prefixes = {prefix: uri for prefix, uri in tree.getroot().nsmap.items() if prefix}
    try:
        found = tree.xpath(path, namespaces=prefixes)
    except etree.XPathError:
        # A prefix declared further down than the root: the raw path is still readable.
        return None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None


def _check_links(path: Path, folder: Path, seen: set[Path]) -> None:
    """Includes and imports must be files of the contract's own folder: nothing is ever fetched."""
    if path in seen:
        return
    seen.add(path)
    try:
        root = etree.fromstring(path.read_bytes(), new_parser())
    except etree.XMLSyntaxError as error:
        raise SchemaBroken(f"{path}: {error}") from error
    for link in root.iter(*_LINKS):
        location = link.get("schemaLocation")
        if location is None:
            continue
        target = (path.parent / location).resolve()
        if "://" in location or not target.is_relative_to(folder) or not target.is_file():
            raise SchemaBroken(f"{path}: {local_name(link)} of {location!r} is not a file of the contract's folder")
        _check_links(target, folder, seen)
