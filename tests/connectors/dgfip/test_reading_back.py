"""What a file tells, read back from its bytes, is what the marché is: any difference is a declared loss."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from lxml import etree

import contracts
from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import MARCHE_MODIFIE, MARCHE_NOTIFIE, MARCHE_RECONDUIT
from semaphore_hub.ports.payloads import Marche
from tests.connectors.dgfip.builders import (
    act,
    concession_event,
    connector,
    context,
    event,
    holders,
    marche,
    modification,
    rich,
    supplier,
    translate,
)
from tests.connectors.dgfip.lives import EVENTS, lives
from tests.shared import shared_path

CONNECTOR = connector()
LOSSES = {loss.id: loss for loss in CONNECTOR.manifest.losses}
OFFICIAL = {"5.17": "xsd-v5.17", "5.30": "xsd-v5.30-reconstruit"}


def told(message: Message) -> dict[str, str]:
    """What a message tells."""
    return dict(CONNECTOR.tells("pes_marche", message.body))


def unexplained(data: dict[str, Any], message: Message) -> dict[str, tuple[str | None, str | None]]:
    """Fields told otherwise than they are, or not told, without a loss of that message that covers them."""
    is_, said = champs_of(Marche.model_validate(data)), told(message)
    return {
        name: (is_.get(name), said.get(name))
        for name in {*is_, *said}
        if is_.get(name) != said.get(name)
        and not any(
            LOSSES[loss].covers(name) and (name not in said or LOSSES[loss].alteration) for loss in message.losses
        )
    }


@cache
def official(version: str) -> etree.XMLSchema:
    """The official schema of a version."""
    return etree.XMLSchema(
        file=str(shared_path("standards", "pes", OFFICIAL[version], "PES_V2", "Rev0", "PES_Aller.xsd"))
    )


@pytest.mark.parametrize("version", ["5.17", "5.30"])
@pytest.mark.parametrize("type_", [MARCHE_MODIFIE, MARCHE_RECONDUIT])
@pytest.mark.parametrize("data", [marche(), rich(), marche(tauxAvance="0", attributionAvance=True)])
def test_every_field_comes_back_unless_its_loss_is_declared(data: dict[str, Any], type_: str, version: str) -> None:
    assert unexplained(data, translate(event(data, type_), context(3, versionPES=version))) == {}


@pytest.mark.parametrize("version", ["5.17", "5.30"])
@pytest.mark.parametrize("sequence", [1, 3])
def test_a_rich_file_satisfies_our_contract_and_the_official_schema(version: str, sequence: int) -> None:
    for message in CONNECTOR.translate(event(rich(), MARCHE_MODIFIE), "api", context(sequence, versionPES=version)):
        assert contracts.validate(message.contract, message.body).findings == ()
        official(version).assertValid(etree.fromstring(message.body))


@bounded(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives(), st.sampled_from(EVENTS), st.sampled_from(["5.17", "5.30"]), st.integers(1, 4))
def test_any_life_is_told_in_valid_files_without_an_undeclared_difference(
    data: dict[str, Any], type_: str, version: str, sequence: int
) -> None:
    messages = CONNECTOR.translate(event(data, type_), "api", context(sequence, versionPES=version))
    for message in messages:
        report = contracts.validate(message.contract, message.body)
        assert report.valid, report.findings
    assert unexplained(data, messages[-1]) == {}
    assert messages == CONNECTOR.translate(event(data, type_), "api", context(sequence, versionPES=version))


@bounded(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives(), st.sampled_from(["5.17", "5.30"]))
def test_any_life_is_told_in_files_valid_against_the_official_schema(data: dict[str, Any], version: str) -> None:
    for message in CONNECTOR.translate(event(data, MARCHE_MODIFIE), "api", context(1, versionPES=version)):
        official(version).assertValid(etree.fromstring(message.body))


def test_the_initial_state_is_the_present_one_less_the_differences() -> None:
    said = told(translate(event(rich(), MARCHE_MODIFIE), context(3, versionPES="5.30")))
    assert (said["montant"], said["initial.montant"]) == ("220000.00", "200000.00")
    assert (said["dureeMois"], said["initial.dureeMois"]) == ("30", "24")
    assert "initial.titulaires" not in said  # former holders are not named
    assert said["modifications[2].titulaires"] == f"SIRET {supplier(1)['id']} ; SIRET {supplier(2)['id']}"
    assert said["actesSousTraitance[1].montant"] == "20000.00"
    assert said["modificationsActesSousTraitance[1].montant"] == "25000.00"
    assert said[f"titulaires[SIRET {supplier(1)['id']}].montant"] == "160000.00"
    assert (said["tranches[1].montant"], said["tranches[1].type"]) == ("70000.01", "optionnelle")
    assert said["acheteurs[26990002300012].montant"] == "99999.99"
    assert said["tauxAvance"] == "0.055"


def test_an_update_does_not_tell_the_history_that_other_sendings_told() -> None:
    message = translate(event(rich(), MARCHE_RECONDUIT), context(5))
    said = told(message)
    assert "historique" in message.losses
    assert not any(name.startswith(("initial", "modifications", "actesSousTraitance")) for name in said)


def test_a_first_sequence_tells_the_contract_as_it_was_notified() -> None:
    first, second = CONNECTOR.translate(event(rich(), MARCHE_NOTIFIE), "api", context(1, versionPES="5.30"))
    assert told(first)["montant"] == told(first)["initial.montant"] == "200000.00"
    assert told(first)["titulaires"] == f"SIRET {supplier(1)['id']}"
    assert not any("ousTraitance[" in name or name.startswith("modifications[") for name in told(first))
    assert unexplained(rich(), second) == {}


def test_a_wrong_value_shows() -> None:
    message = translate(event())
    wrong = message.body.replace(b'<Objet V="Fourniture', b'<Objet V="Livraison')
    assert CONNECTOR.tells("pes_marche", wrong)["objet"].startswith("Livraison")


def test_a_concession_tells_nothing_of_a_marche() -> None:
    (message,) = CONNECTOR.translate(concession_event(), "api", context())
    assert CONNECTOR.tells(message.type, message.body) == {}
    assert CONNECTOR.tells("pes_marche", message.body) == {}


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({"nature": "Marché de défense ou de sécurité"}, "nature"),
        ({"complements": {"procedureMarche": "08"}, "techniques": ["Concours"]}, "procedure"),
        ({"lot": {"consultation": "2026C01", "numero": 2, "intitule": "Lot 2"}}, "lot"),
        ({"dateFin": "2028-02-29"}, "fin"),
        ({"offresRecues": 1000}, "offres-recues"),
        ({"complements": {"montantEstime": "199999.99"}}, "montant-estime"),
        ({"complements": {"urlProfilAcheteur": ""}}, "profil-par-defaut"),
        ({"complements": {"siretPAAccordCadre": "26990002300012"}}, "accord-cadre"),
        ({"attributionAvance": True, "tauxAvance": "0"}, "avance"),
        ({"tranches": [{"numero": 0, "intitule": "F", "type": "ferme", "montant": "1.00"}]}, "tranches"),
        ({"montantActualise": "210000.00"}, "montant-actualise"),
        ({"pieces": [{"idUnique": "A-1", "nom": "a.pdf", "support": "01"}]}, "pieces"),
        ({"pieces": [{"idUnique": "A1", "nom": "sans_extension", "support": "01"}]}, "pieces"),
        ({"actesSousTraitance": [act(paiementDirect=False)]}, "sous-traitance-indirecte"),
        ({"actesSousTraitance": [act()], "sousTraitanceDeclaree": True}, "publication-actes"),
        (
            {
                "initial": {
                    "montant": "150000.00",
                    "dureeMois": 24,
                    "titulaires": holders("150000.00"),
                    "typeGroupementOperateurs": "Pas de groupement",
                },
                "modifications": [modification(montant=None, deltaMontant=None, dureeMois=None, deltaDureeMois=None)],
            },
            "etat-initial",
        ),
    ],
)
def test_each_loss_is_declared_for_what_it_names(changes: dict[str, Any], loss: str) -> None:
    data = marche(**changes)
    message = translate(event(data, MARCHE_MODIFIE), context(3))
    assert message.losses == (loss,)
    assert unexplained(data, message) == {}
