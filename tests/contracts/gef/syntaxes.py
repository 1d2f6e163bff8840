"""One document of the common GEF model, written in the three syntaxes: the test's own writer, apart from the rules'."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from xml.sax.saxutils import escape

import contracts

Document = dict[str, Any]

NAMESPACE = "urn:fr:semaphore:hypothese:gef:1"
_ITEMS = {
    "codes": "codeNomenclature",
    "beneficiaires": "beneficiaire",
    "titulaires": "titulaire",
    "sousTraitants": "sousTraitant",
    "tranches": "tranche",
    "reconductions": "reconduction",
    "imputations": "imputation",
}
_LINES = {
    "structures": "structure",
    "comptes": "compteBudgetaire",
    "fournisseurs": "tiers",
    "commandes": "commande",
    "receptions": "reception",
    "mandats": "mandat",
}
_FILES = {"fournisseur": "fournisseurs", "nomenclature": "nomenclatures", "produits": "produits"}
MARCHE_KINDS = ("marche", "modification", "correction", "evenement")


def root_of(document: Document) -> str:
    """The XML root of a document."""
    if "typeMessage" in document:
        return "message"
    return "flux" if "typeFlux" in document else "compteRendu"


def to_json(document: Document) -> bytes:
    """As a partner reads it: indented, accents as they are."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def to_xml(document: Document) -> bytes:
    """The keys in the document's own order, which is the schema's."""
    root = root_of(document)
    lines = {"message": "ligneProduit", "compteRendu": "ligneReponse"}.get(root)
    item = lines or _LINES.get(str(document.get("typeFlux")), "structure")
    written = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{NAMESPACE}">']
    for key, value in document.items():
        _write(written, key, value, 1, item)
    written.append(f"</{root}>")
    return ("\n".join(written) + "\n").encode()


def _write(written: list[str], name: str, value: Any, depth: int, line_item: str) -> None:
    pad = "  " * depth
    if isinstance(value, list):
        written.append(f"{pad}<{name}>")
        for one in value:
            _write(written, _ITEMS.get(name, line_item), one, depth + 1, line_item)
        written.append(f"{pad}</{name}>")
    elif isinstance(value, dict):
        written.append(f"{pad}<{name}>")
        for key, one in value.items():
            _write(written, key, one, depth + 1, line_item)
        written.append(f"{pad}</{name}>")
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        written.append(f"{pad}<{name}>{escape(text)}</{name}>")


def csv_contract(document: Document) -> str:
    """The contract of this document's file."""
    if "typeMessage" in document:
        return f"gef/{_FILES.get(document['typeMessage'], 'marches')}-csv/1"
    return f"gef/flux-{document['typeFlux']}-csv/1" if "typeFlux" in document else "gef/compte-rendu-csv/1"


def columns_of(contract_id: str) -> list[str]:
    """The columns of a CSV contract, in order."""
    (schema,) = contracts.get(contract_id).folder.glob("*.tableschema.json")
    return [field["name"] for field in json.loads(schema.read_text("utf-8"))["fields"]]


def to_csv(document: Document, end: str = "\n") -> bytes:
    """The rows of a document, by column of its contract. Raises ValueError for a value without a column."""
    columns = columns_of(csv_contract(document))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=";", lineterminator=end)
    writer.writeheader()
    writer.writerows(_rows(document))
    return out.getvalue().encode()


def _rows(document: Document) -> list[Document]:
    head = _cells({k: v for k, v in document.items() if not isinstance(v, dict | list)})
    if root_of(document) == "compteRendu":
        lines = [_cells(line) for line in document["lignes"]]
        motif = document.get("motif")
        whole = [{"ligne": "0", **_cells(motif or {})}] if motif or not lines else []
        return [{**head, **line} for line in (*whole, *lines)]
    lines = _lines(document)
    count = document.get("nombreLignes", len(lines))
    return [{**head, "nombre_lignes": str(count), **line} for line in lines]


def _lines(document: Document) -> list[Document]:
    kind = document.get("typeMessage")
    if kind == "fournisseur":
        return [{"ligne": "1", **_nested("fournisseur", document["fournisseur"])}]
    if kind == "nomenclature":
        return [{"ligne": str(rank), **_cells(code)} for rank, code in enumerate(document["codes"], start=1)]
    if kind == "produits":
        head = {k: v for k, v in document["produits"].items() if k != "lignes"}
        return [{**_nested("produits", head), **_flat(line)} for line in document["produits"]["lignes"]]
    if kind in MARCHE_KINDS:
        return [_imputation(document, one) for one in document["imputations"]]
    return [_flat(line) for line in document["lignes"]]


def _imputation(document: Document, imputation: Document) -> Document:
    marche = document.get("marche", {})
    holders: dict[Any, Document] = {(one["typeIdentifiant"], one["id"]): one for one in marche.get("titulaires", ())}
    named = imputation["titulaire"]
    own = {k: v for k, v in imputation.items() if k not in ("ligne", "titulaire")}
    return {
        "ligne": str(imputation["ligne"]),
        **_nested("marche", {k: v for k, v in marche.items() if not isinstance(v, list)}),
        "beneficiaires": "|".join(one["siret"] for one in marche.get("beneficiaires", ())),
        **_nested("titulaire", holders.get((named["typeIdentifiant"], named["id"])) or named),
        **_nested("imputation", own),
        **_nested("modification", document.get("modification", {})),
        **_nested("evenement", document.get("evenement", {})),
    }


def _flat(line: Document) -> Document:
    own = _cells({k: v for k, v in line.items() if not isinstance(v, dict)})
    for name, part in line.items():
        if isinstance(part, dict):
            own |= _nested(name, part)
    return own


def _nested(name: str, part: Document) -> Document:
    cells = {f"{snake(name)}_{key}": text for key, text in _cells(part).items()}
    for key, value in part.items():
        if isinstance(value, dict):
            cells |= _nested(key, value)
    return cells


def _cells(values: Document) -> Document:
    plain = {k: v for k, v in values.items() if not isinstance(v, dict | list)}
    return {snake(k): str(v).lower() if isinstance(v, bool) else str(v) for k, v in plain.items()}


def snake(name: str) -> str:
    """``prixUnitaireHT`` as ``prix_unitaire_ht``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
