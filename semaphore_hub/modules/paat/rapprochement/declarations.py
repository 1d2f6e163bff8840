"""Gains of operators as they are written: checked together, then created or replaced by their reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.paat.contexte import membres
from semaphore_hub.modules.paat.models import PaatGainOperateur
from semaphore_hub.modules.paat.rapprochement import rules
from semaphore_hub.modules.paat.rapprochement.schemas import GainDeclare
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.rules import refuse

_gain = table_of(PaatGainOperateur)
_ght = table_of(Ght)
_BLOC = 500
_Place = Callable[[int, str], str]
Cle = tuple[str, int, str]
"""Operator, year and reference: what designates a gain."""
_MODIFIER = (
    update(_gain)
    .where(_gain.c.uid == bindparam("of_uid"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "version",
                "famille",
                "numero_marche",
                "etablissement_siret",
                "montant_reference_cents",
                "gain_cents",
                "source",
            )
        }
    )
)
_COMPAREES = ("famille", "numero_marche", "etablissement_siret", "montant_reference_cents", "gain_cents")


@dataclass(frozen=True, slots=True)
class Ecrits:
    """What became of the gains given; ``touches`` are the (operator, year, GHT) in which something changed."""

    creees: int
    modifiees: int
    inchangees: int
    touches: tuple[tuple[str, int, str], ...]


def ecrire(
    unit: UnitOfWork, caller: Caller, gains: Sequence[GainDeclare], source: str, created_ms: int, place: _Place
) -> Ecrits:
    """Create or replace gains; one that is given as it stands does not change, whatever its source.

    Args:
        place: where a field of the gain of an index was given, for what is refused.

    Raises:
        RuleBroken: with every problem of every gain; nothing is written.
    """
    known = _connus(unit.connection, gains)
    rows, problems = _verifies(unit.connection, caller, gains, known, place)
    refuse(problems)
    inserted: list[dict[str, Any]] = []
    updated: list[dict[str, Any]] = []
    touched: set[tuple[str, int, str]] = set()
    for row in rows:
        former = known.get(_cle(row))
        if former is not None and all(former[name] == row[name] for name in _COMPAREES):
            continue
        touched.add((row["operateur"], row["annee"], row["ght"]))
        if former is None:
            inserted.append({**row, "uid": new_id(), "version": 1, "source": source, "created_ms": created_ms})
        else:
            changed = {name: row[name] for name in _COMPAREES}
            updated.append({**changed, "of_uid": former["uid"], "version": former["version"] + 1, "source": source})
    if inserted:
        unit.connection.execute(insert(_gain), inserted)
    if updated:
        unit.connection.execute(_MODIFIER, updated)
    same = len(rows) - len(inserted) - len(updated)
    return Ecrits(len(inserted), len(updated), same, tuple(sorted(touched)))


def _verifies(
    connection: Connection, caller: Caller, gains: Sequence[GainDeclare], known: dict[Cle, RowMapping], place: _Place
) -> tuple[list[dict[str, Any]], list[Problem]]:
    codes = {one.ght for one in gains}
    allowed = within(select(_ght.c.code).where(_ght.c.code.in_(codes)), _ght.c.code, caller)
    ghts = set(connection.execute(allowed).scalars())
    members = {
        (ght, annee): membres(connection, ght, annee)
        for ght, annee in {(one.ght, one.annee) for one in gains if one.etablissement is not None}
    }
    names = familles(connection)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    seen: set[Cle] = set()
    for index, one in enumerate(gains):
        told = {"operateur": one.operateur.libelle, "annee": one.annee, "reference": one.reference}
        code = None if one.famille is None else names.trouver(one.famille)
        row = {
            "operateur": one.operateur.value,
            "annee": one.annee,
            "ght": one.ght,
            "reference": one.reference,
            "famille": code,
            "numero_marche": one.numeroMarche,
            "etablissement_siret": one.etablissement,
            "montant_reference_cents": _cents(one.montantReference),
            "gain_cents": to_cents(one.gain),
        }
        former = known.get(_cle(row))
        if one.operateur is Operateur.GHT:
            problems.append(rules.OPERATEUR.broken(place(index, "operateur")))
        if one.ght not in ghts:
            problems.append(rules.GHT.broken(place(index, "ght"), ght=one.ght))
        if one.famille is not None and code is None:
            listing = {"famille": one.famille, "connues": listed(names.libelles.values())}
            problems.append(rules.FAMILLE.broken(place(index, "famille"), **listing))
        if one.famille is None and one.numeroMarche is None:
            problems.append(rules.RAPPROCHABLE.broken(place(index, "numeroMarche")))
        if one.etablissement is not None and one.etablissement not in members[one.ght, one.annee]:
            where = {"siret": one.etablissement, "ght": one.ght, "annee": one.annee}
            problems.append(rules.ETABLISSEMENT.broken(place(index, "etablissement"), **where))
        if _cle(row) in seen:
            problems.append(rules.DOUBLE.broken(place(index, "reference"), **told))
        if former is not None and former["ght"] != one.ght:
            problems.append(rules.AUTRE_GHT.broken(place(index, "reference"), **told))
        seen.add(_cle(row))
        rows.append(row)
    return rows, problems


def _connus(connection: Connection, gains: Sequence[GainDeclare]) -> dict[Cle, RowMapping]:
    references = sorted({one.reference for one in gains})
    found: dict[Cle, RowMapping] = {}
    for start in range(0, len(references), _BLOC):
        statement = select(_gain).where(_gain.c.reference.in_(references[start : start + _BLOC])).with_for_update()
        found.update({_cle(row): row for row in connection.execute(statement).mappings()})
    return found


def _cle(row: RowMapping | dict[str, Any]) -> Cle:
    return row["operateur"], row["annee"], row["reference"]


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else to_cents(amount)
