"""The CSV syntax of the common model: one row per line answered, what is said of the whole repeated on each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_partners.gef.documents import MARCHE_KINDS, Document

Row = dict[str, str]

_CAPITALS: Mapping[str, str] = {"ht": "HT", "tva": "TVA", "ttc": "TTC", "cpv": "CPV", "ucd": "UCD", "cip13": "CIP13"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_INTEGERS = frozenset(
    {
        "dureeMois",
        "deltaDureeMois",
        "lot",
        "partie",
        "parties",
        "quantiteParConditionnement",
        "minimumCommande",
    }
)
_AMOUNTS = frozenset({"montantHT", "montantTVA", "deltaMontantHT", "prixUnitaireHT", "tauxTVA"})
_MESSAGE = ("typeMessage", "version", "idMessage", "emisLe", "emetteur", "etablissement")
_HEADING = frozenset({"type_message", "version", "id_message", "emis_le", "emetteur", "etablissement", "nombre_lignes"})
_OF_LINE = ("titulaire_", "imputation_")
_COMPTE_RENDU = (
    "id_compte_rendu",
    "id_message",
    "numero_marche",
    "emis_le",
    "verdict",
    "ligne",
    "statut",
    "code",
    "libelle",
)
_FLUX = ("typeFlux", "version", "idFlux", "emisLe", "etablissement", "mode", "nombreLignes", "ligne")
_LINES: Mapping[str, tuple[str, ...]] = {
    "structures": (
        "codeUF",
        "libelle",
        "finessJuridique",
        "finessGeographique",
        "pole",
        "centreResponsabilite",
        "actif",
    ),
    "comptes": ("exercice", "budget", "compte", "libelle", "ouvert"),
    "fournisseurs": ("codeTiers", "typeIdentifiant", "id", "denominationSociale", "actif"),
    "commandes": (
        "numeroCommande",
        "ligneCommande",
        "date",
        "uf",
        "compte",
        "numeroMarche",
        "lot",
        "reference",
        "libelle",
        "quantite",
        "prixUnitaireHT",
        "montantHT",
        "montantTTC",
    ),
    "receptions": ("numeroReception", "ligneReception", "numeroCommande", "ligneCommande", "date", "quantite"),
    "mandats": (
        "exercice",
        "numeroMandat",
        "ligneMandat",
        "date",
        "compte",
        "numeroMarche",
        "numeroCommande",
        "fournisseur.typeIdentifiant",
        "fournisseur.id",
        "montantHT",
        "montantTVA",
        "montantTTC",
    ),
}


class Incomplete(Exception):
    """Rows that do not make one message; the message says why, in French."""


def read_message(body: bytes) -> Document:
    """A message, from a file that satisfies its contract (which says nothing of the rows together).

    Raises:
        Incomplete: several messages in the file, or line numbers that are not 1, 2, 3…
    """
    rows = _rows(body)
    first = rows[0]
    whole = _common(rows, first["type_message"])
    if sorted(int(row["ligne"]) for row in rows) != list(range(1, len(rows) + 1)):
        raise Incomplete(f"Les {len(rows)} lignes ne sont pas numérotées de 1 à {len(rows)}.")
    rows.sort(key=lambda row: int(row["ligne"]))
    message: Document = {name: first[_snake(name)] for name in _MESSAGE}
    kind = first["type_message"]
    if kind == "fournisseur":
        message["fournisseur"] = _fields(whole, "fournisseur_")
        address = _fields(whole, "adresse_")
        if address:
            message["fournisseur"]["adresse"] = address
    elif kind == "nomenclature":
        message["codes"] = [
            {**{name: row[name] for name in ("nomenclature", "code", "libelle")}, "actif": row["actif"] == "true"}
            for row in rows
        ]
    elif kind == "produits":
        message["produits"] = _fields(whole, "produits_") | {"lignes": [_product(row) for row in rows]}
    else:
        message |= _marche(whole, rows)
    return message


def read_compte_rendu(body: bytes) -> Document:
    """The hub's answer to a flux, from a file that satisfies its contract."""
    rows = _rows(body)
    first = rows[0]
    document: Document = {
        "idCompteRendu": first["id_compte_rendu"],
        "idMessage": first["id_message"],
        "emisLe": first["emis_le"],
        "verdict": first["verdict"],
        "lignes": [],
    }
    for row in rows:
        said = {name: row[name] for name in ("code", "libelle") if row[name]}
        if row["ligne"] == "0":
            document["motif"] = said
        else:
            document["lignes"].append({"ligne": int(row["ligne"]), "statut": row["statut"], **said})
    return document


def write_compte_rendu(document: Document) -> bytes:
    """A compte rendu; line 0 carries the reason that bars the whole."""
    common = {_snake(name): value for name, value in document.items() if isinstance(value, str)}
    rows = [{**common, **line} for line in document["lignes"]]
    if "motif" in document:
        rows.insert(0, {**common, "ligne": 0, **document["motif"]})
    return _written(_COMPTE_RENDU, rows)


def write_flux(document: Document) -> bytes:
    """A flux, with the columns of its type."""
    names = _LINES[document["typeFlux"]]
    common = {name: document[name] for name in _FLUX if name != "ligne"}
    rows = [
        {
            **{_snake(name): value for name, value in common.items()},
            "ligne": line["ligne"],
            **{_column(name): _cell(_found(line, name)) for name in names},
        }
        for line in document["lignes"]
    ]
    return _written([*(_snake(name) for name in _FLUX), *(_column(name) for name in names)], rows)


def first_value(body: bytes, column: str) -> str | None:
    """A cell of the first row of a file that breaks its contract, when it can still be read."""
    try:
        row = next(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"), {})
    except (UnicodeDecodeError, csv.Error):
        return None
    found = row.get(column)
    return found if isinstance(found, str) and found else None


def _rows(body: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))


def _common(rows: list[Row], kind: str) -> Row:
    """What every row says alike: all that is not said of one line."""
    if kind == "fournisseur":
        return rows[0]
    if kind in MARCHE_KINDS:
        names = [name for name in rows[0] if name != "ligne" and not name.startswith(_OF_LINE)]
    else:
        names = [name for name in rows[0] if name in _HEADING or name.startswith("produits_")]
    first = {name: rows[0][name] for name in names}
    if any({name: row[name] for name in names} != first for row in rows):
        raise Incomplete("Les lignes n'ont pas toutes le même en-tête : un fichier porte un seul message.")
    return first


def _marche(whole: Row, rows: list[Row]) -> Document:
    marche = _fields(whole, "marche_")
    lot = _fields(whole, "lot_")
    if lot:
        marche["lot"] = lot
    marche["acheteur"] = _fields(whole, "acheteur_")
    marche["beneficiaires"] = [{"siret": siret} for siret in whole["beneficiaires"].split("|")]
    holders = {row["titulaire_id"]: _fields(row, "titulaire_") for row in rows}
    marche["titulaires"] = list(holders.values())
    found: Document = {
        "marche": marche,
        "imputations": [
            {
                "ligne": int(row["ligne"]),
                "titulaire": {"typeIdentifiant": row["titulaire_type_identifiant"], "id": row["titulaire_id"]},
                **_fields(row, "imputation_"),
            }
            for row in rows
        ],
    }
    for name in ("modification", "evenement"):
        fields = _fields(whole, f"{name}_")
        if fields:
            found[name] = fields
    if whole["motif"]:
        found["motif"] = whole["motif"]
    return found


def _product(row: Row) -> Document:
    skipped = (*_HEADING, "ligne", "fournisseur_type_identifiant", "fournisseur_id")
    own = {name: value for name, value in row.items() if name not in skipped and not name.startswith("produits_")}
    return {
        "ligne": int(row["ligne"]),
        **_fields(own, ""),
        "fournisseur": {"typeIdentifiant": row["fournisseur_type_identifiant"], "id": row["fournisseur_id"]},
    }


def _fields(row: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """The cells that are filled under a prefix, by their JSON names."""
    return {
        _camel(column.removeprefix(prefix)): _typed(prefix, _camel(column.removeprefix(prefix)), value)
        for column, value in row.items()
        if value and column.startswith(prefix)
    }


def _typed(prefix: str, name: str, value: str) -> Any:
    # The number of a marché is a text; that of a lot, a modification or an event counts.
    if name in _INTEGERS or (name == "numero" and prefix != "marche_"):
        return int(value)
    return value.replace(",", ".") if name in _AMOUNTS else value


def _camel(column: str) -> str:
    first, *others = column.split("_")
    return first + "".join(_CAPITALS.get(word, word.capitalize()) for word in others)


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _column(name: str) -> str:
    return _snake(name.replace(".", "_"))


def _found(line: Document, name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = line.get(outer)
    return value.get(inner) if inner and value is not None else value


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _written(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
