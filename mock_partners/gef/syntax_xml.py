"""The XML syntax of the common model: the JSON names as elements, lists in wrappers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from contracts import xml
from mock_partners.gef.documents import Document

NAMESPACE = "urn:fr:semaphore:hypothese:gef:1"
_DEFAULT: dict[Any, str] = {None: NAMESPACE}
MESSAGE, COMPTE_RENDU, FLUX = "message", "compteRendu", "flux"

_ITEMS: Mapping[str, str] = {
    "codes": "codeNomenclature",
    "beneficiaires": "beneficiaire",
    "titulaires": "titulaire",
    "sousTraitants": "sousTraitant",
    "tranches": "tranche",
    "reconductions": "reconduction",
    "imputations": "imputation",
}
_FLUX_ITEMS: Mapping[str, str] = {
    "structures": "structure",
    "comptes": "compteBudgetaire",
    "fournisseurs": "tiers",
    "commandes": "commande",
    "receptions": "reception",
    "mandats": "mandat",
}
_LISTS = frozenset({*_ITEMS, "lignes"})
_BOOLEANS = frozenset({"actif", "ouvert", "paiementDirect"})
_INTEGERS = frozenset(
    {
        "ligne",
        "acte",
        "dureeMois",
        "deltaDureeMois",
        "partie",
        "parties",
        "lot",
        "quantiteParConditionnement",
        "minimumCommande",
        "exercice",
        "nombreLignes",
        "ligneCommande",
        "ligneReception",
        "ligneMandat",
    }
)


def read(body: bytes) -> Document:
    """A message or a compte rendu that satisfies its contract."""
    return read_element(xml.parse(body).getroot())


def read_element(root: etree._Element) -> Document:
    """As :func:`read`, for an element already parsed (inside an envelope)."""
    found: Document = _object(root)
    return found


def write(document: Document, root: str) -> bytes:
    """A document of the model as XML, in UTF-8.

    Args:
        document: its keys are written in their order, which is that of the schema.
        root: :data:`COMPTE_RENDU` or :data:`FLUX`.
    """
    return etree.tostring(element(document, root), xml_declaration=True, encoding="UTF-8")


def element(document: Document, root: str) -> etree._Element:
    """As :func:`write`, as an element to put in an envelope."""
    lines = _FLUX_ITEMS[document["typeFlux"]] if root == FLUX else "ligneReponse"
    top = etree.Element(_tag(root), nsmap=_DEFAULT)
    _fill(top, document, lines)
    return top


def _fill(parent: etree._Element, values: Mapping[str, Any], lines: str) -> None:
    for name, value in values.items():
        child = etree.SubElement(parent, _tag(name))
        if isinstance(value, Mapping):
            _fill(child, value, lines)
        elif isinstance(value, list):
            for item in value:
                _fill(etree.SubElement(child, _tag(_ITEMS.get(name, lines))), item, lines)
        else:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)


def _object(node: etree._Element) -> dict[str, Any]:
    return {name: _value(name, child, node) for name, child in _children(node)}


def _value(name: str, node: etree._Element, parent: etree._Element) -> Any:
    if name in _LISTS:
        return [_object(child) for _, child in _children(node)]
    # A lot is an object in a marché and a number in a list of products.
    if len(node):
        return _object(node)
    text = (node.text or "").strip()
    if name in _BOOLEANS:
        return text in ("true", "1")
    # The number of a marché is a text; that of a lot, a slice, a modification… counts.
    counts = name in _INTEGERS or (name == "numero" and xml.local_name(parent) != "marche")
    return int(text) if counts else text


def _children(node: etree._Element) -> Iterable[tuple[str, etree._Element]]:
    for child in node:
        if isinstance(child.tag, str):
            yield child.tag.rpartition("}")[2], child


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
