"""Writes the lines of a flow in their own table: new ones, changed ones (what they said before is kept), or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, update

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.execution.models import GefLigneAnterieure
from semaphore_hub.modules.referentiel.gef import rules
from semaphore_hub.modules.referentiel.gef.annuaire import rows_by_key
from semaphore_hub.modules.referentiel.gef.flux import Flux, L

_anterieure = table_of(GefLigneAnterieure)


@dataclass(frozen=True, slots=True)
class Ecrite(Generic[L]):
    """A line to write.

    Attributes:
        ligne: as the flow says it.
        row: what is known under its key; ``None`` when it is new.
        valeurs: the columns it gives.
    """

    ligne: L
    row: RowMapping | None
    valeurs: Mapping[str, Any]

    @property
    def change(self) -> bool:
        """Whether it says something else than what is known."""
        row = self.row
        return row is None or any(row[name] != value for name, value in self.valeurs.items())


@dataclass(frozen=True, slots=True)
class Livre(Generic[L]):
    """One kind of line.

    Attributes:
        table: where its lines are.
        cle: columns that name a line, beside the establishment.
        valeurs: every column that a line gives by itself.
    """

    table: Table
    cle: tuple[str, ...]
    valeurs: Callable[[L], dict[str, Any]]

    def key(self, ligne: L) -> tuple[object, ...]:
        """What names a line: the same key again is the same line."""
        values = self.valeurs(ligne)
        return tuple(values[name] for name in self.cle)

    def connues(
        self, connection: Connection, siret: str, keys: Sequence[tuple[Any, ...]]
    ) -> dict[tuple[object, ...], RowMapping]:
        """The lines known under these keys, in this establishment."""
        return rows_by_key(connection, self.table, self.cle, siret, keys)

    def nouvelles(self, connection: Connection, flux: Flux[L]) -> list[Ecrite[L]]:
        """The lines of a flow that say something, the others being answered: known already, or said later since."""
        lignes = flux.uniques(self.key)
        known = self.connues(connection, flux.siret, [self.key(ligne) for ligne in lignes])
        found = []
        for ligne in lignes:
            row = known.get(self.key(ligne))
            line = Ecrite(ligne, row, self.valeurs(ligne))
            if row is not None and row["emis_le"] > flux.enveloppe.emisLe:
                flux.accepter(ligne, rules.ANTERIEUR.broken("$", emis=row["emis_le"].isoformat()))
            elif line.change or (line.row is not None and line.row.get("hors_marche") is not None):
                # Kept off contract, a line is looked at again: its marché may have been recorded meanwhile.
                found.append(line)
            else:
                flux.accepter(ligne)
        return found

    def ecrire(self, connection: Connection, flux: Flux[L], lines: Sequence[Ecrite[L]], now_ms: int) -> None:
        """Write lines; a known one gets a version more, and what it said stays readable."""
        stamp = {
            "emis_le": flux.enveloppe.emisLe,
            "id_flux": flux.enveloppe.idFlux,
            "partenaire": flux.partenaire,
            "ght": flux.etablissement.ght,
        }
        new = [
            {"uid": new_id(), "version": 1, "etablissement_siret": flux.siret, **line.valeurs, **stamp}
            for line in lines
            if line.row is None
        ]
        if new:
            connection.execute(insert(self.table), new)
        changed = [line for line in lines if line.row is not None and line.change]
        if not changed:
            return
        former, updates = [], []
        for line in changed:
            row = line.row
            assert row is not None
            former.append(
                {
                    "ligne_uid": row["uid"],
                    "version": row["version"],
                    "contenu": {name: _plain(row[name]) for name in line.valeurs},
                    "id_flux": row["id_flux"],
                    "remplacee_par": flux.enveloppe.idFlux,
                    "remplacee_ms": now_ms,
                }
            )
            updates.append({"k_uid": row["uid"], "version": row["version"] + 1, **line.valeurs, **stamp})
        connection.execute(insert(_anterieure), former)
        names = [name for name in updates[0] if name != "k_uid"]
        statement = update(self.table).where(self.table.c.uid == bindparam("k_uid"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), updates)


def _plain(value: Any) -> Any:
    """As JSON keeps it: days are texts."""
    return value if isinstance(value, int | str | None) else value.isoformat()
