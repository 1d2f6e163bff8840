"""What is read back from the bytes is what was said, in every form; every difference is a declared loss."""

from __future__ import annotations

import pytest

from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import Loss
from semaphore_hub.ports.payloads import Marche
from tests.connectors.gef.gef_cases import CHANNELS, CONNECTORS, MARCHE_NAMES, NAMES, event, translate


def told(connector: str, message: Message) -> dict[str, str]:
    return dict(CONNECTORS[connector].tells(message.type, message.body))


def losses(connector: str, message: Message) -> list[Loss]:
    found = [loss for loss in CONNECTORS[connector].manifest.losses if loss.id in message.losses]
    assert len(found) == len(message.losses), "a loss is not declared"
    return found


def unexplained(
    known: dict[str, str], said: dict[str, str], lost: list[Loss]
) -> dict[str, tuple[str | None, str | None]]:
    """Fields told otherwise than they are, that no loss covers; a loss that alters is needed where a value is told."""
    return {
        field: (known.get(field), said.get(field))
        for field in {*known, *said}
        if said.get(field) != known.get(field)
        and not any(loss.covers(field) and (field not in said or loss.alteration) for loss in lost)
    }


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
@pytest.mark.parametrize("name", MARCHE_NAMES)
def test_every_field_is_told_as_it_is_or_covered_by_a_declared_loss(name: str, connector: str, channel: str) -> None:
    message = translate(connector, channel, event(name))
    known = champs_of(Marche.model_validate(event(name).data["marche"]))
    said = told(connector, message)
    assert unexplained(known, said, losses(connector, message)) == {}
    assert said["montant"] == known["montant"]
    assert said["titulaires"] == known["titulaires"]


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
@pytest.mark.parametrize("name", MARCHE_NAMES)
def test_every_loss_made_covers_a_field_that_is_not_told_as_it_is(name: str, connector: str, channel: str) -> None:
    message = translate(connector, channel, event(name))
    known = champs_of(Marche.model_validate(event(name).data["marche"]))
    said = told(connector, message)
    idle = [
        loss.id
        for loss in losses(connector, message)
        if loss.champs
        and not any(loss.covers(field) and said.get(field) != known.get(field) for field in {*known, *said})
    ]
    assert idle == []


def deduced() -> Event:
    complements = {**event("marche_notifie").data["marche"]["complements"], "dateDebutExecution": None}
    parts = [
        {"etablissement": one, "montant": "100000.00"}
        for one in event("marche_notifie").data["marche"]["beneficiaires"]
    ]
    piece = {"idUnique": "PJ1", "nom": "acte.pdf", "support": "01"}
    return event(
        "marche_notifie",
        dateFin=None,
        complements=complements,
        acheteurs=parts,
        pieces=[piece],
        origineUE="0.5",
        origineFrance="0.25",
    )


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
def test_rarer_facts_are_covered_too(connector: str, channel: str) -> None:
    message = translate(connector, channel, deduced())
    known = champs_of(Marche.model_validate(deduced().data["marche"]))
    assert unexplained(known, told(connector, message), losses(connector, message)) == {}
    assert {"debutDeduit", "finDeduite", "partsAcheteurs", "pieces", "origine"} <= set(message.losses)


@pytest.mark.parametrize("name", MARCHE_NAMES)
def test_json_and_xml_tell_the_same_and_csv_all_but_what_it_loses(name: str) -> None:
    in_json, in_xml, in_csv = (
        (connector, translate(connector, channel, event(name)))
        for connector, channel in (("gef_saas", "api"), ("gef_2k22", "file"), ("gef_saas", "file"))
    )
    assert told(*in_json) == told(*in_xml)
    kept = ("actesSousTraitance", "tranches", "reconductions")
    whole = {field: value for field, value in told(*in_json).items() if not field.startswith(kept)}
    assert told(*in_csv) == whole


def test_the_end_of_a_termination_is_told_by_its_own_message() -> None:
    for connector, channel in CHANNELS:
        assert (
            told(connector, translate(connector, channel, event("marche_resilie")))["resiliation.dateEffet"]
            == "2030-09-30"
        )
        assert "resiliation" in translate(connector, channel, event("marche_solde")).losses


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("200000.00", "200000.01", "montant"),
        ("50421000-2", "33600000-6", "codeCPV"),
        ("2029-11-30", "2029-12-31", "dateFin"),
        ("99900102700013", "99900101900028", "titulaires"),
    ],
)
def test_a_wrong_translation_shows(connector: str, channel: str, right: str, wrong: str, field: str) -> None:
    message = translate(connector, channel, event("marche_notifie"))
    altered = message.body.replace(right.encode(), wrong.encode())
    assert altered != message.body
    known = champs_of(Marche.model_validate(event("marche_notifie").data["marche"]))
    said = dict(CONNECTORS[connector].tells(message.type, altered))
    assert field in unexplained(known, said, losses(connector, message))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MARCHE_NAMES])
def test_other_messages_tell_nothing_of_a_marche(name: str) -> None:
    for connector, channel in CHANNELS:
        assert told(connector, translate(connector, channel, event(name))) == {}
