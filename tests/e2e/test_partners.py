"""The same story told to each partner by its nominal channel and by files leaves it in the same state."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_partners import MOCKS
from semaphore_hub.kernel.clock import ManualClock
from tests.e2e.partners import Played, Way, degraded, manifest_of, nominal, played, registry, with_two_channels
from tests.e2e.partners_scenarios import NUMERO, a_consultation, a_marche, an_adhesion

STORIES: Mapping[str, Callable[[Played], Awaitable[str]]] = {
    "profil_acheteur": a_consultation,
    "centrale": an_adhesion,
}
"""By kind of partner; the life of a marché for the others."""

_EXCHANGED = frozenset(
    {
        # What was exchanged, not what came of it: documents put and answered, keys, numbers given, what is still to
        # be read, tokens.
        *("depots", "acquits", "acquittements", "comptesRendus", "cles", "numeros", "numeroAcquittement"),
        *("aEmettre", "aDeposer", "aExporter", "exports", "ecrits", "tickets"),
        # Names of files and of channels, instants.
        *("file", "name", "sha256", "canal", "channel", "dateModification"),
        # The version installed is what sends some partners to files.
        "version",
    }
)
_LOST: Mapping[str, frozenset[str]] = {
    "executionCsv": frozenset({"sousTraitants", "tranches", "reconductions"}),
    "remplacement": frozenset({"withdrawn"}),
}
"""What files do not carry, by the loss that says so."""
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def business(state: Any, without: frozenset[str]) -> Any:
    """A state, less what names the exchange; random ids are all the same, what was kept by them is sorted."""
    if isinstance(state, Mapping):
        kept = {key: business(value, without) for key, value in state.items() if key not in without}
        if any(_RANDOM.search(key) for key in kept):
            return sorted(kept.values(), key=lambda value: json.dumps(value, sort_keys=True))
        return kept
    if isinstance(state, list):
        return [business(value, without) for value in state]
    return _RANDOM.sub("uid", state) if isinstance(state, str) else state


@pytest.fixture
def hub(sqlite_template: Path, tmp_path: Path, clock: ManualClock) -> Callable[[Way], Any]:
    """Opens a hub and one partner."""

    def open_it(way: Way) -> Any:
        # PLACE offers everything, and a cooperative advances by itself; the others have no such options.
        return played(sqlite_template, tmp_path / str(way), clock, way, absentes=(), automatique=True)

    return open_it


def test_every_partner_of_the_registry_has_a_mock_and_is_played() -> None:
    assert set(registry()) == set(MOCKS)
    assert set(registry()) == set(with_two_channels())


@pytest.mark.parametrize("partner", with_two_channels())
async def test_both_channels_leave_the_partner_in_the_same_state(partner: str, hub: Callable[[Way], Any]) -> None:
    manifest = manifest_of(partner)
    lost = [_LOST[one.id] for one in manifest.losses if one.id in _LOST]
    without = _EXCHANGED.union(*lost)
    seen = {}
    for way in (nominal(partner), degraded(partner)):
        async with hub(way) as bench:
            before = business(bench.mock.snapshot(), without)
            await STORIES.get(manifest.kind, a_marche)(bench)
            sent = bench.deliveries()
            assert {row.channel for row in sent} == {way.channel}
            assert {row.state for row in sent} == {"ACKNOWLEDGED"}
            assert bench.quarantine() == []
            state = bench.mock.snapshot()
            seen[way.channel] = (business(state, without), sorted(row.message_type for row in sent))
            assert seen[way.channel][0] != before
            if manifest.kind == "gef":
                _check_gef(state)
    [one, other] = seen.values()
    assert one == other


def _check_gef(state: Mapping[str, Any]) -> None:
    """The GEF has the marché as it ends, and every message took effect once."""
    marche = state["marches"][NUMERO]
    assert marche["modifications"] == [1]
    told = marche.get("etat", marche)
    assert (told["objet"], told["montantHT"]) == ("Seringues stériles", "215000.00")
    assert [len(lines) == len(set(lines)) for lines in state["effets"].values()] == [True] * len(state["effets"])
    if "etat" in marche:
        assert {one["id"]: one["montantHT"] for one in told["titulaires"]} == {
            "99988801900018": "160000.00",
            "99988802700011": "55000.00",
        }
        assert [one["type"] for one in marche["evenements"]] == ["demarrage"]
        assert {one["reference"] for one in marche["produits"].values()} == {"SER-10", "PARA-1"}
