"""Rules of the files exchanged with PLACE by hand: one row is one lot, or one message of the hub.

Days are written JJ/MM/AAAA. A cell the Table Schema already refuses is left to it. Sources are in ``contract.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from contracts.report import Violation
from contracts.rules.place import wrong_siret
from contracts.tabular import Row

_DAYS = ("date_lancement", "date_mise_en_ligne", "date_limite_plis", "date_ouverture_plis")
# Columns that a row of this type must fill, and those it must leave empty.
_FILLED: Mapping[str, tuple[str, ...]] = {
    "consultation": ("reference", "objet", "etape", "montant_estime_ht"),
    "attribution": ("numero_marche", "objet", "montant_ht"),
    "abandon": ("reference", "decision"),
}
_OF_CONSULTATION = (
    "etape",
    "code_cpv",
    "procedure",
    "duree_mois",
    "montant_estime_ht",
    "date_lancement",
    "date_limite_plis",
    "date_ouverture_plis",
)
_OF_ATTRIBUTION = ("numero_marche", "montant_ht", "date_attribution", "titulaires")
_OF_ABANDON = ("decision", "motif")
_EMPTY: Mapping[str, tuple[str, ...]] = {
    "consultation": (*_OF_ATTRIBUTION, *_OF_ABANDON),
    "attribution": (*_OF_CONSULTATION, *_OF_ABANDON),
    "abandon": (*_OF_CONSULTATION, *_OF_ATTRIBUTION, "nombre_offres"),
}


def sirets(row: Row) -> Iterator[Violation]:
    """The buyer and the holders have right SIRET keys."""
    for column, text in row.values.items():
        if column == "acheteur_siret" and wrong_siret(text):
            yield Violation(column, row.line, detail=text)
        if column == "titulaires":
            for holder in text.split("|"):
                kind, _, identifier = holder.partition(":")
                if kind == "SIRET" and wrong_siret(identifier):
                    yield Violation(column, row.line, detail=identifier)


def dates(row: Row) -> Iterator[Violation]:
    """Launch, deadline of the offers and opening follow each other."""
    before: tuple[str, date] | None = None
    for column in _DAYS:
        day = _day(row.values.get(column, ""))
        if day is None:
            continue
        if before is not None and day < before[1]:
            detail = f"{column} ({day:%d/%m/%Y}) précède {before[0]} ({before[1]:%d/%m/%Y})"
            yield Violation(column, row.line, detail=detail)
        before = column, day


def colonnes(row: Row) -> Iterator[Violation]:
    """A row fills the columns of its type and leaves the others empty."""
    kind = row.values.get("type_message", "")
    for column in _FILLED.get(kind, ()):
        if row.values.get(column) == "":
            yield Violation(column, row.line, detail=f"« {column} » est vide alors qu'il s'agit d'une ligne « {kind} »")
    for column in _EMPTY.get(kind, ()):
        if row.values.get(column):
            detail = f"« {column} » est rempli alors qu'il s'agit d'une ligne « {kind} »"
            yield Violation(column, row.line, detail=detail)


def motif(row: Row) -> Iterator[Violation]:
    """A procedure given up says why."""
    if row.values.get("decision") == "sans_suite" and row.values.get("motif") == "":
        yield Violation("motif", row.line, detail=row.values.get("reference", ""))


def attribution(row: Row) -> Iterator[Violation]:
    """An attributed lot has its marché's number, and only it has one."""
    told, state = bool(row.values.get("numero_marche")), row.values.get("etat", "")
    if told != (state == "attribuee"):
        fault = "n'est pas attribué mais a un numéro de marché" if told else "est attribué sans numéro de marché"
        yield Violation("numero_marche", row.line, detail=f"{row.values.get('reference')} {fault}")


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day written in a file has no time zone
    except ValueError:
        return None
