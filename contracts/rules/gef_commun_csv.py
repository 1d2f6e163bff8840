"""The rules of the common GEF model applied to its CSV syntax: each row is read as a document of one line.

A row does not know the rows after it: that a file has all the lines it announces is for whoever reads the exchange
(rule EFI-PARTIEL of commun/echange-fichiers/1). What the rows before said is remembered, for one file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from contracts.records import PerRecord, RecordCheck, across_records, per_record
from contracts.report import Violation
from contracts.rules import gef, gef_commun, gef_commun_flux
from contracts.rules.gef_commun_lecture import Pointer
from contracts.tabular import Row

_HEAD = frozenset(
    {"type_message", "version", "id_message", "emis_le", "emetteur", "etablissement", "nombre_lignes", "motif"}
    | {"type_flux", "id_flux", "mode", "id_compte_rendu", "verdict", "beneficiaires"}
)
_ACRONYMS = {"ht": "HT", "tva": "TVA", "ttc": "TTC", "cpv": "CPV", "uf": "UF", "ucd": "UCD", "cip13": "CIP13"}
_WHOLE = frozenset({"ligne", "nombreLignes", "partie", "parties", "dureeMois", "exercice"})
_OF_MARCHE: Mapping[str, Pointer] = {
    "marche_": ("marche",),
    "lot_": ("marche", "lot"),
    "acheteur_": ("marche", "acheteur"),
    "titulaire_": ("marche", "titulaires", 0),
    "imputation_": ("imputations", 0),
    "modification_": ("modification",),
    "evenement_": ("evenement",),
}
_OF_SUPPLIER: Mapping[str, Pointer] = {"fournisseur_": ("fournisseur",), "adresse_": ("fournisseur", "adresse")}
_OF_PRODUCTS: Mapping[str, Pointer] = {
    "produits_": ("produits",),
    "fournisseur_": ("produits", "lignes", 0, "fournisseur"),
}
_OF_FLUX: Mapping[str, Pointer] = {"fournisseur_": ("lignes", 0, "fournisseur")}
# Column that only this kind of file has: prefixes of its columns, and where the others belong.
_KINDS: tuple[tuple[str, Mapping[str, Pointer], Pointer], ...] = (
    ("marche_numero", _OF_MARCHE, ("imputations", 0)),
    ("produits_partie", _OF_PRODUCTS, ("produits", "lignes", 0)),
    ("nomenclature", {}, ("codes", 0)),
    ("fournisseur_nature", _OF_SUPPLIER, ()),
    ("type_flux", _OF_FLUX, ("lignes", 0)),
    ("id_compte_rendu", {}, ("lignes", 0)),
)
# Columns that go together: when one is filled, these are.
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "lot_": ("consultation", "numero", "intitule"),
    "adresse_": ("voie", "code_postal", "ville"),
    "modification_": ("numero", "objet", "date_notification"),
    "evenement_": ("type", "date_effet"),
    "fournisseur_": ("type_identifiant", "id"),
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the cells of a kind of file stand in the JSON form, and which are the same on every row."""

    places: tuple[tuple[str, Pointer], ...]
    columns: Mapping[Pointer, str]
    head: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]


class RowDocument:
    """One row in the JSON form, and the way back from a place in it to the column."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.layout = _layout(tuple(row.values))
        self.value: dict[str, Any] = {}
        for column, pointer in self.layout.places:
            if text := row.values[column]:
                _put(self.value, pointer, _typed(pointer[-1], text))
        self._complete()

    def _complete(self) -> None:
        """What a row writes once and the JSON form twice, or in a list."""
        if listed := self.value.pop("beneficiaires", None):
            self.value.setdefault("marche", {})["beneficiaires"] = [{"siret": one} for one in listed.split("|")]
        holders = self.value.get("marche", {}).get("titulaires", ())
        if holders and "imputations" in self.value:
            named = {key: holders[0].get(key) for key in ("typeIdentifiant", "id")}
            self.value["imputations"][0]["titulaire"] = named

    def placed(self, violations: Iterable[Violation]) -> Iterator[Violation]:
        """Violations of the JSON form, each at its column, once."""
        told = set()
        for violation in violations:
            found = Violation(self._column(violation.path), self.row.line, violation.detail)
            if found not in told:
                told.add(found)
                yield found

    def _column(self, path: str | Pointer) -> str:
        columns = self.layout.columns
        pointer: Pointer = path if isinstance(path, tuple) else ()
        if pointer[:3] == ("imputations", 0, "titulaire"):
            pointer = ("marche", "titulaires", 0, *pointer[3:])
        while pointer and pointer not in columns:
            inside = [column for place, column in columns.items() if place[: len(pointer)] == pointer]
            if inside:
                return inside[0]
            pointer = pointer[:-1]
        return columns[pointer] if pointer else next(iter(self.row.values))


def rows(row: Row) -> Iterator[tuple[str, RowDocument]]:
    """The row, as the one record that its rules share."""
    yield "ligne", RowDocument(row)


@lru_cache(maxsize=64)
def _layout(names: tuple[str, ...]) -> _Layout:
    prefixes, others = next(((p, o) for mark, p, o in _KINDS if mark in names), ({}, ()))
    # The number of the marché is that of the whole answer, and of one line of a flux.
    head = _HEAD | {"numero_marche"} if "id_compte_rendu" in names else _HEAD
    places: list[tuple[str, Pointer]] = []
    for name in names:
        prefix = next((one for one in prefixes if name.startswith(one)), "")
        where: Pointer = () if name in head else prefixes[prefix] if prefix else others
        places.append((name, (*where, _key(name.removeprefix(prefix)))))
    same = tuple(name for name, pointer in places if not any(isinstance(step, int) for step in pointer))
    groups = tuple(
        (prefix, tuple(prefix + name for name in wanted))
        for prefix, wanted in _TOGETHER.items()
        if all(prefix + name in names for name in wanted)
    )
    columns: dict[Pointer, str] = {pointer: name for name, pointer in places}
    return _Layout(tuple(places), columns, tuple(name for name in same if name != "ligne"), groups)


def _key(name: str) -> str:
    first, *words = name.split("_")
    return first + "".join(_ACRONYMS.get(word, word.capitalize()) for word in words)


def _typed(name: str | int, text: str) -> Any:
    return int(text) if name in _WHOLE and text.isascii() and text.isdigit() and len(text) <= 9 else text


def _put(holder: Any, pointer: Pointer, value: Any) -> None:
    for step, after in pairwise(pointer):
        if isinstance(step, int):
            if not holder:
                holder.append({})
            holder = holder[step]
        else:
            holder = holder.setdefault(step, [] if isinstance(after, int) else {})
    holder[pointer[-1]] = value


def _on_row(check: Callable[[Any], Iterable[Violation]]) -> PerRecord:
    return per_record(rows, "ligne")(lambda _, record: record.placed(check(record.value)))


sirets = _on_row(gef_commun.sirets)
tiers = _on_row(gef_commun.tiers)
finess = _on_row(gef_commun.finess)
comptes = _on_row(gef_commun.comptes)
dates = _on_row(gef_commun.dates)
etat_apres_modification = _on_row(gef.etat_apres_modification)
decoupage = _on_row(gef_commun.decoupage)
taux_tva = _on_row(gef_commun.taux_tva)
gtin = _on_row(gef_commun.gtin)
ucd = _on_row(gef_commun.ucd)
cip = _on_row(gef_commun.cip)

finess_du_flux = _on_row(gef_commun_flux.finess)
comptes_du_flux = _on_row(gef_commun_flux.comptes)
budgets = _on_row(gef_commun_flux.budgets)
prix_par_quantite = _on_row(gef_commun_flux.prix_par_quantite)
ttc = _on_row(gef_commun_flux.ttc)
exercices = _on_row(gef_commun_flux.exercices)


@per_record(rows, "ligne")
def parties_du_type(_: str, record: RowDocument) -> Iterator[Violation]:
    """As :func:`.gef_commun.parties_du_type`; and the columns of a group are filled together."""
    yield from record.placed(gef_commun.parties_du_type(record.value))
    cells = record.row.values
    for prefix, wanted in record.layout.groups:
        if any(text for name, text in cells.items() if name.startswith(prefix)):
            for name in wanted:
                if not cells[name]:
                    detail = f"« {name} » est obligatoire avec les autres colonnes « {prefix}… »"
                    yield Violation(name, record.row.line, detail)


@across_records(rows, "ligne")
def entete() -> RecordCheck:
    """What is said of the whole document is the same on every row."""
    first: list[RowDocument] = []

    def check(_: str, record: RowDocument) -> Iterator[Violation]:
        if not first:
            first.append(record)
            return
        before, now = first[0].row, record.row.values
        for name in record.layout.head:
            if now[name] != before.values.get(name):
                yield Violation(
                    name, record.row.line, f"« {now[name]} », ligne {before.line} : « {before.values[name]} »"
                )

    return check


@across_records(rows, "ligne")
def numeros_de_ligne() -> RecordCheck:
    """Rows are numbered 1, 2, 3… in order, and no more than announced."""
    read = 0

    def check(_: str, record: RowDocument) -> Iterator[Violation]:
        nonlocal read
        read += 1
        number, count = (_typed("ligne", record.row.values[name]) for name in ("ligne", "nombre_lignes"))
        if not isinstance(number, int):
            return
        if number != read:
            yield Violation("ligne", record.row.line, f"{number} au lieu de {read}")
        elif isinstance(count, int) and number > count:
            yield Violation("ligne", record.row.line, f"ligne {number}, {count} annoncées")

    return check


def _doublons(keyed: Callable[[Any], Iterable[tuple[Pointer, tuple[str, ...]]]]) -> PerRecord:
    def make() -> RecordCheck:
        seen: set[tuple[str, ...]] = set()
        return lambda _, record: record.placed(gef_commun.repeated(keyed(record.value), seen))

    return across_records(rows, "ligne")(make)


doublons = _doublons(gef_commun.keyed)
doublons_du_flux = _doublons(gef_commun_flux.keyed)


@per_record(rows, "ligne")
def verdict(_: str, record: RowDocument) -> Iterator[Violation]:
    """The verdict agrees with this line: accepte and rejete with their own, partiel with neither a line that waits."""
    cells = record.row.values
    said, state = cells["verdict"], cells["statut"]
    agreeing = {"accepte": ("accepte",), "rejete": ("rejete",), "partiel": ("accepte", "rejete")}
    if state in ("accepte", "rejete", "en_attente") and state not in agreeing.get(said, (state,)):
        yield Violation("verdict", record.row.line, f"verdict {said}, ligne {state}")


@per_record(rows, "ligne")
def motif_de_rejet(_: str, record: RowDocument) -> Iterator[Violation]:
    """As :func:`.gef_commun_flux.motif_de_rejet`; the motif of the whole is on line 0."""
    yield from record.placed(gef_commun_flux.motif_de_rejet(record.value))
    cells = record.row.values
    if cells["ligne"] == "0" and cells["verdict"] == "rejete" and not cells["code"]:
        yield Violation("code", record.row.line, "l'ensemble")


@per_record(rows, "ligne")
def statut_de_la_ligne(_: str, record: RowDocument) -> Iterator[Violation]:
    """A line that is answered has a state; line 0, the whole, has none."""
    number, state = record.row.values["ligne"], record.row.values["statut"]
    if number == "0" and state:
        yield Violation("statut", record.row.line, "« statut » n'a pas lieu d'être sur la ligne 0")
    if number.isascii() and number.isdigit() and int(number) > 0 and not state:
        yield Violation("statut", record.row.line, "« statut » est obligatoire sur une ligne répondue")
