"""What the indicators read of marchés and of what was paid."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from semaphore_hub.ports.mesures import DepenseMesuree, MarcheMesure


class MesuresMarches:
    """The port of the indicators, on the tables of marchés."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every marché, from the attribution on."""
        raise NotImplementedError

    def marche(self, connection: Connection, uid: str) -> MarcheMesure | None:
        """One marché, from its attribution on."""
        raise NotImplementedError

    def depenses_du_flux(self, connection: Connection, partenaire: str, id_flux: str) -> Sequence[DepenseMesuree]:
        """The lines of mandats that a flow of a partner last wrote."""
        raise NotImplementedError

    def depenses(self, connection: Connection, apres: str, limite: int) -> Sequence[DepenseMesuree]:
        """A page of every line of mandats, in the order of their uid, after one ("" for the first page)."""
        raise NotImplementedError
