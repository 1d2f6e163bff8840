"""Rules of the supposed IDEO GELF interface (messages and acknowledgements) that its schemas cannot say.

Checks of JSON documents take the decoded message, checks of CSV files take one row (names in ``csv_…`` and ``…_csv``).
A value the schema already refuses (missing, of another type) is left to the schema rule: nothing here raises on it.
The same business rule has the same id in both formats. Sources are in each ``contract.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from stdnum import luhn
from stdnum.fr import siret

from contracts.report import Violation
from contracts.tabular import Row

Pointer = tuple[str | int, ...]

_SIRET = re.compile(r"[0-9]{14}")
_FINESS = re.compile(r"[0-9]{9}")
_ACCOUNT = re.compile(r"[0-9]{3,10}")
_AMOUNT = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,2})?")

_MARCHE_COLUMNS = (
    "marche_numero",
    "marche_objet",
    "marche_nature",
    "marche_procedure",
    "marche_code_cpv",
    "marche_date_notification",
    "marche_date_debut",
    "marche_duree_mois",
    "marche_montant_ht",
    "acheteur_siret",
    "acheteur_nom",
    "beneficiaires",
    "tiers_role",
    "ligne_beneficiaire",
    "ligne_uf",
    "ligne_compte",
)
_MODIFICATION_COLUMNS = ("modification_numero", "modification_objet", "modification_date_notification")
# Columns that a message of this type must fill, and the beginnings of those it must leave empty.
_FILLED: Mapping[str, tuple[str, ...]] = {
    "fournisseur": ("tiers_nature",),
    "marche": _MARCHE_COLUMNS,
    "modification": _MARCHE_COLUMNS + _MODIFICATION_COLUMNS,
    "correction": (*_MARCHE_COLUMNS, "correction_motif"),
}
_ABOUT_SUPPLIER = ("tiers_nature", "tiers_adresse_", "tiers_code_", "tiers_ville", "tiers_categorie")
_EMPTY: Mapping[str, tuple[str, ...]] = {
    "fournisseur": ("marche_", "acheteur_", "beneficiaires", "modification_", "correction_", "ligne_", "tiers_role"),
    "marche": ("modification_", "correction_", *_ABOUT_SUPPLIER),
    "modification": ("correction_", *_ABOUT_SUPPLIER),
    "correction": ("modification_", *_ABOUT_SUPPLIER),
}


def sirets(document: Any) -> Iterator[Violation]:
    """Every SIRET (buyer, beneficiaries, suppliers) has a right key; La Poste's own key is accepted."""
    marche = _object(document, "marche")
    places: list[tuple[Pointer, Any]] = [(("marche", "acheteur", "siret"), _object(marche, "acheteur").get("siret"))]
    for index, beneficiary in enumerate(_objects(marche, "beneficiaires")):
        places.append((("marche", "beneficiaires", index, "siret"), beneficiary.get("siret")))
    for index, line in enumerate(_objects(document, "lignes")):
        places.append((("lignes", index, "titulaire", "id"), _siret_of(_object(line, "titulaire"))))
    places.append((("fournisseur", "id"), _siret_of(_object(document, "fournisseur"))))
    for pointer, value in places:
        if _wrong_siret(value):
            yield Violation(pointer, detail=f"« {value} »")


def finess(document: Any) -> Iterator[Violation]:
    """Every FINESS has a right Luhn key; Corsican numbers (2A, 2B) have no plain key and are not checked."""
    marche = _object(document, "marche")
    places: list[tuple[Pointer, Any]] = [
        (("etablissement",), document.get("etablissement") if isinstance(document, dict) else None),
        (("marche", "acheteur", "finess"), _object(marche, "acheteur").get("finess")),
    ]
    for index, beneficiary in enumerate(_objects(marche, "beneficiaires")):
        places.append((("marche", "beneficiaires", index, "finess"), beneficiary.get("finess")))
    for index, line in enumerate(_objects(document, "lignes")):
        places.append((("lignes", index, "beneficiaire"), line.get("beneficiaire")))
    for pointer, value in places:
        if _wrong_finess(value):
            yield Violation(pointer, detail=f"« {value} »")


def comptes(document: Any) -> Iterator[Violation]:
    """An M21 account of a purchase is of class 2 or 6 (hypothesis)."""
    for index, line in enumerate(_objects(document, "lignes")):
        if _odd_account(line.get("compte")):
            yield Violation(("lignes", index, "compte"), detail=f"« {line['compte']} »")


def dates(document: Any) -> Iterator[Violation]:
    """The marché does not end before it begins."""
    marche = _object(document, "marche")
    detail = _ends_too_soon(marche.get("dateDebut"), marche.get("dateFin"))
    if detail:
        yield Violation(("marche", "dateFin"), detail=detail)


def numeros_de_ligne(document: Any) -> Iterator[Violation]:
    """Lines are numbered 1, 2, 3… in order: the acknowledgement names them by that number."""
    for index, line in enumerate(_objects(document, "lignes")):
        number = line.get("ligne")
        if isinstance(number, int) and number != index + 1:
            yield Violation(("lignes", index, "ligne"), detail=f"{number} au lieu de {index + 1}")


def imputations_en_double(document: Any) -> Iterator[Violation]:
    """The same holder is not charged twice to the same UF and account of the same establishment for the same lot."""
    seen: dict[tuple[Any, ...], int] = {}
    for index, line in enumerate(_objects(document, "lignes")):
        holder = _object(line, "titulaire")
        if not holder:
            continue
        key = tuple(str(value) for value in (holder.get("typeIdentifiant"), holder.get("id"))) + tuple(
            str(line.get(name)) for name in ("lot", "beneficiaire", "uf", "compte")
        )
        first = seen.setdefault(key, index + 1)
        if first != index + 1:
            yield Violation(("lignes", index), detail=str(first))


def somme_des_lignes(document: Any) -> Iterator[Violation]:
    """Per beneficiary the lines add up to the marché's amount, exactly; below it when a share is not given (euros)."""
    total = _amount(_object(document, "marche").get("montantHT"))
    shares: dict[str, list[Decimal | None]] = {}
    for line in _objects(document, "lignes"):
        given = line.get("montantHT")
        share = _amount(given)
        if given is not None and share is None:
            return
        shares.setdefault(str(line.get("beneficiaire")), []).append(share)
    if total is None:
        return
    for beneficiary, amounts in shares.items():
        known = sum((amount for amount in amounts if amount is not None), Decimal(0))
        if known > total or (None not in amounts and known != total):
            yield Violation(("marche", "montantHT"), detail=f"{beneficiary} : {known}, marché : {total}")


def etat_apres_modification(document: Any) -> Iterator[Violation]:
    """After a modification, the marché's amount and duration are the new totals that the modification states."""
    marche, change = _object(document, "marche"), _object(document, "modification")
    new, stated = _amount(change.get("montantHT")), _amount(marche.get("montantHT"))
    if new is not None and stated is not None and new != stated:
        yield Violation(("marche", "montantHT"), detail=f"montant {stated}, modification {new}")
    months, duration = change.get("dureeMois"), marche.get("dureeMois")
    if isinstance(months, int) and isinstance(duration, int) and months != duration:
        yield Violation(("marche", "dureeMois"), detail=f"durée {duration} mois, modification {months} mois")


def csv_sirets(row: Row) -> Iterator[Violation]:
    """As :func:`sirets`, for one line of a file."""
    cells = row.values
    found = [("acheteur_siret", cells.get("acheteur_siret"))]
    found += [("beneficiaires", one.partition("/")[0]) for one in cells.get("beneficiaires", "").split("|")]
    if cells.get("tiers_type_identifiant") == "SIRET":
        found.append(("tiers_id", cells.get("tiers_id")))
    for column, value in found:
        if _wrong_siret(value):
            yield Violation(column, detail=f"« {value} »")


def csv_finess(row: Row) -> Iterator[Violation]:
    """As :func:`finess`, for one line of a file."""
    cells = row.values
    found = [(name, cells.get(name)) for name in ("etablissement", "acheteur_finess", "ligne_beneficiaire")]
    found += [("beneficiaires", one.partition("/")[2]) for one in cells.get("beneficiaires", "").split("|")]
    for column, value in found:
        if _wrong_finess(value):
            yield Violation(column, detail=f"« {value} »")


def csv_comptes(row: Row) -> Iterator[Violation]:
    """As :func:`comptes`, for one line of a file."""
    if _odd_account(row.values.get("ligne_compte")):
        yield Violation("ligne_compte", detail=f"« {row.values['ligne_compte']} »")


def csv_dates(row: Row) -> Iterator[Violation]:
    """As :func:`dates`, for one line of a file."""
    detail = _ends_too_soon(row.values.get("marche_date_debut"), row.values.get("marche_date_fin"))
    if detail:
        yield Violation("marche_date_fin", detail=detail)


def csv_numeros_de_ligne(row: Row) -> Iterator[Violation]:
    """A line's number is at most the number of lines that the message announces."""
    number, count = row.values.get("ligne", ""), row.values.get("nombre_lignes", "")
    if _is_count(number) and _is_count(count) and int(number) > int(count):
        yield Violation("ligne", detail=f"ligne {number}, {count} annoncées")


def csv_etat_apres_modification(row: Row) -> Iterator[Violation]:
    """As :func:`etat_apres_modification`, for one line of a file."""
    cells = row.values
    new, stated = _amount(cells.get("modification_montant_ht")), _amount(cells.get("marche_montant_ht"))
    if new is not None and stated is not None and new != stated:
        yield Violation("marche_montant_ht", detail=f"montant {stated}, modification {new}")
    months, duration = cells.get("modification_duree_mois", ""), cells.get("marche_duree_mois", "")
    if _is_count(months) and _is_count(duration) and int(months) != int(duration):
        yield Violation("marche_duree_mois", detail=f"durée {duration} mois, modification {months} mois")


def csv_colonnes_du_type(row: Row) -> Iterator[Violation]:
    """One shape of line serves the four types of message: each fills its own columns and leaves the others empty."""
    kind = row.values.get("type_message", "")
    for column in _FILLED.get(kind, ()):
        if not row.values.get(column):
            yield Violation(column, detail=f"« {column} » est obligatoire")
    for column, value in row.values.items():
        if value and column.startswith(_EMPTY.get(kind, ())):
            yield Violation(column, detail=f"« {column} » n'a pas lieu d'être")


def csv_montants(row: Row) -> Iterator[Violation]:
    """Amounts have two decimals and twelve digits at most (nothing is ever rounded silently)."""
    for column, value in row.values.items():
        if value and "_montant" in column and _is_number(value) and not _AMOUNT.fullmatch(value):
            yield Violation(column, detail=f"« {value} »")


def csv_identifiant_du_tiers(row: Row) -> Iterator[Violation]:
    """An identifier said to be a SIRET has fourteen digits."""
    value = row.values.get("tiers_id", "")
    if row.values.get("tiers_type_identifiant") == "SIRET" and value and not _SIRET.fullmatch(value):
        yield Violation("tiers_id", detail=f"« {value} »")


def verdict_json(document: Any) -> Iterator[Violation]:
    """accepte: every line accepted; rejete: every line refused; partiel: some of each."""
    states = {str(line.get("statut")) for line in _objects(document, "lignes")}
    verdict = document.get("verdict") if isinstance(document, dict) else None
    wanted = {"accepte": {"accepte"}, "rejete": {"rejete"}, "partiel": {"accepte", "rejete"}}
    if states and isinstance(verdict, str) and verdict in wanted and states != wanted[verdict]:
        yield Violation(("verdict",), detail=f"verdict {verdict}, lignes {' et '.join(sorted(states))}")


def code_de_rejet_json(document: Any) -> Iterator[Violation]:
    """A refused line says why, by a code."""
    for index, line in enumerate(_objects(document, "lignes")):
        if line.get("statut") == "rejete" and not line.get("code"):
            yield Violation(("lignes", index), detail=str(line.get("ligne")))


def lignes_acquittees_json(document: Any) -> Iterator[Violation]:
    """A line is answered once."""
    seen: set[str] = set()
    for index, line in enumerate(_objects(document, "lignes")):
        number = str(line.get("ligne"))
        if number in seen:
            yield Violation(("lignes", index, "ligne"), detail=number)
        seen.add(number)


def verdict_csv(row: Row) -> Iterator[Violation]:
    """The verdict of the message, repeated on every line, agrees with this line; partiel agrees with both."""
    verdict, state = row.values.get("verdict", ""), row.values.get("statut", "")
    if verdict in ("accepte", "rejete") and state in ("accepte", "rejete") and verdict != state:
        yield Violation("verdict", detail=f"verdict {verdict}, ligne {state}")


def code_de_rejet_csv(row: Row) -> Iterator[Violation]:
    """A refused line says why, by a code."""
    if row.values.get("statut") == "rejete" and not row.values.get("code"):
        yield Violation("code", detail=row.values.get("ligne", ""))


def _object(parent: Any, name: str) -> dict[str, Any]:
    value = parent.get(name) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else {}


def _objects(parent: Any, name: str) -> Iterator[dict[str, Any]]:
    """The items of a list, an empty object in the place of what is not one, so that indexes stay true."""
    value = parent.get(name) if isinstance(parent, dict) else None
    for item in value if isinstance(value, list) else ():
        yield item if isinstance(item, dict) else {}


def _siret_of(party: dict[str, Any]) -> Any:
    return party.get("id") if party.get("typeIdentifiant") == "SIRET" else None


def _wrong_siret(value: Any) -> bool:
    return isinstance(value, str) and bool(_SIRET.fullmatch(value)) and not _siret_is_valid(value)


def _wrong_finess(value: Any) -> bool:
    return isinstance(value, str) and bool(_FINESS.fullmatch(value)) and not _luhn_is_valid(value)


# The same buyers and suppliers come back in every document, and the keys are the slow part of a small one.
@lru_cache(maxsize=10_000)
def _siret_is_valid(value: str) -> bool:
    return bool(siret.is_valid(value))


@lru_cache(maxsize=10_000)
def _luhn_is_valid(value: str) -> bool:
    return bool(luhn.is_valid(value))


def _odd_account(value: Any) -> bool:
    return isinstance(value, str) and bool(_ACCOUNT.fullmatch(value)) and value[0] not in "26"


def _ends_too_soon(start: Any, end: Any) -> str | None:
    try:
        begins, ends = date.fromisoformat(start), date.fromisoformat(end)
    except (TypeError, ValueError):
        return None
    return f"({ends:%d/%m/%Y}) précède la date de début ({begins:%d/%m/%Y})" if ends < begins else None


def _amount(value: Any) -> Decimal | None:
    return Decimal(value.replace(",", ".")) if isinstance(value, str) and _AMOUNT.fullmatch(value) else None


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.replace(",", ".")).is_finite()
    except InvalidOperation:
        return False


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
