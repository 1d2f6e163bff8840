"""What the planning asks of the module marchés, without knowing it: the marché that a project renews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller


@dataclass(frozen=True, slots=True)
class MarcheConnu:
    """A marché as a project needs it; ``montant`` in euros HT over its whole duration."""

    uid: str
    id: str
    ght: str
    objet: str
    code_cpv: str
    type_achat: str
    montant: Decimal
    duree_mois: int
    statut: str
    date_fin: date | None
    beneficiaires: tuple[str, ...]
    version: int = 1


class MarchesConnus(Protocol):
    """Look-up of marchés."""

    def connu(self, connection: Connection, caller: Caller, uid: str) -> MarcheConnu | None:
        """A marché of the caller's perimeter, from its attribution on, or None."""
        ...

    def echeances(
        self, connection: Connection, caller: Caller, avant: date, *, limit: int, after: str | None
    ) -> list[MarcheConnu]:
        """Living marchés that end before a day, by uid, after one."""
        ...
