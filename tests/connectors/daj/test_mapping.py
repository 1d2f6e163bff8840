"""What a marché or a concession becomes in a DECP file."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema
import pytest
from lxml import etree

import contracts
from connectors.daj.writer import number, to_json
from semaphore_hub.ports.events import (
    CONCESSION_EXECUTEE,
    CONCESSION_MODIFIEE,
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    MARCHE_PRIX_REVISE,
    MARCHE_RECONDUIT,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
)
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.daj.builders import (
    BUYER,
    CHANNELS,
    GOLDEN,
    act,
    act_change,
    concession,
    connector,
    context,
    event,
    golden_case,
    holder,
    marche,
    modification,
    record,
    rich,
    signed,
    supplier,
    texts,
    translate,
)
from tests.shared import shared_path

CASES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
SUFFIX = {"api": "json", "file": "xml"}


@cache
def official_json() -> jsonschema.Draft7Validator:
    schema = shared_path("standards", "decp", "v2.0.4", "schema_decp_v2.0.4.json").read_text("utf-8")
    return jsonschema.Draft7Validator(json.loads(schema))


@cache
def official_xml() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(shared_path("standards", "decp", "v2.0.2", "schema_decp_v2.0.2.xsd")))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_golden_event_gives_the_golden_bytes_which_satisfy_their_contract(name: str, channel: str) -> None:
    message = translate(*golden_case(name), channel)
    assert message.body == (GOLDEN / f"{name}.{SUFFIX[channel]}").read_bytes()
    assert contracts.validate(message.contract, message.body).findings == ()


@pytest.mark.parametrize("name", CASES)
def test_a_golden_file_is_valid_against_the_official_schemas(name: str) -> None:
    official_json().validate(json.loads((GOLDEN / f"{name}.json").read_bytes()))
    official_xml().assertValid(etree.fromstring((GOLDEN / f"{name}.xml").read_bytes()))


def test_there_is_a_golden_case_for_each_kind_of_message() -> None:
    assert {"initial", "vie_complete", "marche_subsequent", "defense", "correction", "concession"} <= set(CASES)


def test_the_message_names_itself_as_files_are_named_in_the_field() -> None:
    for channel, suffix in SUFFIX.items():
        message = translate(event(), context(ordinal=7), channel)
        assert message.filename == message.reference == f"decp-{BUYER}-2027-03-02-07.{suffix}"
        assert (message.type, message.business_ref) == ("marche", f"{BUYER}2026DM001")
    assert translate(event(), context(ordinal=123)).filename.endswith("-123.json")
    assert translate(event()).headers == {"X-Nom-Fichier": f"decp-{BUYER}-2027-03-02-01.json"}
    assert translate(event(), channel="file").headers == {}
    assert translate(signed()).type == "concession"


def test_initial_data_stay_as_they_were_notified_and_changes_are_appended() -> None:
    before = record(translate(event(marche())))
    changed = marche(
        montant="230000.00",
        dureeMois=30,
        titulaires=[holder(2)],
        typeGroupementOperateurs="Conjoint",
        initial={
            "montant": "200000.00",
            "dureeMois": 24,
            "titulaires": [holder()],
            "typeGroupementOperateurs": "Pas de groupement",
        },
        modifications=[
            modification(1),
            modification(2, montant="230000.00", dureeMois=None, deltaDureeMois=None, titulaires=[holder(2)]),
        ],
        actesSousTraitance=[act()],
        modificationsActesSousTraitance=[act_change()],
    )
    for type_ in (MARCHE_MODIFIE, MARCHE_SOUS_TRAITANCE_DECLAREE, MARCHE_SOUS_TRAITANCE_MODIFIEE):
        after = record(translate(event(changed, type_)))
        appended = {"modifications", "actesSousTraitance", "modificationsActesSousTraitance"}
        assert {name: value for name, value in after.items() if name not in appended} == before
        first, second = (wrapper["modification"] for wrapper in after["modifications"])
        assert (first["id"], first["montant"], first["dureeMois"]) == (1, 220000, 30)
        assert "titulaires" not in first
        assert second["titulaires"] == [{"titulaire": {"typeIdentifiant": "SIRET", "id": supplier(2)["id"]}}]
        assert "dureeMois" not in second


def test_without_an_initial_state_the_differences_of_the_amendments_give_it() -> None:
    data = marche(montant="220000.00", dureeMois=30, modifications=[modification()])
    said = record(translate(event(data, MARCHE_MODIFIE)))
    assert (said["montant"], said["dureeMois"]) == (200000, 24)


def test_a_correction_says_the_new_initial_data_and_asks_to_replace_the_record() -> None:
    message = translate(event(marche(montant="205000.00"), MARCHE_CORRIGE), context(2))
    assert record(message)["montant"] == 205000
    assert message.headers["X-Remplace"] == f"{BUYER}2026DM001"
    assert "remplacement" not in message.losses
    assert "remplacement" in translate(event(type_=MARCHE_CORRIGE), context(2), "file").losses
    spaced = translate(event(marche(id="2026 é"), MARCHE_CORRIGE))
    assert spaced.headers["X-Remplace"] == f"{BUYER}2026%20%C3%A9"


def test_changes_are_in_the_order_of_their_numbers() -> None:
    message = translate(event(rich(), MARCHE_MODIFIE), channel="file")
    assert texts(message, "modifications/modification/id") == ["1", "2"]
    assert texts(message, "actesSousTraitance/acteSousTraitance/id") == ["1", "2"]
    assert texts(message, "modificationsActesSousTraitance/modificationActesSousTraitance/id") == ["1", "2"]
    assert texts(message, "marcheInnovant") == ["oui"]
    assert texts(message, "titulaires/titulaire/id") == [supplier(1)["id"], supplier(2)["id"]]


def test_amounts_and_rates_keep_every_digit() -> None:
    data = marche(montant="999999999999.99", origineUE="0.1", origineFrance="0.10000000000000000001", tauxAvance="0")
    for channel, written in (("api", b'"montant": 999999999999.99,'), ("file", b"<montant>999999999999.99</montant>")):
        body = translate(event(data), channel=channel).body
        assert written in body
        assert b"0.10000000000000000001" in body
    assert [number(Decimal(text)) for text in ("1.50", "100", "0.00", "1E+3")] == ["1.5", "100", "0", "1000"]


def test_json_is_utf_8_with_its_accents_and_absent_values_are_left_out() -> None:
    message = translate(event(marche(origineUE=None, origineFrance=None)))
    assert "stériles à usage unique".encode() in message.body
    assert json.loads(message.body)
    assert {"origineUE", "origineFrance", "tauxAvance", "idAccordCadre", "modifications"}.isdisjoint(record(message))
    assert to_json("marche", {"objet": 'a"b\\c'}) == (
        b'{\n  "marches": {\n    "marche": [\n      {\n        "objet": "a\\"b\\\\c"\n      }\n    ]\n  }\n}\n'
    )


def test_control_characters_become_spaces_and_the_loss_is_declared() -> None:
    data = marche(objet="Gants\x00 d'examen\r\nnon stériles\x1f")
    for channel in CHANNELS:
        message = translate(event(data), channel=channel)
        assert contracts.validate(message.contract, message.body).valid
        assert "caracteres-remplaces" in message.losses
    assert record(translate(event(data)))["objet"] == "Gants  d'examen  non stériles "


def test_a_subsequent_contract_names_its_framework() -> None:
    assert record(translate(event(marche(idAccordCadre="2025AC003"))))["idAccordCadre"] == "2025AC003"


@pytest.mark.parametrize(
    ("sequence", "threshold", "amount", "changes", "said"),
    [
        (1, "40000", "39999.99", (), False),
        (1, "40000", "40000.00", (), True),
        (1, "25000", "39999.99", (), True),
        (1, "0", "1.00", (), True),
        # Raised above the threshold once, then lowered: what was published goes on being said.
        (1, "40000", "30000.00", ("45000.00", "30000.00"), True),
        (1, "40000", "30000.00", ("35000.00", "30000.00"), False),
        # Said before: a correction below the threshold must reach those who read the wrong amount.
        (2, "40000", "30000.00", (), True),
    ],
)
def test_nothing_is_said_of_a_marche_that_never_reached_the_threshold(
    sequence: int, threshold: str, amount: str, changes: tuple[str, ...], said: bool
) -> None:
    modifications = [
        modification(rank, montant=total, deltaMontant="0.00", deltaDureeMois=0)
        for rank, total in enumerate(changes, start=1)
    ]
    data = marche(montant=amount, modifications=modifications)
    for channel in CHANNELS:
        found = connector().translate(event(data), channel, context(sequence, seuilPublication=threshold))
        assert bool(found) is said


def test_a_concession_has_no_threshold() -> None:
    data = concession(valeurGlobale="1000.00", modifications=[])
    assert record(translate(event(data, CONCESSION_EXECUTEE)))["valeurGlobale"] == 1000


def test_a_concession_says_its_initial_data_its_execution_and_its_amendments() -> None:
    said = record(translate(event(concession(), CONCESSION_MODIFIEE)))
    assert (said["dureeMois"], said["valeurGlobale"], said["montantSubventionPublique"]) == (120, 3200000, 0)
    assert [wrapper["modification"]["id"] for wrapper in said["modifications"]] == [1, 2]
    assert said["donneesExecution"][0]["donneesAnnuelles"]["tarifs"][1]["tarif"]["tarif"] == 0
    assert translate(signed()).losses == ("complements-pes", "lieu-concession", "noms", "objets-modifications")
    bare = signed(modifications=[], lieuExecution=None, donneesExecution=[])
    assert translate(bare).losses == ("complements-pes", "noms")
    assert "donneesExecution" not in record(translate(bare))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "2026-MARCHE-TROP-LONG"}, "1 à 16 caractères"),
        ({"id": ""}, "1 à 16 caractères"),
        ({"idAccordCadre": "2025-ACCORD-CADRE-1"}, "accord-cadre « 2025-ACCORD-CADRE-1 »"),
        ({"montant": "0.99", "modifications": []}, "au moins 1 €"),
        ({"dureeMois": 0}, "durée initiale en mois vaut 0"),
        ({"offresRecues": 0}, "nombre d'offres reçues vaut 0"),
        ({"titulaires": []}, "pas de titulaire"),
        ({"titulaires": [{"role": "titulaire", "fournisseur": supplier(id=" ")}]}, "immatriculation en cours"),
        (
            {"modifications": [modification(montant="0.00", deltaMontant="-200000.00")]},
            "modification n° 1 : le montant",
        ),
        ({"modifications": [modification(dureeMois=0, deltaDureeMois=-24)]}, "modification n° 1 : la durée"),
        ({"actesSousTraitance": [act(montant="0.50")]}, "acte de sous-traitance n° 1 : le montant"),
        ({"actesSousTraitance": [act(dureeMois=0)]}, "acte de sous-traitance n° 1 : la durée"),
        ({"actesSousTraitance": [act(sousTraitant=supplier(id=""))]}, "immatriculation en cours"),
        ({"modificationsActesSousTraitance": [act_change(montant="0.10")]}, "vaut 0.10 €"),
    ],
)
def test_what_the_decp_cannot_say_is_refused_with_a_sentence(changes: dict[str, Any], words: str) -> None:
    for channel in CHANNELS:
        with pytest.raises(Unsupported, match=words):
            translate(event(marche(**changes)), context(seuilPublication="0"), channel)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "CONCESSION-TROP-LONGUE"}, "1 à 16 caractères"),
        ({"valeurGlobale": "100000.50"}, "valeur globale initiale vaut 0.50 €"),
        ({"dureeMois": 12}, "durée initiale"),
        ({"concessionnaires": []}, "pas de concessionnaire"),
        ({"donneesExecution": [{**concession()["donneesExecution"][0], "tarifs": []}]}, "pas de tarif"),
        ({"modifications": [{**concession()["modifications"][1], "valeurGlobale": "0.00"}]}, "la valeur globale vaut"),
        ({"modifications": [{**concession()["modifications"][0], "dureeMois": 0}]}, "la durée en mois vaut"),
    ],
)
def test_what_a_concession_cannot_say_is_refused_too(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        translate(signed(**changes))


@pytest.mark.parametrize("type_", [MARCHE_RECONDUIT, MARCHE_PRIX_REVISE])
def test_renewals_and_price_revisions_do_not_change_the_decp(type_: str) -> None:
    assert connector().manifest.spec_for(type_) is None
    with pytest.raises(Unsupported, match="ne sait pas dire"):
        translate(event(type_=type_))


def test_the_manifest_says_what_is_assumed() -> None:
    manifest = connector().manifest
    assert (manifest.kind, manifest.status, manifest.left_to_partner) == ("open_data", "official", ())
    assert "hypothèse" in manifest.channels[0].label
    assert {spec.audience for spec in manifest.messages} == {"acheteur"}
    assert {spec.ordering for spec in manifest.messages} == {"receipt"}
    assert all(spec.acknowledgement and spec.deadline_seconds for spec in manifest.messages)
    assert len(manifest.messages) == 9
    assert manifest.spec_for(MARCHE_NOTIFIE) is not None
