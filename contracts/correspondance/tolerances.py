"""What 2.0.1 and 2.0.2 allowed and the present format refuses: put right, and said, when a record is refused for it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from lxml import etree

from contracts.correspondance.former import straight

_SPELLED = {
    "Système d’acquisition dynamique",
    "Techniques de l’information et de la communication",
}
_MAY_BE_EMPTY = ("actesSousTraitance", "donneesExecution")
SPELLING, TYPE = "ecriture-2.0.1", "type-2.0.2"


def json_record(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A copy of a JSON contract as the present format writes it, and what was put right (ids of losses)."""
    made, said = copy.deepcopy(dict(fields)), []
    if made.get("_type") == "Marché":
        del made["_type"]
        said.append(TYPE)
    techniques = made.get("techniques")
    listed = techniques.get("technique") if isinstance(techniques, dict) else None
    spelled = isinstance(made.get("ccag"), str) and made["ccag"] in _SPELLED
    if spelled:
        made["ccag"] = straight(made["ccag"])
    if isinstance(listed, list) and any(isinstance(value, str) and value in _SPELLED for value in listed):
        assert isinstance(techniques, dict)
        techniques["technique"] = [straight(value) if isinstance(value, str) else value for value in listed]
        spelled = True
    return made, [*said, SPELLING] if spelled else said


def xml_record(element: etree._Element) -> tuple[etree._Element, list[str]]:
    """The same for an XML contract."""
    made = copy.deepcopy(element)
    spelled = False
    for name in _MAY_BE_EMPTY:
        for empty in made.findall(name):
            if not len(empty) and not (empty.text or "").strip():
                made.remove(empty)
                spelled = True
    for leaf in made.iter("technique", "ccag"):
        if (leaf.text or "") in _SPELLED:
            leaf.text = straight(leaf.text or "")
            spelled = True
    return made, [SPELLING] if spelled else []
