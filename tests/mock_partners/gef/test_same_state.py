"""Whatever the way, the same messages leave the same state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mock_partners.gef.documents import LOST_IN_CSV
from tests.mock_partners.gef.conftest import WAYS, open_way

STORY = (
    "nomenclature",
    "marche",
    "modification",
    "evenement_resiliation",
    "fournisseur_creation",
    "correction",
    "fournisseur_etranger_modification",
    "marche_lot_titulaire_etranger",
    "produits",
    "evenement_tranche_affermie",
    "marche",
)
# What names the way itself: channels, keys, what is still to be read, and the versions of each product.
OWN = {"aEmettre", "aDeposer", "cles", "flux", "numeros", "version", "versionMinimum"}


async def told(way: str, folder: Path) -> dict[str, Any]:
    """The state once the story was told."""
    folder.mkdir()
    hub = open_way(way, folder, known_suppliers=frozenset({"99900102700013"}))
    for name in STORY:
        await hub.send(name)
        await hub.fetch()
    await hub.http.post("/_mock/commander", json={"numeroMarche": "2026VAL002"})
    await hub.http.aclose()
    return {name: value for name, value in hub.mock.snapshot().items() if name not in OWN}


def without_losses(state: dict[str, Any]) -> dict[str, Any]:
    """What the CSV syntax can say of it."""
    marches = {number: {**one, "etat": dict(one["etat"])} for number, one in state["marches"].items()}
    for one in marches.values():
        for name in LOST_IN_CSV:
            one["etat"].pop(name, None)
    return {**state, "marches": marches}


async def test_the_same_story_leaves_the_same_state_by_every_way(tmp_path: Path) -> None:
    states = {way: await told(way, tmp_path / way) for way in WAYS}
    reference = states["0904"]
    assert reference["marches"]["2026VAL001"]["statut"] == "résilié"
    assert reference["marches"]["2026VAL001"]["etat"]["sousTraitants"]
    assert len(reference["mandats"]) == 1
    assert reference["effets"].keys() >= {"SEM-0001", "SEM-0004", "SEM-0006", "SEM-0010"}
    for way, state in states.items():
        if way.endswith("csv"):
            assert without_losses(state) == without_losses(reference), way
        else:
            assert state == reference, way
