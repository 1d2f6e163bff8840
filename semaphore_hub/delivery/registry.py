"""Finds the connectors: every ``connectors/*/manifest.toml``, and the entry points of outside packages.

The manifest is read and checked before any code of the connector is imported. A connector that does not load stops the
start-up: a hub that runs without one of its partners would lose flows without a word.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from semaphore_hub.kernel.errors import ConfigurationError, NotFound
from semaphore_hub.ports.connector import Connector
from semaphore_hub.ports.manifest import Manifest, load_manifest

ENTRY_POINTS = "semaphore_hub.connectors"


class ConnectorRegistry:
    """The connectors of this process, by id."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self._connectors = dict(connectors)

    def __iter__(self) -> Iterator[str]:
        return iter(self._connectors)

    def get(self, connector_id: str) -> Connector:
        """The connector of that id.

        Raises:
            NotFound: there is none.
        """
        try:
            return self._connectors[connector_id]
        except KeyError:
            known = ", ".join(sorted(self._connectors))
            raise NotFound(f"Aucun connecteur « {connector_id} » ; connecteurs installés : {known}.") from None

    def manifests(self) -> list[Manifest]:
        """Every manifest, by id."""
        return [self._connectors[key].manifest for key in sorted(self._connectors)]


def load_connectors() -> ConnectorRegistry:
    """Load every connector that can be found.

    Raises:
        ConfigurationError: one does not load; the message names it and says why.
    """
    found: dict[str, Connector] = {}
    for folder in _folders():
        manifest = load_manifest(folder / "manifest.toml")
        found[manifest.id] = _instantiate(f"connectors.{manifest.id}.connector", manifest)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name in found:
            raise ConfigurationError(f"two connectors have the id {entry.name!r}")
        spec = find_spec(entry.value.partition(":")[0])
        if spec is None or spec.origin is None:
            raise ConfigurationError(f"entry point {entry.name!r}: module {entry.value!r} cannot be found")
        manifest = load_manifest(Path(spec.origin).parent / "manifest.toml")
        found[manifest.id] = _instantiate(entry.value.partition(":")[0], manifest)
    return ConnectorRegistry(found)


def _folders() -> list[Path]:
    spec = find_spec("connectors")
    if spec is None or spec.submodule_search_locations is None:
        raise ConfigurationError("the package connectors is not installed")
    return sorted(
        manifest.parent
        for location in spec.submodule_search_locations
        for manifest in Path(location).glob("*/manifest.toml")
    )


def _instantiate(module_name: str, manifest: Manifest) -> Connector:
    """Import the module and call its ``create(manifest)``."""
    try:
        connector: Connector = importlib.import_module(module_name).create(manifest)
    except Exception as error:
        raise ConfigurationError(f"connector {manifest.id!r} does not load: {error}") from error
    return connector
