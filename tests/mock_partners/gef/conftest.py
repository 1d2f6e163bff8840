"""Every way to exchange with a simulated GEF: nominal and degraded, for each of the five."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mock_partners.gef.hubs import FileHub, Hub, Place, RestHub, SaasHub, make
from tests.mock_partners.gef_2k22.soap import SoapHub
from tests.mock_partners.gef_eai_prodige.envelope import EaiHub

WAYS: dict[str, tuple[str, Callable[[Any], Hub]]] = {
    "saas": ("gef_saas", SaasHub),
    "0904": ("gef_0904", RestHub),
    "nc upgraded": ("gef_nc", RestHub),
    "2k22": ("gef_2k22", SoapHub),
    "eai": ("gef_eai_prodige", lambda mock: EaiHub(mock, "xml")),
    "saas csv": ("gef_saas", lambda mock: FileHub(mock, "csv")),
    "0904 csv": ("gef_0904", lambda mock: FileHub(mock, "csv")),
    "nc csv": ("gef_nc", lambda mock: FileHub(mock, "csv")),
    "2k22 xml": ("gef_2k22", lambda mock: FileHub(mock, "xml")),
    "eai csv": ("gef_eai_prodige", lambda mock: FileHub(mock, "csv")),
}
Opened = Callable[..., Hub]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """The way under test."""
    name: str = request.param
    return name


@pytest.fixture
async def opened(way: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Makes a hub in front of a mock with given configuration."""
    made: list[Hub] = []

    def open_(**config: Any) -> Hub:
        hub = open_way(way, tmp_path, **config)
        made.append(hub)
        return hub

    yield open_
    for hub in made:
        await hub.http.aclose()


@pytest.fixture
def hub(opened: Opened) -> Hub:
    """A hub in front of a mock that accepts anything."""
    return opened()


def open_way(way: str, folder: Path, **config: Any) -> Hub:
    """A hub in front of a mock, by one way."""
    mock_id, make_hub = WAYS[way]
    options = {"etablissement": "990780017", **config.pop("options", {})}
    if way == "nc upgraded":
        options["version"] = "1.2"
    if way in ("saas csv", "0904 csv", "2k22 xml", "eai csv"):
        options.setdefault("emission", "fichier")
    place = Place(folder / "depot", folder / "retour")
    return make_hub(make(mock_id, place, options=options, **config))
