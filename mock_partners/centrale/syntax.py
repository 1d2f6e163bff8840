"""The CSV syntax of the exchanges, as a cooperative reads and writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import contracts
from contracts.tabular import table_schema
from mock_partners.centrale.state import Document

ACQUITTEMENT = ("id_acquittement", "id_message", "uid", "action", "emis_le", "verdict", "code", "libelle")
ETAT = (
    "id_etat",
    "uid",
    "numero_marche",
    "emis_le",
    "statut",
    "date_entree",
    "date_fin",
    "redevance_ttc",
    "motif",
)
_KEYS: Mapping[str, str] = {
    "id_acquittement": "idAcquittement",
    "id_message": "idMessage",
    "id_etat": "idEtat",
    "emis_le": "emisLe",
    "numero_marche": "numeroMarche",
    "date_entree": "dateEntree",
    "date_fin": "dateFin",
    "redevance_ttc": "redevanceTTC",
}
PRODUIT_CONTRACT = "commun/produits-en-marche/1"
_ACRONYMS = {"ht": "HT", "tva": "TVA", "ttc": "TTC"}


def read_adhesions(body: bytes) -> list[Document]:
    """The messages of a file that satisfies its contract, in the JSON form."""
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    return [_adhesion(row) for row in rows]


def first_id(body: bytes) -> tuple[str, str, str] | None:
    """Message id, uid and action in a file that breaks its contract, when they can still be read."""
    try:
        row: Mapping[str, Any] = next(
            csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"), {}
        )
    except (UnicodeDecodeError, csv.Error):
        return None
    found = tuple(row.get(name) for name in ("id_message", "uid", "action"))
    if all(isinstance(one, str) and one for one in found):
        return found  # type: ignore[return-value]
    return None


def write_flat(document: Document, columns: Sequence[str], format_column: str) -> bytes:
    """An acknowledgement or a state: one row."""
    row = {format_column: "1"} | {name: document.get(_KEYS.get(name, name), "") for name in columns}
    return _csv((format_column, *columns), [row])


def write_marches(document: Document, format_column: str) -> bytes:
    """An import of contracts: one row per holder."""
    rows: list[dict[str, Any]] = []
    heading = {
        format_column: "1",
        "id_envoi": document["idEnvoi"],
        "emis_le": document["emisLe"],
        "acheteur_siret": document["acheteur"]["siret"],
        "acheteur_nom": document["acheteur"]["nom"],
    }
    for marche in document["marches"]:
        for lot in marche["lots"]:
            for holder in lot["titulaires"]:
                rows.append({**heading, **_marche_cells(marche), **_lot_cells(lot), **_holder_cells(holder)})
    for rank, row in enumerate(rows, start=1):
        row |= {"nombre_lignes": len(rows), "ligne": rank}
    columns = (format_column, "id_envoi", "emis_le", "nombre_lignes", "ligne", *list(rows[0])[3:-2])
    return _csv(columns, rows)


def write_products(lines: Iterable[Document]) -> bytes:
    """A « produits en marché » file."""
    schema = contracts.get(PRODUIT_CONTRACT).schema
    assert schema is not None
    columns = tuple(table_schema(schema).cells)
    rows = [{name: _cell(line.get(_camel(name), "")) for name in columns} for line in lines]
    return _csv(columns, rows)


def without_last_line(body: bytes) -> bytes:
    """A file cut at the end of the line before the last."""
    return body[: body.rstrip(b"\r\n").rindex(b"\n") + 1]


def _adhesion(row: Mapping[str, str]) -> Document:
    place = {"siret": row["etablissement_siret"], "nom": row["etablissement_nom"]}
    if row.get("etablissement_finess"):
        place["finess"] = row["etablissement_finess"]
    joined: Document = {
        "uid": row["uid"],
        "numeroMarche": row["numero_marche"],
        "etablissement": place,
        "dateEntree": row["date_entree"],
        "besoinTTC": row["besoin_ttc"].replace(",", "."),
    }
    if row.get("lot"):
        joined["lot"] = int(row["lot"])
    for column, key in (("date_fin", "dateFin"), ("etablissement_facture", "etablissementFacture")):
        if row.get(column):
            joined[key] = row[column]
    return {"idMessage": row["id_message"], "action": row["action"], "adhesion": joined}


def _marche_cells(marche: Document) -> dict[str, Any]:
    return {
        "marche_numero": marche["numero"],
        "marche_objet": marche["objet"],
        "marche_code_cpv": marche["codeCPV"],
        "marche_procedure": marche["procedure"],
        "marche_techniques": "|".join(marche.get("techniques", ())),
        "marche_modalites_execution": "|".join(marche.get("modalitesExecution", ())),
        "marche_forme_prix": marche.get("formePrix", ""),
        "marche_types_prix": "|".join(marche.get("typesPrix", ())),
        "marche_ccag": marche.get("ccag", ""),
        "marche_offres_recues": marche.get("offresRecues", ""),
        "lieu_code": marche["lieuExecution"]["code"],
        "lieu_type_code": marche["lieuExecution"]["typeCode"],
        "marche_date_notification": marche["dateNotification"],
        "marche_date_publication": marche.get("datePublicationDonnees", ""),
        "marche_date_debut": marche.get("dateDebut", ""),
        "marche_date_fin": marche.get("dateFin", ""),
        "marche_duree_mois": marche["dureeMois"],
    }


def _lot_cells(lot: Document) -> dict[str, Any]:
    return {
        "lot_numero": lot["numero"],
        "lot_numero_marche": lot["numeroMarche"],
        "lot_intitule": lot.get("intitule", ""),
        "lot_montant_ht": lot["montantHT"],
        "lot_statut": lot["statut"],
        "lot_type_groupement": lot.get("typeGroupementOperateurs", ""),
        "lot_beneficiaires": "|".join(lot["beneficiaires"]),
    }


def _holder_cells(holder: Document) -> dict[str, Any]:
    return {
        "titulaire_type_identifiant": holder["typeIdentifiant"],
        "titulaire_id": holder["id"],
        "titulaire_denomination_sociale": holder["denominationSociale"],
        "titulaire_role": holder.get("role", ""),
        "titulaire_montant_ht": holder.get("montantHT", ""),
    }


def _camel(column: str) -> str:
    """A column as the key of a line: prix_unitaire_ht, prixUnitaireHT."""
    first, *others = column.split("_")
    return first + "".join(_ACRONYMS.get(one, one.capitalize()) for one in others)


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
