"""How a GEF writes and reads its files: a syntax, its contracts, and what says that a file is complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.rules.echange_fichiers import OK_MARKER, ExchangeName, Marker
from contracts.xml import XmlRefused
from mock_partners.gef import syntax_csv, syntax_xml
from mock_partners.gef.documents import LOST_IN_CSV, Document

MESSAGES: Mapping[str, str] = {
    "FOU": "fournisseur",
    "NOM": "nomenclature",
    "MAR": "marche",
    "MOD": "modification",
    "COR": "correction",
    "EVT": "evenement",
    "PRO": "produits",
}
"""Type of message by TYPE of file, towards the GEF."""
FLUX: Mapping[str, str] = {
    "structures": "STR",
    "comptes": "CPT",
    "fournisseurs": "TIE",
    "commandes": "CMD",
    "receptions": "REC",
    "mandats": "MAN",
}
"""TYPE of file by type of flux, from the GEF."""
COMPTE_RENDU = "CR"


@dataclass(frozen=True, slots=True)
class Syntax:
    """One way to exchange files.

    Attributes:
        extension: of the files.
        contracts: interface contract by TYPE of file that is read.
        read_message, read_compte_rendu, write_compte_rendu, write_flux: bytes to document and back.
        message_id: id of the message in a file that breaks its contract, when it can still be read.
        lost: lists of a marché that the syntax does not carry.
        marker: form of what says that a file is complete.
        companion: content of it, from the name, the bytes, the checksum to announce and the time.
    """

    extension: str
    contracts: Mapping[str, str]
    read_message: Callable[[bytes], Document]
    read_compte_rendu: Callable[[bytes], Document]
    write_compte_rendu: Callable[[Document], bytes]
    write_flux: Callable[[Document], bytes]
    message_id: Callable[[bytes], str | None]
    lost: tuple[str, ...] = ()
    marker: Marker = OK_MARKER
    companion: Callable[[ExchangeName, bytes, str, datetime], bytes] = lambda _name, _body, digest, _at: digest.encode()


def _id_in_xml(body: bytes) -> str | None:
    try:
        found = syntax_xml.read(body)
    except (XmlRefused, ValueError):
        return None
    message_id = found.get("idMessage")
    return message_id if isinstance(message_id, str) and message_id else None


CSV_OK = Syntax(
    extension="csv",
    contracts={
        "FOU": "gef/fournisseurs-csv/1",
        "NOM": "gef/nomenclatures-csv/1",
        "PRO": "gef/produits-csv/1",
        **dict.fromkeys(("MAR", "MOD", "COR", "EVT"), "gef/marches-csv/1"),
        COMPTE_RENDU: "gef/compte-rendu-csv/1",
    },
    read_message=syntax_csv.read_message,
    read_compte_rendu=syntax_csv.read_compte_rendu,
    write_compte_rendu=syntax_csv.write_compte_rendu,
    write_flux=syntax_csv.write_flux,
    message_id=lambda body: syntax_csv.first_value(body, "id_message"),
    lost=LOST_IN_CSV,
)
"""CSV and a ``.ok`` marker that holds the checksum."""

XML_OK = Syntax(
    extension="xml",
    contracts={**dict.fromkeys(MESSAGES, "gef/message-xml/1"), COMPTE_RENDU: "gef/compte-rendu-xml/1"},
    read_message=syntax_xml.read,
    read_compte_rendu=syntax_xml.read,
    write_compte_rendu=lambda document: syntax_xml.write(document, syntax_xml.COMPTE_RENDU),
    write_flux=lambda document: syntax_xml.write(document, syntax_xml.FLUX),
    message_id=_id_in_xml,
)
"""XML and a ``.ok`` marker that holds the checksum."""
