"""Finds the connectors: every ``connectors/*/manifest.toml``, the entry points of outside packages, outside folders.

The manifest is read and checked before any code of the connector is imported. A connector that does not load stops the
start-up: a hub that runs without one of its partners would lose flows without a word.

Where its code is, by what the manifest says:

- ``uses``: described by its manifest only; ``create`` of the module ``generic`` of that kit (``connectors/<kit>/``);
- otherwise ``create`` of the module ``connector`` beside the manifest.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from semaphore_hub.kernel.errors import ConfigurationError, NotFound
from semaphore_hub.ports.connector import Connector
from semaphore_hub.ports.manifest import Manifest, load_manifest

ENTRY_POINTS = "semaphore_hub.connectors"
CONNECTOR_DIRS = "SEMAPHORE_CONNECTOR_DIRS"
"""Environment variable: folders that hold connector folders, separated as in ``PATH``."""


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


def load_connectors(extra: Sequence[Path] = ()) -> ConnectorRegistry:
    """Load every connector that can be found.

    Args:
        extra: folders that hold connector folders, outside the package; those of ``SEMAPHORE_CONNECTOR_DIRS`` too.

    Raises:
        ConfigurationError: one does not load, or two have the same id; the message names it and says why.
    """
    found: dict[str, Connector] = {}
    places: dict[str, str] = {}
    outside = _outside(extra)
    for root in outside:
        if not _manifests(root):
            raise ConfigurationError(
                f"{root} holds no connector folder (no */manifest.toml): {CONNECTOR_DIRS} names the folders above them"
            )
    for manifest_path, module_name in _found(outside):
        manifest = load_manifest(manifest_path)
        place = str(manifest_path.parent)
        if manifest.id in found:
            raise ConfigurationError(f"two connectors have the id {manifest.id!r}: {places[manifest.id]} and {place}")
        found[manifest.id] = _instantiate(module_name, manifest, manifest_path.parent)
        places[manifest.id] = place
    return ConnectorRegistry(found)


def connector_folders(extra: Sequence[Path] = ()) -> list[Path]:
    """Every folder that holds a connector, by the same search; nothing is imported or checked."""
    return [manifest.parent for manifest, _ in _found(_outside(extra))]


def _found(outside: Sequence[Path]) -> Iterator[tuple[Path, str | None]]:
    """Manifests, and the module of each; ``None`` for one that stands outside any package."""
    for manifest in _manifests_in_package():
        yield manifest, f"connectors.{manifest.parent.name}.connector"
    for entry in entry_points(group=ENTRY_POINTS):
        module_name = entry.value.partition(":")[0]
        spec = find_spec(module_name)
        if spec is None or spec.origin is None:
            raise ConfigurationError(f"entry point {entry.name!r}: module {entry.value!r} cannot be found")
        yield Path(spec.origin).parent / "manifest.toml", module_name
    for place in outside:
        yield from ((manifest, None) for manifest in _manifests(place))


def _outside(extra: Sequence[Path]) -> list[Path]:
    """The folders given, then those of the environment, each once."""
    named = (Path(one) for one in os.environ.get(CONNECTOR_DIRS, "").split(os.pathsep) if one)
    return list(dict.fromkeys(one.resolve() for one in (*extra, *named)))


def _manifests(place: Path) -> list[Path]:
    return sorted(place.glob("*/manifest.toml"))


def _manifests_in_package() -> list[Path]:
    spec = find_spec("connectors")
    if spec is None or spec.submodule_search_locations is None:
        raise ConfigurationError("the package connectors is not installed")
    return [manifest for location in spec.submodule_search_locations for manifest in _manifests(Path(location))]


def _instantiate(module_name: str | None, manifest: Manifest, folder: Path) -> Connector:
    """Import the module and call its ``create(manifest)``."""
    try:
        if manifest.uses is not None:
            module_name = f"connectors.{manifest.uses}.generic"
        connector: Connector = importlib.import_module(module_name or _outside_module(folder)).create(manifest)
    except Exception as error:
        raise ConfigurationError(f"connector {manifest.id!r} does not load: {error}") from error
    return connector


def _outside_module(folder: Path) -> str:
    """Name of the module ``connector`` of a folder outside any package, importable by its location.

    The folder becomes a package of its own, so that its modules import each other relatively (``from .mapping import
    say``) and hide nobody's.
    """
    package = f"semaphore_outside_{folder.name}_{sha256(str(folder).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        spec = ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    return f"{package}.connector"
