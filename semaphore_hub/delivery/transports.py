"""Open transports of this process: one per partner and channel, rebuilt when the partner's configuration changes."""

from __future__ import annotations

import os
from pathlib import Path

from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.ports.connector import SecretReader, Transport
from semaphore_hub.ports.outcomes import Misconfigured


class SecretStore:
    """Secrets by name: a file of the secrets folder, else an environment variable. Never the database."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def __call__(self, name: str) -> str:
        """The secret of that name.

        Raises:
            Misconfigured: there is none.
        """
        if not name.replace("_", "").isalnum():
            raise Misconfigured(f"{name!r} is not a name of a secret (letters, digits and underscores)")
        if self._folder is not None and (path := self._folder / name).is_file():
            return path.read_text(encoding="utf-8").strip()
        if (value := os.environ.get(name)) is not None:
            return value
        raise Misconfigured(f"the secret {name} is neither in the secrets folder nor in the environment")


class TransportPool:
    """Gives the transport of a partner's channel, opening it the first time."""

    def __init__(self, registry: ConnectorRegistry, partners: PartnerService, secrets: SecretReader) -> None:
        self._registry = registry
        self._partners = partners
        self._secrets = secrets
        self._open: dict[tuple[str, str], tuple[int, Transport]] = {}

    async def get(self, partner: Partner, channel: str) -> Transport:
        """The open transport; a changed configuration closes the old one first.

        Raises:
            Misconfigured: a setting or a secret is missing.
        """
        known = self._open.get((partner.id, channel))
        if known is not None and known[0] == partner.version:
            return known[1]
        connector = self._registry.get(partner.connector)
        transport = connector.open(channel, self._partners.settings_of(partner), self._secrets)
        self._open[partner.id, channel] = (partner.version, transport)
        if known is not None:
            await known[1].close()
        return transport

    def watched(self) -> dict[Path, str]:
        """Local folders where files of partners arrive, as the open transports name them, each with its partner."""
        return {
            folder: partner_id
            for (partner_id, _), (_, transport) in self._open.items()
            for folder in getattr(transport, "watched", ())
        }

    async def close(self) -> None:
        """Close everything."""
        opened, self._open = list(self._open.values()), {}
        for _, transport in opened:
            await transport.close()
