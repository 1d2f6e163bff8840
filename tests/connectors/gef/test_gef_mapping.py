"""What each event says to a GEF, in the three syntaxes, through the five connectors."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

import contracts
from connectors.gef import mapping, rendering, tables
from connectors.gef.losses import IN_CSV, REMOVED
from connectors.gef.mapping import LIFE_EVENTS
from connectors.gef.marche import last_day
from connectors.gef.reading import read_document
from semaphore_hub.ports.events import MARCHE_CONSOMME, MARCHE_RECONDUIT
from semaphore_hub.ports.manifest import Loss
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.gef.gef_cases import (
    CHANNELS,
    CONNECTORS,
    EXAMPLES,
    FOLDER,
    GOLDEN,
    IDS,
    MARCHE_NAMES,
    NAMES,
    event,
    expected,
    settings,
    suffix,
    translate,
)

WRITERS = {"json": rendering.to_json, "xml": rendering.to_xml, "csv": rendering.to_csv}


def said(name: str, **changes: Any) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    return mapping.say(event(name, **changes), settings("gef_0904"))


def contract_of(kind: str, syntax: str) -> str:
    connector, channel = next(pair for pair in CHANNELS if suffix(*pair) == syntax)
    spec = CONNECTORS[connector].manifest.channel(channel)
    assert spec is not None
    return spec.contracts[kind]


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_written_as_in_the_golden_file_and_satisfies_its_contract(name: str, syntax: str) -> None:
    kind, document, _ = said(name)
    body = WRITERS[syntax](document)
    assert body == expected(GOLDEN / f"{name}.{syntax}", body)
    contract = contract_of(kind, syntax)
    assert contracts.validate(contract, body).findings == ()
    assert contracts.recognise(body) == contract


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_connector_says_every_message_on_each_channel(connector: str, channel: str, kind: str) -> None:
    message = translate(connector, channel, event(EXAMPLES[kind]))
    extension = suffix(connector, channel)
    path = FOLDER / connector / "golden" / f"{kind}.{channel}.{extension}"
    assert message.body == expected(path, message.body)
    assert message.type == kind
    assert contracts.validate(message.contract, message.body).findings == ()
    code = {"marche": "MAR", "evenement": "EVT", "compte_rendu": "CR"}.get(kind, kind[:3].upper())
    assert message.filename == f"SEM_{code}_990780017_20261121_00001.{extension}"
    assert message.reference == f"SEM-{event(EXAMPLES[kind]).id}"
    about_a_marche = kind in {"marche", "modification", "correction", "evenement", "produits"}
    assert message.business_ref == ("2026VAL001" if about_a_marche else None)


@pytest.mark.parametrize("name", IDS)
def test_the_manifest_says_each_event_by_the_message_that_translates_it(name: str) -> None:
    heard = {spec.event: spec.message for spec in CONNECTORS[name].manifest.messages}
    assert {event(one).type: said(one)[0] for one in NAMES} == heard
    assert set(LIFE_EVENTS) <= set(heard)


def test_the_five_manifests_hear_and_lose_the_same() -> None:
    first, *others = (CONNECTORS[name].manifest for name in IDS)
    for other in others:
        assert other.messages == first.messages
        lost = [loss for loss in first.losses if loss.id != IN_CSV or other.id != "gef_2k22"]
        assert list(other.losses) == lost


@pytest.mark.parametrize(
    "folder", ["connectors/partenaire_p1_5", "connectors/partenaire_p1_6", "semaphore_hub/scaffold/gef"]
)
def test_what_is_described_by_a_manifest_only_loses_the_same(folder: str) -> None:
    # The scaffold's is a template: only its losses are TOML for sure.
    _, mark, written = (FOLDER.parent / folder / "manifest.toml").read_text("utf-8").partition("[[losses]]")
    declared = tomllib.loads(mark + written)["losses"]
    ours = [loss for loss in CONNECTORS[IDS[0]].manifest.losses if loss.id != IN_CSV or "p1_6" not in folder]
    assert [Loss.model_validate(one) for one in declared] == ours


@pytest.mark.parametrize("name", NAMES)
def test_xml_json_and_csv_hold_the_same_values(name: str) -> None:
    _, document, _ = said(name)
    assert read_document(rendering.to_json(document)) == document
    assert read_document(rendering.to_xml(document)) == document
    assert cells_of(rendering.to_csv(document)) == leaves_of(document)


def cells_of(body: bytes) -> set[str]:
    rows = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=";")
    counting = {"nombre_lignes", "ligne"}
    return {
        value
        for row in rows
        for column, cell in row.items()
        if column not in counting
        for value in (cell.split("|") if column == "beneficiaires" else [cell])
        if value
    }


def leaves_of(document: dict[str, Any]) -> set[str]:
    """Every value of a document but those of the lists and fields that the CSV form has no column for."""
    lost = {"sousTraitants", "tranches", "reconductions", "ligne"}
    found: set[str] = set()

    def walk(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for name, one in value.items():
                if name not in lost and not (place == "beneficiaires" and name != "siret"):
                    walk(one, name)
        elif isinstance(value, list):
            for one in value:
                walk(one, place)
        else:
            found.add(str(value).lower() if isinstance(value, bool) else str(value))

    walk(document, "")
    return found


@pytest.mark.parametrize("contract", [one for one in contracts.catalogue() if one.partner == "gef" and one.csv])
def test_the_columns_are_those_of_the_table_schemas(contract: contracts.InterfaceContract) -> None:
    assert contract.schema is not None
    columns = tuple(field["name"] for field in json.loads(contract.schema.read_text("utf-8"))["fields"])
    kind = contract.interface.removesuffix("-csv")
    known = {
        "compte-rendu": tables.COMPTES_RENDUS,
        "fournisseurs": tables.FOURNISSEURS,
        "nomenclatures": tables.NOMENCLATURES,
        "marches": tables.MARCHES,
        "produits": tables.PRODUITS,
        **{f"flux-{name}": table for name, table in tables.FLUX.items()},
    }
    assert columns == known[kind].columns


@pytest.mark.parametrize(("connector", "channel"), CHANNELS)
def test_the_same_event_gives_the_same_bytes_whatever_the_file_name(connector: str, channel: str) -> None:
    first, second = (translate(connector, channel, event("marche_modifie"), ordinal=one) for one in (1, 12))
    assert first.body == second.body
    assert first.reference == second.reference
    assert (first.filename[-9:-4], second.filename[-9:-4]) == ("00001", "00012") or first.filename.endswith(".json")


def test_a_text_with_separators_quotes_line_breaks_and_control_signs_survives_every_syntax() -> None:
    odd = 'Objet ; avec "guillemets",\nune deuxième ligne\r\n<balise> & apostrophe’'
    _, document, lost = said("marche_notifie", objet=odd + "\x0b\x00")
    assert REMOVED in lost
    assert REMOVED not in said("marche_notifie", objet=odd)[2]
    for syntax, write in WRITERS.items():
        body = write(document)
        assert contracts.validate(contract_of("marche", syntax), body).valid
        assert read_document(body)["marche"]["objet"] == odd


def test_shares_that_do_not_make_the_amount_are_not_sent() -> None:
    _, document, lost = said("marche_modifie")
    assert [("montantHT" in one) for one in (*document["marche"]["titulaires"], *document["imputations"])] == [
        False
    ] * 4
    assert "repartition" in lost
    _, before, none = said("marche_notifie")
    assert [one["montantHT"] for one in before["imputations"]] == ["150000.00", "50000.00"]
    assert "repartition" not in none


def test_a_single_holder_has_the_whole_amount() -> None:
    holder = event("marche_notifie").data["marche"]["titulaires"][0]
    _, document, lost = said("marche_notifie", titulaires=[{**holder, "montant": None}])
    assert document["imputations"][0]["montantHT"] == document["marche"]["montantHT"] == "200000.00"
    assert "repartition" not in lost


def test_the_account_is_that_of_the_longest_cpv_prefix() -> None:
    known = settings("gef_saas")
    assert [known.compte(code) for code in ("33651000-8", "33100000-1", "90000000-7")] == ["60211", "60221", "6068"]


def test_a_modified_subcontract_is_said_with_its_present_amount() -> None:
    for name, amount, lost in (
        ("marche_sous_traitance_declaree", "9000.00", False),
        ("marche_sous_traitance_modifiee", "12000.00", True),
    ):
        _, document, losses = said(name)
        assert [one["montantHT"] for one in document["marche"]["sousTraitants"]] == [amount]
        assert ("montantSousTraite" in losses) is lost
        assert document["evenement"]["numero"] == 1


@pytest.mark.parametrize(
    ("name", "happened"), [(f"marche_{one.split('.')[3]}", kind) for one, kind in LIFE_EVENTS.items()]
)
def test_each_event_of_the_life_is_named_and_carries_the_whole_state(name: str, happened: str) -> None:
    kind, document, _ = said(name)
    assert kind == "evenement"
    assert document["evenement"]["type"] == happened
    assert document["evenement"]["dateEffet"] == event(name).data["dateEffet"]
    assert document["marche"]["montantHT"] == event(name).data["marche"]["montant"]


def test_an_event_without_a_day_of_its_own_took_effect_when_it_was_recorded() -> None:
    given = event("marche_reconduit")
    without = {name: value for name, value in given.data.items() if name != "dateEffet"}
    _, document, _ = mapping.say(replace(given, data=without), settings("gef_nc"))
    assert given.type == MARCHE_RECONDUIT
    assert document["evenement"]["dateEffet"] == "2029-08-01"


def test_missing_dates_are_deduced_and_said_to_be() -> None:
    complements = {**event("marche_notifie").data["marche"]["complements"], "dateDebutExecution": None}
    _, document, lost = said("marche_notifie", dateFin=None, complements=complements)
    assert (document["marche"]["dateDebut"], document["marche"]["dateFin"]) == ("2026-11-03", "2029-11-02")
    assert {"debutDeduit", "finDeduite"} <= set(lost)
    assert not {"debutDeduit", "finDeduite"} & set(said("marche_notifie")[2])


def test_a_marche_that_ends_before_it_begins_starts_when_it_ends() -> None:
    _, document, lost = said("marche_resilie", dateFin="2026-11-20")
    assert (document["marche"]["dateDebut"], document["marche"]["dateFin"]) == ("2026-11-20", "2026-11-20")
    assert "debutDeduit" in lost
    for syntax, write in WRITERS.items():
        assert contracts.validate(contract_of("evenement", syntax), write(document)).valid


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("12.345678", "12.345678"),
        ("3.5", "3.50"),
        ("3", "3.00"),
        ("100", "100.00"),
        ("0.10", "0.10"),
        ("1.100", "1.10"),
    ],
)
def test_a_unit_price_has_at_least_two_decimals_and_none_too_many(given: str, written: str) -> None:
    said_of = event("produits_publies")
    line = {**said_of.data["lignes"][0], "prixUnitaireHT": given}
    _, document, _ = mapping.say(replace(said_of, data={**said_of.data, "lignes": [line]}), settings("gef_nc"))
    assert document["produits"]["lignes"][0]["prixUnitaireHT"] == written
    assert Decimal(written) == Decimal(given)


def test_the_bank_account_never_leaves_and_is_a_declared_loss() -> None:
    for connector, channel in CHANNELS:
        for name in ("fournisseur_cree", "marche_notifie"):
            message = translate(connector, channel, event(name))
            assert b"FR76" not in message.body
            assert "compteBancaire" in message.losses
    assert said("fournisseur_modifie")[2] == ()


def test_what_no_message_says_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="no message"):
        translate("gef_saas", "api", replace(event("marche_notifie"), type=MARCHE_CONSOMME))
    change = event("marche_modifie")
    with pytest.raises(Unsupported, match="which modification"):
        translate("gef_nc", "file", replace(change, data={**change.data, "modification": None}))


def test_a_correction_without_a_motive_gets_a_documented_one() -> None:
    given = event("marche_corrige")
    _, document, _ = mapping.say(replace(given, data={**given.data, "motif": None}), settings("gef_0904"))
    assert document["motif"] == "Correction d'une erreur matérielle"


@pytest.mark.parametrize("name", MARCHE_NAMES)
def test_tranches_renewals_and_subcontracting_are_lost_in_csv_only(name: str) -> None:
    marche = event(name).data["marche"]
    holds = any(marche.get(one) for one in ("tranches", "reconductions", "actesSousTraitance"))
    for connector, channel in CHANNELS:
        in_csv = suffix(connector, channel) == "csv"
        assert ("executionCsv" in translate(connector, channel, event(name)).losses) is (holds and in_csv)


def test_the_acts_of_a_replaced_holder_ended_with_it() -> None:
    holders = event("marche_sous_traitance_modifiee").data["marche"]["titulaires"]
    _, document, lost = said("marche_sous_traitance_modifiee", titulaires=[{**holders[1], "montant": None}])
    assert "sousTraitants" not in document["marche"]
    assert "ancienTitulaire" in lost
    assert "montantSousTraite" not in lost


@pytest.mark.parametrize(
    "wrong",
    [
        {"etablissement": "99078001"},
        {"ufParDefaut": "UF 1"},
        {"compteParDefaut": "6A"},
        {"comptesParCPV": {"3": "6022"}},
        {"comptesParCPV": {"33": "six"}},
        {"depot": "sftp://hote-sans-compte/depot"},
        {"depot": "sftp://hub:motdepasse@gef.invalid/depot"},
        {"inconnu": 1},
    ],
)
@pytest.mark.parametrize("name", IDS)
def test_settings_refuse_what_would_make_refused_messages(name: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(name, **wrong)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 12, 1), 36, date(2029, 11, 30)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
    ],
)
def test_the_last_day_of_a_duration(start: date, months: int, end: date) -> None:
    assert last_day(start, months) == end
