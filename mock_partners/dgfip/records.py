"""What the deposit remembers: files seen, acknowledgements to offer."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from mock_partners.dgfip.aller import Flow


@dataclass(slots=True)
class Deposit:
    """A file the deposit has seen; its name is unique within a CodCol."""

    id: str
    name: str
    collectivite: str
    sha256: str
    at: str


@dataclass(slots=True)
class Acquit:
    """An acknowledgement, waiting until ``due`` and then offered; ``body`` is base 64, for the snapshot."""

    id: str
    name: str
    flow: str
    channel: str
    due: str
    body: str
    read: bool = False

    @property
    def content(self) -> bytes:
        """The XML document."""
        return base64.b64decode(self.body)


def deposit_key(flow: Flow) -> str:
    """What makes a file unique: its name within a CodCol."""
    return f"{flow.collectivite}/{flow.name}"


def receipt(deposit: Deposit) -> dict[str, str]:
    """The answer to a deposit."""
    return {
        "idDepot": deposit.id,
        "nomFichier": deposit.name,
        "recuLe": deposit.at,
        "sha256": deposit.sha256,
    }


def listed(acquit: Acquit) -> dict[str, str]:
    """One line of the list of acknowledgements."""
    return {"idAcquit": acquit.id, "nomFichier": acquit.name, "deposeLe": acquit.due}
