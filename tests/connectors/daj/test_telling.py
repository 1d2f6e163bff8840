"""What a file tells, read back from its bytes, is what the marché is: any difference is a declared loss."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contracts
from connectors.daj.writer import to_xml
from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import MARCHE_MODIFIE
from semaphore_hub.ports.payloads import Marche
from tests.connectors.daj.builders import (
    CHANNELS,
    act,
    act_change,
    connector,
    context,
    event,
    holder,
    marche,
    modification,
    record,
    rich,
    signed,
    supplier,
    translate,
)

CONNECTOR = connector()
DECLARED = {loss.id: loss for loss in CONNECTOR.manifest.losses}


def unexplained(data: dict[str, Any], message: Message) -> list[str]:
    """Fields that are not told as they are and that no loss the message declares covers."""
    is_, told = champs_of(Marche.model_validate(data)), CONNECTOR.tells("marche", message.body)
    assert set(told) <= set(is_), "nothing is told that the marché is not"
    different = [name for name, value in is_.items() if told.get(name) != value]
    return [name for name in different if not any(DECLARED[loss].covers(name) for loss in message.losses)]


@pytest.mark.parametrize("data", [marche(), rich(), marche(idAccordCadre="2025AC003", tauxAvance="0")])
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_field_comes_back_unless_its_loss_is_declared(data: dict[str, Any], channel: str) -> None:
    assert unexplained(data, translate(event(data, MARCHE_MODIFIE), channel=channel)) == []


def test_both_formats_tell_the_same() -> None:
    for data in (marche(), rich(), marche(origineUE=None, origineFrance=None)):
        first, second = (
            CONNECTOR.tells("marche", translate(event(data), channel=channel).body) for channel in CHANNELS
        )
        assert first == second


def test_the_present_state_follows_from_the_initial_one_and_its_changes() -> None:
    told = CONNECTOR.tells("marche", translate(event(rich())).body)
    assert (told["initial.montant"], told["montant"]) == ("200000.00", "220000.00")
    assert (told["initial.dureeMois"], told["dureeMois"]) == ("24", "30")
    assert told["initial.titulaires"] == f"SIRET {supplier(1)['id']} ; SIRET {supplier(2)['id']}"
    assert told["titulaires"] == f"SIRET {supplier(1)['id']} ; SIRET {supplier(3)['id']}"
    assert told["tauxAvance"] == "0.05"
    assert told["marcheInnovant"] == "oui"


def test_a_message_declares_the_losses_it_makes_and_no_other() -> None:
    assert translate(event(marche())).losses == ("acheteurs", "complements-pes", "noms", "roles-et-parts")
    assert set(translate(event(rich())).losses) == set(DECLARED) - {
        "caracteres-remplaces",
        "lieu-concession",
        "modifications-identiques",
        "remplacement",
        "etat-divergent",
    }


def test_a_present_state_that_does_not_follow_from_the_history_is_said_to_diverge() -> None:
    initial = {
        "montant": "150000.00",
        "dureeMois": 24,
        "titulaires": [holder()],
        "typeGroupementOperateurs": "Pas de groupement",
    }
    data = marche(initial=initial)
    message = translate(event(data))
    assert "etat-divergent" in message.losses
    assert unexplained(data, message) == ["montant"]


def test_another_tool_s_xml_is_read_too() -> None:
    plain = record(translate(event()))
    body = to_xml("marche", {**plain, "marcheInnovant": "1", "origineUE": "", "origineFrance": "0.50"})
    assert contracts.validate("daj/decp-xml/2.0.2", body).valid
    told = CONNECTOR.tells("marche", body)
    assert told["marcheInnovant"] == "oui"
    assert "origineUE" not in told
    assert told["origineFrance"] == "0.5"


def test_a_concession_tells_nothing_about_a_marche() -> None:
    for channel in CHANNELS:
        body = translate(signed(), channel=channel).body
        assert CONNECTOR.tells("concession", body) == {}
        assert CONNECTOR.tells("marche", body) == {}


@pytest.mark.parametrize(
    ("loss", "name", "covered"),
    [
        ("complements-pes", "complements.idContrat", True),
        ("complements-pes", "complement", False),
        ("objets-modifications", "modifications[2].objet", True),
        ("objets-modifications", "modifications[2].montant", False),
        ("tranches", "tranches[0].dateAffermissement", True),
        ("roles-et-parts", "titulaires[SIRET 99988801900018].role", True),
        ("roles-et-parts", "titulaires", False),
    ],
)
def test_names_of_fields_are_matched_by_the_patterns_of_the_manifest(loss: str, name: str, covered: bool) -> None:
    assert DECLARED[loss].covers(name) is covered


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """A marché with a random life of amendments, changes of holder and subcontracting."""
    cents = st.integers(100_00, 90_000_000_00).map(lambda value: f"{Decimal(value) / 100:.2f}")
    first = Decimal(draw(cents))
    amount, months, holders, day = first, draw(st.integers(1, 48)), [holder()], date(2026, 3, 3)
    initial = {
        "montant": f"{first:.2f}",
        "dureeMois": months,
        "titulaires": list(holders),
        "typeGroupementOperateurs": "Pas de groupement",
    }
    modifications: list[dict[str, Any]] = []
    acts: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for step in draw(st.lists(st.sampled_from(["montant", "duree", "titulaires", "acte", "acte_modifie"]), max_size=8)):
        day += timedelta(days=draw(st.integers(0, 20)))
        when = {"dateNotificationModification": f"{day}", "datePublicationDonneesModification": f"{day}"}
        nothing = dict.fromkeys(("montant", "deltaMontant", "dureeMois", "deltaDureeMois"))
        change: dict[str, Any] | None = None
        if step == "montant":
            new = Decimal(draw(cents))
            change, amount = {"montant": f"{new:.2f}", "deltaMontant": f"{new - amount:.2f}"}, new
        elif step == "duree":
            extra = draw(st.integers(1, 12))
            months += extra
            change = {"dureeMois": months, "deltaDureeMois": extra}
        elif step == "titulaires":
            holders = [holder(number) for number in draw(st.permutations([1, 2, 3]))[: draw(st.integers(1, 3))]]
            change = {"titulaires": list(holders)}
        elif step == "acte":
            acts.append(act(len(acts) + 1, montant=draw(cents)))
        elif acts:
            changes.append(act_change(len(changes) + 1, draw(st.integers(1, len(acts))), montant=draw(cents)))
        if change is not None:
            modifications.append(modification(len(modifications) + 1, **{**nothing, **when, **change}))
    return marche(
        montant=f"{amount:.2f}",
        dureeMois=months,
        titulaires=holders,
        initial=initial,
        modifications=draw(st.permutations(modifications)),
        actesSousTraitance=draw(st.permutations(acts)),
        modificationsActesSousTraitance=draw(st.permutations(changes)),
        objet=draw(st.text(max_size=40)),
        origineUE=draw(st.sampled_from([None, "0", "0.125", "1"])),
        tauxAvance=draw(st.sampled_from([None, "0", "0.05"])),
        attributionAvance=draw(st.booleans()),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=lives())
def test_any_life_is_valid_and_comes_back_from_both_formats(data: dict[str, Any]) -> None:
    for channel in CHANNELS:
        (message,) = CONNECTOR.translate(event(data), channel, context(seuilPublication="0"))
        assert contracts.validate(message.contract, message.body).valid
        assert unexplained(data, message) == []


def test_two_changes_of_an_act_that_say_the_same_are_written_once() -> None:
    back = [act_change(1, montant="200.00"), act_change(2, montant="300.00"), act_change(3, montant="200.00")]
    data = marche(actesSousTraitance=[act()], modificationsActesSousTraitance=back)
    for channel in CHANNELS:
        (message,) = CONNECTOR.translate(event(data), channel, context(seuilPublication="0"))
        assert contracts.validate(message.contract, message.body).valid
        assert "modifications-identiques" in message.losses
        assert unexplained(data, message) == []
