"""Writes a message as JSON (gef_ideo_gelf/marches-api/1) or CSV (gef_ideo_gelf/marches-csv/1), same values in both."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.gef_ideo_gelf.message import Change, GefMessage, Line, MarcheState, Supplier
from semaphore_hub.kernel.money import CENT

COLUMNS = (
    "type_message",
    "id_message",
    "emis_le",
    "emetteur",
    "etablissement",
    "nombre_lignes",
    "ligne",
    "marche_numero",
    "marche_id_contrat",
    "marche_id_accord_cadre",
    "marche_objet",
    "marche_nature",
    "marche_procedure",
    "marche_code_cpv",
    "marche_forme_prix",
    "marche_date_notification",
    "marche_date_debut",
    "marche_date_fin",
    "marche_duree_mois",
    "marche_montant_ht",
    "marche_montant_tva",
    "acheteur_siret",
    "acheteur_nom",
    "acheteur_finess",
    "beneficiaires",
    "modification_numero",
    "modification_objet",
    "modification_date_notification",
    "modification_montant_ht",
    "modification_delta_montant_ht",
    "modification_duree_mois",
    "modification_delta_duree_mois",
    "correction_motif",
    "tiers_nature",
    "tiers_type_identifiant",
    "tiers_id",
    "tiers_denomination",
    "tiers_role",
    "tiers_adresse_ligne1",
    "tiers_adresse_voie",
    "tiers_adresse_complement",
    "tiers_code_postal",
    "tiers_ville",
    "tiers_code_pays",
    "tiers_categorie",
    "tiers_nature_juridique",
    "ligne_lot",
    "ligne_beneficiaire",
    "ligne_uf",
    "ligne_compte",
    "ligne_montant_ht",
)


def to_json(message: GefMessage) -> bytes:
    """The message as JSON, UTF-8; what has no value is left out."""
    document: dict[str, Any] = {
        "typeMessage": message.kind,
        "idMessage": message.id,
        "emisLe": _instant(message.issued_at),
        "emetteur": message.sender,
        "etablissement": message.establishment,
    }
    if message.supplier is not None:
        document["fournisseur"] = _supplier_json(message.supplier)
    if message.marche is not None:
        document["marche"] = _marche_json(message.marche)
    if message.change is not None:
        document["modification"] = _change_json(message.change)
    if message.motive is not None:
        document["motif"] = message.motive
    if message.lines:
        document["lignes"] = [_line_json(line) for line in message.lines]
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def to_csv(message: GefMessage) -> bytes:
    """The message as CSV: ``;``, decimal comma, UTF-8 without mark, CRLF; the heading repeated on every line."""
    heading = {
        "type_message": message.kind,
        "id_message": message.id,
        "emis_le": _instant(message.issued_at),
        "emetteur": message.sender,
        "etablissement": message.establishment,
        "nombre_lignes": str(len(message.lines) or 1),
        "correction_motif": message.motive or "",
        **(_marche_cells(message.marche) if message.marche else {}),
        **(_change_cells(message.change) if message.change else {}),
    }
    if message.supplier is not None:
        rows = [{**heading, "ligne": "1", **_supplier_cells(message.supplier)}]
    else:
        rows = [{**heading, **_line_cells(line)} for line in message.lines]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _supplier_json(supplier: Supplier) -> dict[str, Any]:
    address = supplier.address
    return _present(
        {
            "nature": supplier.kind,
            "typeIdentifiant": supplier.identifier_type,
            "id": supplier.identifier,
            "denominationSociale": supplier.name,
            "adresse": address.model_dump(mode="json", exclude_none=True) if address else None,
            "categorieTiers": supplier.category,
            "natureJuridique": supplier.legal_nature,
        }
    )


def _supplier_cells(supplier: Supplier) -> dict[str, str]:
    cells = {
        "tiers_nature": supplier.kind,
        "tiers_type_identifiant": supplier.identifier_type,
        "tiers_id": supplier.identifier,
        "tiers_denomination": supplier.name,
        "tiers_categorie": supplier.category or "",
        "tiers_nature_juridique": supplier.legal_nature or "",
    }
    address = supplier.address
    if address is not None:
        cells |= {
            "tiers_adresse_ligne1": address.ligne1 or "",
            "tiers_adresse_voie": address.voie,
            "tiers_adresse_complement": address.complement or "",
            "tiers_code_postal": address.codePostal,
            "tiers_ville": address.ville,
            "tiers_code_pays": address.codePays or "",
        }
    return cells


def _marche_json(marche: MarcheState) -> dict[str, Any]:
    return _present(
        {
            "numero": marche.number,
            "idContrat": marche.contract_id,
            "idAccordCadre": marche.framework_id,
            "objet": marche.subject,
            "nature": marche.nature,
            "procedure": marche.procedure,
            "codeCPV": marche.cpv,
            "formePrix": marche.price_form,
            "dateNotification": marche.notified_on.isoformat(),
            "dateDebut": marche.starts_on.isoformat(),
            "dateFin": marche.ends_on.isoformat(),
            "dureeMois": marche.months,
            "montantHT": _amount(marche.amount),
            "montantTVA": _amount(marche.vat),
            "acheteur": _present(
                {"siret": marche.buyer_siret, "nom": marche.buyer_name, "finess": marche.buyer_finess}
            ),
            "beneficiaires": [_present({"siret": one.siret, "finess": one.finess}) for one in marche.beneficiaries],
        }
    )


def _marche_cells(marche: MarcheState) -> dict[str, str]:
    return {
        "marche_numero": marche.number,
        "marche_id_contrat": marche.contract_id or "",
        "marche_id_accord_cadre": marche.framework_id or "",
        "marche_objet": marche.subject,
        "marche_nature": marche.nature,
        "marche_procedure": marche.procedure,
        "marche_code_cpv": marche.cpv,
        "marche_forme_prix": marche.price_form,
        "marche_date_notification": marche.notified_on.isoformat(),
        "marche_date_debut": marche.starts_on.isoformat(),
        "marche_date_fin": marche.ends_on.isoformat(),
        "marche_duree_mois": str(marche.months),
        "marche_montant_ht": _comma(marche.amount),
        "marche_montant_tva": _comma(marche.vat),
        "acheteur_siret": marche.buyer_siret,
        "acheteur_nom": marche.buyer_name,
        "acheteur_finess": marche.buyer_finess or "",
        "beneficiaires": "|".join(
            f"{one.siret}/{one.finess}" if one.finess else one.siret for one in marche.beneficiaries
        ),
    }


def _change_json(change: Change) -> dict[str, Any]:
    return _present(
        {
            "numero": change.number,
            "objet": change.subject,
            "dateNotification": change.notified_on.isoformat(),
            "montantHT": _amount(change.amount),
            "deltaMontantHT": _amount(change.amount_delta),
            "dureeMois": change.months,
            "deltaDureeMois": change.months_delta,
        }
    )


def _change_cells(change: Change) -> dict[str, str]:
    return {
        "modification_numero": str(change.number),
        "modification_objet": change.subject,
        "modification_date_notification": change.notified_on.isoformat(),
        "modification_montant_ht": _comma(change.amount),
        "modification_delta_montant_ht": _comma(change.amount_delta),
        "modification_duree_mois": _whole(change.months),
        "modification_delta_duree_mois": _whole(change.months_delta),
    }


def _line_json(line: Line) -> dict[str, Any]:
    return _present(
        {
            "ligne": line.number,
            "titulaire": {
                "typeIdentifiant": line.identifier_type,
                "id": line.identifier,
                "denominationSociale": line.name,
                "role": line.role,
            },
            "beneficiaire": line.beneficiary_finess,
            "uf": line.unit,
            "compte": line.account,
            "montantHT": _amount(line.amount),
        }
    )


def _line_cells(line: Line) -> dict[str, str]:
    return {
        "ligne": str(line.number),
        "tiers_type_identifiant": line.identifier_type,
        "tiers_id": line.identifier,
        "tiers_denomination": line.name,
        "tiers_role": line.role,
        "ligne_beneficiaire": line.beneficiary_finess,
        "ligne_uf": line.unit,
        "ligne_compte": line.account,
        "ligne_montant_ht": _comma(line.amount),
    }


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.quantize(CENT), "f")


def _comma(amount: Decimal | None) -> str:
    return (_amount(amount) or "").replace(".", ",")


def _whole(number: int | None) -> str:
    return "" if number is None else str(number)
