"""The rules of the exchanges with a buying cooperative applied to their CSV syntax: each row read as a small document.

What needs the rows after it (holders of one lot, marchés announced) is judged on the document that the rows make, by
the JSON contract: whoever reads the file applies it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from contracts.records import PerRecord, RecordCheck, across_records
from contracts.report import Violation
from contracts.rules import centrale
from contracts.rules.gef_commun_lecture import Pointer
from contracts.tabular import Row

_LOT: Pointer = ("marches", 0, "lots", 0)
_ADHESION: Mapping[str, Pointer] = {
    "action": ("action",),
    "etablissement_siret": ("adhesion", "etablissement", "siret"),
    "etablissement_finess": ("adhesion", "etablissement", "finess"),
    "date_entree": ("adhesion", "dateEntree"),
    "date_fin": ("adhesion", "dateFin"),
    "besoin_ttc": ("adhesion", "besoinTTC"),
    "etablissement_facture": ("adhesion", "etablissementFacture"),
}
_ETAT: Mapping[str, Pointer] = {
    "statut": ("statut",),
    "date_entree": ("dateEntree",),
    "date_fin": ("dateFin",),
    "redevance_ttc": ("redevanceTTC",),
    "motif": ("motif",),
}
_ACQUITTEMENT: Mapping[str, Pointer] = {"verdict": ("verdict",), "code": ("code",)}
_MARCHES: Mapping[str, Pointer] = {
    "acheteur_siret": ("acheteur", "siret"),
    "marche_date_notification": ("marches", 0, "dateNotification"),
    "marche_date_debut": ("marches", 0, "dateDebut"),
    "marche_date_fin": ("marches", 0, "dateFin"),
    "lot_beneficiaires": (*_LOT, "beneficiaires"),
    "titulaire_type_identifiant": (*_LOT, "titulaires", 0, "typeIdentifiant"),
    "titulaire_id": (*_LOT, "titulaires", 0, "id"),
}
_HEADING = ("format_", "id_envoi", "emis_le", "nombre_lignes", "acheteur_")


def _placed(columns: Mapping[str, Pointer], check: Callable[[Any], Iterable[Violation]]) -> Callable[[Row], Any]:
    """A check of the JSON form, asked about one row; what it finds is said at the column."""
    names = {pointer: name for name, pointer in columns.items()}

    def on_row(row: Row) -> Iterator[Violation]:
        for found in check(_document(columns, row)):
            assert isinstance(found.path, tuple)
            place = found.path
            while place and place not in names:
                place = place[:-1]
            yield Violation(names.get(place, next(iter(columns))), row.line, found.detail)

    return on_row


def _document(columns: Mapping[str, Pointer], row: Row) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, pointer in columns.items():
        text = row.values.get(name)
        if not text:
            continue
        holder: Any = document
        for step, after in pairwise(pointer):
            if isinstance(step, int):
                if not holder:
                    holder.append({})
                holder = holder[0]
            else:
                holder = holder.setdefault(step, [] if isinstance(after, int) else {})
        holder[pointer[-1]] = text.split("|") if name == "lot_beneficiaires" else text
    return document


sirets_adhesion = _placed(_ADHESION, centrale.sirets)
finess = _placed(_ADHESION, centrale.finess)
dates_adhesion = _placed(_ADHESION, centrale.dates)
besoin = _placed(_ADHESION, centrale.besoin)
facture = _placed(_ADHESION, centrale.facture)
rejet = _placed(_ACQUITTEMENT, centrale.rejet)
dates_etat = _placed(_ETAT, centrale.dates)
motif = _placed(_ETAT, centrale.motif)
redevance = _placed(_ETAT, centrale.redevance)
sirets_marches = _placed(_MARCHES, centrale.sirets)
titulaires = _placed(_MARCHES, centrale.titulaires)
dates_marches = _placed(_MARCHES, centrale.dates)


def _rows(row: Row) -> Iterator[tuple[str, Row]]:
    yield "ligne", row


def _across(make: Callable[[], RecordCheck]) -> PerRecord:
    return across_records(_rows, "ligne")(make)


@_across
def entete() -> RecordCheck:
    """What is said of the whole file, of a marché or of a lot is the same on each of its rows."""
    seen: dict[tuple[str, ...], Row] = {}

    def check(_: str, row: Row) -> Iterator[Violation]:
        cells = row.values
        marche, lot = cells.get("marche_numero", ""), cells.get("lot_numero", "")
        for key, prefixes in (
            (("",), _HEADING),
            (("marche", marche), ("marche_", "lieu_")),
            (("lot", marche, lot), ("lot_",)),
        ):
            first = seen.setdefault(key, row)
            for name in cells:
                if name.startswith(prefixes) and cells[name] != first.values.get(name):
                    said = f"« {cells[name]} », ligne {first.line} : « {first.values.get(name)} »"
                    yield Violation(name, row.line, said)

    return check


@_across
def lignes() -> RecordCheck:
    """Rows are numbered 1, 2, 3… in order, and no more than announced."""
    read = 0

    def check(_: str, row: Row) -> Iterator[Violation]:
        nonlocal read
        read += 1
        number, count = row.values.get("ligne", ""), row.values.get("nombre_lignes", "")
        if not (number.isdigit() and count.isdigit()):
            return
        if int(number) != read:
            yield Violation("ligne", row.line, f"{number} au lieu de {read}")
        elif int(number) > int(count):
            yield Violation("ligne", row.line, f"ligne {number}, {count} annoncées")

    return check
