"""What the indicators read of plans."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from semaphore_hub.ports.mesures import ActionMesuree


class MesuresPaat:
    """The port of the indicators, on the tables of plans."""

    def plans(self, connection: Connection) -> Sequence[str]:
        """Uids of every plan."""
        raise NotImplementedError

    def actions(self, connection: Connection, paat_uid: str) -> Sequence[ActionMesuree]:
        """Every action of a plan; empty when there is no such plan."""
        raise NotImplementedError
