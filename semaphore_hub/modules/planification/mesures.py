"""What the indicators read of purchase projects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from semaphore_hub.ports.mesures import ProjetMesure


class MesuresProjets:
    """The port of the indicators, on the tables of the planning."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every project."""
        raise NotImplementedError

    def projet(self, connection: Connection, uid: str) -> ProjetMesure | None:
        """One project."""
        raise NotImplementedError
