"""Where a fact belongs: the region of a GHT, and the GHT and role of an établissement on a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import Etablissement, Ght, Rattachement

_ght, _etablissement, _rattachement = table_of(Ght), table_of(Etablissement), table_of(Rattachement)
_MEMBERSHIPS = (
    select(
        _etablissement.c.siret,
        _rattachement.c.ght_code,
        _rattachement.c.role,
        _rattachement.c.date_debut,
        _rattachement.c.date_fin,
    )
    .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
    .order_by(_etablissement.c.siret, _rattachement.c.date_debut)
)
_OF_SIRETS = _MEMBERSHIPS.where(_etablissement.c.siret.in_(bindparam("sirets", expanding=True)))
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Appartenance:
    """A membership: from a day to a day, both included; open when ``fin`` is None."""

    ght: str
    role: str
    debut: date
    fin: date | None


class Situation:
    """Regions and memberships, read once and kept for a batch of facts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.regions = regions(connection)
        self._members: dict[str, list[Appartenance]] = {}

    def charger(self, sirets: Collection[str]) -> None:
        """Read the memberships of these établissements at once."""
        wanted = sorted(set(sirets) - self._members.keys())
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            self._members |= {siret: [] for siret in part}
            for row in self._connection.execute(_OF_SIRETS, {"sirets": part}):
                self._members[row.siret].append(Appartenance(row.ght_code, row.role, row.date_debut, row.date_fin))

    def le(self, siret: str, jour: date) -> Appartenance | None:
        """The membership of an établissement on a day; None when it belonged to no GHT, or is not known."""
        self.charger([siret])
        return next(
            (one for one in self._members[siret] if one.debut <= jour and (one.fin is None or jour <= one.fin)), None
        )

    def region(self, ght: str) -> str | None:
        """The region of a GHT."""
        return self.regions.get(ght)


def regions(connection: Connection) -> dict[str, str | None]:
    """The region of every GHT."""
    return {row.code: row.region for row in connection.execute(select(_ght.c.code, _ght.c.region))}


def appartenances(connection: Connection) -> list[tuple[str, str, str, date, date | None]]:
    """Every membership: SIRET, GHT, role, first and last day; by SIRET and day."""
    return [
        (row.siret, row.ght_code, row.role, row.date_debut, row.date_fin) for row in connection.execute(_MEMBERSHIPS)
    ]
