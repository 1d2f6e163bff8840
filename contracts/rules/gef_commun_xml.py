"""The rules of the common GEF model applied to its XML syntax: the document is read once into the JSON form.

What an XPath 1.0 says well is in the Schematron of each contract; keys, sums and lists of any length are here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from lxml import etree

from contracts.records import PerRecord, per_record
from contracts.report import MAX_FINDINGS, Violation
from contracts.rules import gef, gef_commun, gef_commun_flux
from contracts.rules.gef_commun_lecture import BLANKS, Pointer
from contracts.xml import line_of, local_name

_LISTS = frozenset(
    {"codes", "beneficiaires", "titulaires", "sousTraitants", "tranches", "reconductions", "imputations", "lignes"}
)
# What the rules count with; every other value is a text in JSON too, or no rule looks at it.
_WHOLE = frozenset({"ligne", "nombreLignes", "partie", "parties", "dureeMois", "exercice"})


class XmlDocument:
    """An XML document of the model: its JSON form, and the way back from a place in it to the element."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._items: dict[Pointer, list[tuple[etree._Element, str]]] = {}
        self.value = _value(root)

    def placed(self, violations: Iterable[Violation]) -> Iterator[Violation]:
        """Violations of the JSON form, at the path and line of the element; no more than are reported."""
        for violation in islice(violations, MAX_FINDINGS + 1):
            element, path = self._place(violation.path if isinstance(violation.path, tuple) else ())
            yield Violation(path, line_of(element), violation.detail)

    def _place(self, pointer: Pointer) -> tuple[etree._Element, str]:
        element, path = self._root, "/" + local_name(self._root)
        for depth, step in enumerate(pointer):
            if isinstance(step, int):
                items = self._items_of(element, pointer[:depth])
            else:
                items = [(one, step) for one in element.iterchildren(etree.Element) if local_name(one) == step]
            rank = step if isinstance(step, int) else 0
            if rank >= len(items):
                break
            element, name = items[rank]
            path = f"{path}/{name}"
        return element, path

    def _items_of(self, element: etree._Element, pointer: Pointer) -> list[tuple[etree._Element, str]]:
        """The items of a list with their names in a path, found once: a list may be long, and full of faults."""
        if pointer not in self._items:
            children = list(element.iterchildren(etree.Element))
            lone = len(children) == 1
            self._items[pointer] = [
                (one, local_name(one) if lone else f"{local_name(one)}[{rank}]")
                for rank, one in enumerate(children, start=1)
            ]
        return self._items[pointer]


def documents(tree: etree._ElementTree) -> Iterator[tuple[str, XmlDocument]]:
    """The document, as the one record that its rules share."""
    yield "document", XmlDocument(tree.getroot())


def _value(element: etree._Element) -> Any:
    name = local_name(element)
    children = list(element.iterchildren(etree.Element))
    if name in _LISTS:
        return [_value(child) for child in children]
    if children:
        return {local_name(child): _value(child) for child in children}
    text = element.text or ""
    if name not in _WHOLE:
        return text
    # Blanks around a number mean nothing in XML. Longer than any rank or year: no number of the model.
    digits = text.strip(BLANKS)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else text


def _on_xml(check: Callable[[Any], Iterable[Violation]]) -> PerRecord:
    return per_record(documents, "document")(lambda _, record: record.placed(check(record.value)))


sirets = _on_xml(gef_commun.sirets)
tiers = _on_xml(gef_commun.tiers)
finess = _on_xml(gef_commun.finess)
numeros_de_ligne = _on_xml(gef_commun.numeros_de_ligne)
doublons = _on_xml(gef_commun.doublons)
comptes = _on_xml(gef_commun.comptes)
titulaires = _on_xml(gef_commun.titulaires)
taux_tva = _on_xml(gef_commun.taux_tva)
gtin = _on_xml(gef_commun.gtin)
ucd = _on_xml(gef_commun.ucd)
cip = _on_xml(gef_commun.cip)

finess_du_flux = _on_xml(gef_commun_flux.finess)
lignes_du_flux = _on_xml(gef_commun_flux.numeros_de_ligne)
doublons_du_flux = _on_xml(gef_commun_flux.doublons)
comptes_du_flux = _on_xml(gef_commun_flux.comptes)
budgets = _on_xml(gef_commun_flux.budgets)
prix_par_quantite = _on_xml(gef_commun_flux.prix_par_quantite)
ttc = _on_xml(gef_commun_flux.ttc)
exercices = _on_xml(gef_commun_flux.exercices)

reponses = _on_xml(gef.lignes_acquittees_json)
