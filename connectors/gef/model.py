"""The documents of the common model, as plain values in the shape of their JSON form; and what their names mean.

A document is a ``dict`` whose keys stand in the order of the interface contract (XML is written in that order). Texts
are texts, ranks are ``int``, amounts are texts with a decimal point ("1234.56", euros HT), flags are ``bool``; what has
no value has no key. Everything here is an assumption ("hypothèse"): see ``contracts/gef``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
"""A message, a compte rendu or a flux."""

VERSION = "1"
COMPTE_RENDU = "compte_rendu"
"""Message type (manifest) of the hub's own answer to a flux."""
MARCHE_KINDS = frozenset({"marche", "modification", "correction", "evenement"})

FILE_TYPES: Mapping[str, str] = {
    "fournisseur": "FOU",
    "nomenclature": "NOM",
    "marche": "MAR",
    "modification": "MOD",
    "correction": "COR",
    "evenement": "EVT",
    "produits": "PRO",
    COMPTE_RENDU: "CR",
}
"""Type, in a file name, of each message the hub sends."""

INBOUND_FILE_TYPES = frozenset({"CR", "STR", "CPT", "TIE", "CMD", "REC", "MAN"})
"""Types, in file names, of what a GEF sends."""

FLUX_ITEMS: Mapping[str, str] = {
    "structures": "structure",
    "comptes": "compteBudgetaire",
    "fournisseurs": "tiers",
    "commandes": "commande",
    "receptions": "reception",
    "mandats": "mandat",
}
"""XML element of one line, by type of flux."""

LIST_ITEMS: Mapping[str, str] = {
    "codes": "codeNomenclature",
    "beneficiaires": "beneficiaire",
    "titulaires": "titulaire",
    "sousTraitants": "sousTraitant",
    "tranches": "tranche",
    "reconductions": "reconduction",
    "imputations": "imputation",
}
"""XML element of one item, by name of its list; that of ``lignes`` depends on the document."""

_INTEGERS = frozenset(
    {
        "acte",
        "deltaDureeMois",
        "dureeMois",
        "exercice",
        "ligne",
        "ligneCommande",
        "ligneMandat",
        "ligneReception",
        "lot",
        "minimumCommande",
        "nombreLignes",
        "numero",
        "partie",
        "parties",
        "quantiteParConditionnement",
    }
)
_BOOLEANS = frozenset({"actif", "ouvert", "paiementDirect"})
_DECIMALS = frozenset(
    {"montantHT", "montantTVA", "montantTTC", "deltaMontantHT", "prixUnitaireHT", "tauxTVA", "quantite"}
)


def typed(owner: str, name: str, text: str) -> Any:
    """The value of a field read as text from XML or CSV.

    Args:
        owner: name of the object that holds it: the ``numero`` of a ``marche`` is a text, any other a rank.
        name: its name in JSON.
        text: as written, in a document its contract accepts; a decimal comma is read as a point.
    """
    if name in _BOOLEANS:
        return text == "true"
    if name in _INTEGERS and (owner, name) != ("marche", "numero"):
        return int(text)
    return text.replace(",", ".") if name in _DECIMALS else text


def as_text(value: Any) -> str:
    """A value as XML and CSV write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def present(**values: Any) -> Document:
    """The values that are there, in their order; an empty list is not."""
    return {name: value for name, value in values.items() if value is not None and value != []}
