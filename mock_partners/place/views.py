"""What the simulated platform shows: a consultation, the exports a buyer makes by hand, and the essential data."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from mock_partners.place.ledger import address_of, statut_of
from mock_partners.place.state import Consultation, Contrat, Part, State

COLUMNS = (
    "reference",
    "identifiant_externe",
    "organisme",
    "acheteur_siret",
    "objet",
    "numero_lot",
    "intitule_lot",
    "etat",
    "date_mise_en_ligne",
    "date_limite_plis",
    "date_ouverture_plis",
    "nombre_offres",
    "numero_marche",
    "montant_ht",
    "titulaires",
    "motif",
    "date_modification",
)
EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><marches/>'
_NUMBERED = re.compile(r"[0-9]{4}[A-Z0-9]{1,10}")


def instant(when: datetime) -> str:
    """An instant as the platform writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(consultation: Consultation) -> dict[str, Any]:
    """A consultation in the list."""
    return {
        "@id": address_of(consultation),
        "@type": "Consultation",
        "reference": consultation.reference,
        "statut": statut_of(consultation),
        "dateModification": instant(consultation.dateModification),
    }


def consultation_json(consultation: Consultation, organisme: str) -> dict[str, Any]:
    """A consultation as the contract ``place/consultation/2`` says it."""
    head = {
        "@context": "/api/v2/contexts/Consultation",
        "@id": address_of(consultation),
        "@type": "Consultation",
        "id": consultation.id,
    }
    return head | _described(consultation, organisme)


def export_json(state: State, now: datetime) -> bytes:
    """Every consultation, as ``place/export-consultations-json/1``."""
    content = {
        "exporteLe": instant(now),
        "organisme": state.organisme,
        "consultations": [_described(one, state.organisme) for one in state.consultations.values()],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def export_csv(state: State) -> bytes:
    """Every lot, as ``place/export-consultations-csv/1``; with the mark that spreadsheets like."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for consultation in state.consultations.values():
        writer.writerows(_row(consultation, part, state.organisme) for part in consultation.parts)
    return text.getvalue().encode("utf-8-sig")


def essential_data(contracts: Iterable[Contrat], state: State, *, extended: bool) -> bytes:
    """Notified contracts in the former DECP format; ``extended`` adds what the platform knows of the buyer."""
    root = etree.Element("marches")
    for contract in contracts:
        root.append(_marche(contract, state, extended=extended))
    if not len(root):
        return EMPTY
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _described(consultation: Consultation, organisme: str) -> dict[str, Any]:
    whole = consultation.part(0)
    said = {
        "reference": consultation.reference,
        "organisme": organisme,
        "acheteur": consultation.acheteur,
        "objet": consultation.objet,
        "statut": statut_of(consultation),
        "identifiantExterne": whole.identifiantExterne if whole else None,
        "dateMiseEnLigne": _day(consultation.dateMiseEnLigne),
        "dateLimiteRemisePlis": _day(consultation.dateLimiteRemisePlis),
        "dateOuverturePlis": _day(consultation.dateOuverturePlis),
        "nombreOffres": consultation.in_time(),
        "lots": [_lot(consultation, part) for part in consultation.parts if part.numero],
        "offres": [
            {
                "numero": offer.numero,
                "depotLe": instant(offer.depotLe),
                "lots": [number for number in offer.lots if number],
                "horsDelai": offer.horsDelai,
            }
            for offer in consultation.offres
        ],
        "attribution": _attribution(whole) if whole else None,
        "motif": whole.motif if whole else None,
        "dateModification": instant(consultation.dateModification),
    }
    return {name: value for name, value in said.items() if value is not None}


def _lot(consultation: Consultation, part: Part) -> dict[str, Any]:
    said = {
        "numero": part.numero,
        "intitule": part.intitule,
        "statut": part.statut,
        "nombreOffres": consultation.in_time(part.numero),
        "identifiantExterne": part.identifiantExterne,
        "attribution": _attribution(part),
        "motif": part.motif,
    }
    return {name: value for name, value in said.items() if value is not None}


def _attribution(part: Part) -> dict[str, Any] | None:
    contract = part.contrat
    if contract is None:
        return None
    said = {
        "numero": contract.numero,
        "montantHT": contract.montantHT,
        "dateAttribution": _day(contract.dateAttribution),
        "titulaires": [one.model_dump() for one in contract.titulaires],
    }
    return {name: value for name, value in said.items() if value}


def _row(consultation: Consultation, part: Part, organisme: str) -> dict[str, str]:
    contract = part.contrat
    row = {
        "reference": consultation.reference,
        "identifiant_externe": part.identifiantExterne,
        "organisme": organisme,
        "acheteur_siret": consultation.acheteur,
        "objet": consultation.objet,
        "numero_lot": str(part.numero) if part.numero else "",
        "intitule_lot": part.intitule,
        "etat": part.statut,
        "date_mise_en_ligne": _french(consultation.dateMiseEnLigne),
        "date_limite_plis": _french(consultation.dateLimiteRemisePlis),
        "date_ouverture_plis": _french(consultation.dateOuverturePlis),
        "nombre_offres": str(consultation.in_time(part.numero)),
        "motif": part.motif,
        "date_modification": _french(consultation.dateModification),
    }
    if contract is not None:
        holders = (f"{one.typeIdentifiant}:{one.id}:{one.denominationSociale}" for one in contract.titulaires)
        amount = contract.montantHT.replace(".", ",")
        row |= {"numero_marche": contract.numero, "montant_ht": amount, "titulaires": "|".join(holders)}
    return {name: value or "" for name, value in row.items()}


def _marche(contract: Contrat, state: State, *, extended: bool) -> etree._Element:
    assert contract.dateNotification is not None
    number = former_number(contract)
    marche = etree.Element("marche")
    _put(marche, id=number, uid=contract.acheteur + number)
    buyer = etree.SubElement(marche, "acheteur")
    _put(buyer, id=contract.acheteur, nom=f"Acheteur {contract.acheteur}")
    if extended:
        _put(buyer, idOrganisme=state.organisme, libelleOrganisme="Organisme fictif", idEntiteAchat="12")
        _put(buyer, libelleEntiteAchat="Direction des achats", accesChorus="1", nomAgent="FICTIF", prenomAgent="Agent")
    _put(marche, nature=contract.nature, objet=contract.objet[:256], codeCPV=contract.codeCPV)
    _put(marche, procedure=contract.procedure)
    _put(
        etree.SubElement(marche, "lieuExecution"),
        code=contract.lieuCode,
        typeCode=contract.lieuTypeCode,
        nom=contract.lieuNom,
    )
    day = contract.dateNotification.isoformat()
    _put(marche, dureeMois=str(contract.dureeMois), dateNotification=day, datePublicationDonnees=day)
    _put(marche, montant=str(Decimal(contract.montantHT)), formePrix=contract.formePrix)
    holders = etree.SubElement(marche, "titulaires")
    for one in contract.titulaires:
        _put(etree.SubElement(holders, "titulaire"), **one.model_dump())
    etree.SubElement(marche, "modifications")
    return marche


def former_number(contract: Contrat) -> str:
    """The number in the former form: year, internal number, two digits for the modification (none yet)."""
    assert contract.dateNotification is not None
    plain = re.sub(r"[^A-Z0-9]", "", contract.numero.upper())
    if not _NUMBERED.fullmatch(plain):
        plain = f"{contract.dateNotification.year}{plain[:10]}"
    return f"{plain}00"


def _put(parent: etree._Element, **texts: str) -> None:
    for name, text in texts.items():
        etree.SubElement(parent, name).text = text


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())


def _french(day: Any) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
