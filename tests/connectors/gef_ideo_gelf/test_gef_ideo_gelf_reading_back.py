"""What is read back from the bytes is what was said, in both forms; every difference is a declared loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.payloads import Marche
from tests.connectors.gef_ideo_gelf.gef_events import GOLDEN, connector, event, translate

MARCHE_EVENTS = ("marche_notifie", "marche_modifie", "marche_corrige")
EXECUTION: dict[str, Any] = {
    "lot": {"consultation": "2026-AOO-001", "numero": 2, "intitule": "Perfusion"},
    "dateFin": "2031-01-31",
    "pieces": [{"idUnique": "PJ1", "nom": "acte.pdf", "support": "01"}],
    "montantActualise": "201000.00",
}


@pytest.mark.parametrize("channel", ["api", "file"])
@pytest.mark.parametrize("changes", [{}, EXECUTION], ids=["plain", "execution"])
@pytest.mark.parametrize("name", MARCHE_EVENTS)
def test_every_field_is_told_as_it_is_or_covered_by_a_declared_loss(
    name: str, changes: dict[str, Any], channel: str
) -> None:
    said = event(name, **changes)
    message = translate(said, channel)
    told = connector().tells(message.type, message.body)
    expected = champs_of(Marche.model_validate(said.data["marche"]))
    losses = [loss for loss in connector().manifest.losses if loss.id in message.losses]

    unexplained = {
        field: (expected.get(field), told.get(field))
        for field in {*expected, *told}
        if told.get(field) != expected.get(field)
        and not any(loss.covers(field) and (field not in told or loss.alteration) for loss in losses)
    }
    assert unexplained == {}
    assert ("finDeduite" in message.losses) is ("dateFin" not in expected)
    assert told["montant"] == expected["montant"]


@pytest.mark.parametrize("name", MARCHE_EVENTS)
def test_both_forms_tell_the_same(name: str) -> None:
    said = event(name)
    api, file = translate(said, "api"), translate(said, "file")
    assert connector().tells(api.type, api.body) == connector().tells(file.type, file.body)


@pytest.mark.parametrize("channel", ["api", "file"])
def test_a_wrong_translation_shows(channel: str) -> None:
    message = translate(event("marche_notifie"), channel)
    amount = json.loads((GOLDEN / "marche_notifie.event.json").read_text("utf-8"))["data"]["marche"]["montant"]
    wrong = message.body.replace(amount.replace(".", "," if channel == "file" else ".").encode(), b"1.00")
    assert connector().tells(message.type, wrong)["montant"] != amount


@pytest.mark.parametrize("channel", ["api", "file"])
def test_a_supplier_s_message_tells_nothing_of_a_marche(channel: str) -> None:
    message = translate(event("fournisseur_cree"), channel)
    assert connector().tells(message.type, message.body) == {}
