"""What an event says, in JSON and in CSV."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import contracts
from connectors.gef_ideo_gelf.mapping import last_day
from connectors.gef_ideo_gelf.rendering import COLUMNS
from semaphore_hub.ports.events import MARCHE_CREE, Event
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.gef_ideo_gelf.gef_events import GOLDEN, NAMES, connector, event, settings, translate

CHANNELS = {"api": "json", "file": "csv"}


def expected(path: Path, body: bytes) -> bytes:
    """The golden bytes; written anew when SEMAPHORE_GOLDEN=write, for a person to review."""
    if os.environ.get("SEMAPHORE_GOLDEN") == "write":
        path.write_bytes(body)
    return path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_an_event_is_written_as_in_the_golden_file_and_satisfies_its_contract(name: str, channel: str) -> None:
    message = translate(event(name), channel)
    assert message.body == expected(GOLDEN / f"{name}.{CHANNELS[channel]}", message.body)
    report = contracts.validate(message.contract, message.body)
    assert report.findings == ()
    assert contracts.recognise(message.body) == message.contract


def as_document(body: bytes) -> dict[str, Any]:
    """A CSV file read into the shape of the JSON message, by the columns' names alone."""
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=";"))
    first = rows[0]

    def pick(row: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
        return {key: row[column] for key, column in names.items() if row[column] != ""}

    document: dict[str, Any] = {
        "typeMessage": first["type_message"],
        "idMessage": first["id_message"],
        "emisLe": first["emis_le"],
        "emetteur": first["emetteur"],
        "etablissement": first["etablissement"],
    }
    party = {"typeIdentifiant": "tiers_type_identifiant", "id": "tiers_id", "denominationSociale": "tiers_denomination"}
    if first["type_message"] == "fournisseur":
        assert len(rows) == 1
        supplier = pick(
            first,
            {
                "nature": "tiers_nature",
                **party,
                "categorieTiers": "tiers_categorie",
                "natureJuridique": "tiers_nature_juridique",
            },
        )
        address = pick(
            first,
            {
                "ligne1": "tiers_adresse_ligne1",
                "voie": "tiers_adresse_voie",
                "complement": "tiers_adresse_complement",
                "codePostal": "tiers_code_postal",
                "ville": "tiers_ville",
                "codePays": "tiers_code_pays",
            },
        )
        return document | {"fournisseur": supplier | ({"adresse": address} if address else {})}
    marche = pick(
        first,
        {
            "numero": "marche_numero",
            "idContrat": "marche_id_contrat",
            "idAccordCadre": "marche_id_accord_cadre",
            "objet": "marche_objet",
            "nature": "marche_nature",
            "procedure": "marche_procedure",
            "codeCPV": "marche_code_cpv",
            "formePrix": "marche_forme_prix",
            "dateNotification": "marche_date_notification",
            "dateDebut": "marche_date_debut",
            "dateFin": "marche_date_fin",
            "dureeMois": "marche_duree_mois",
            "montantHT": "marche_montant_ht",
            "montantTVA": "marche_montant_tva",
        },
    )
    marche["acheteur"] = pick(first, {"siret": "acheteur_siret", "nom": "acheteur_nom", "finess": "acheteur_finess"})
    marche["beneficiaires"] = [
        {"siret": siret} | ({"finess": finess} if finess else {})
        for siret, _, finess in (one.partition("/") for one in first["beneficiaires"].split("|"))
    ]
    document["marche"] = marche
    change = pick(
        first,
        {
            "numero": "modification_numero",
            "objet": "modification_objet",
            "dateNotification": "modification_date_notification",
            "montantHT": "modification_montant_ht",
            "deltaMontantHT": "modification_delta_montant_ht",
            "dureeMois": "modification_duree_mois",
            "deltaDureeMois": "modification_delta_duree_mois",
        },
    )
    document |= {"modification": change} if change else {}
    document |= {"motif": first["correction_motif"]} if first["correction_motif"] else {}
    document["lignes"] = [
        {
            "ligne": row["ligne"],
            "titulaire": pick(row, {**party, "role": "tiers_role"}),
            **pick(
                row,
                {
                    "lot": "ligne_lot",
                    "beneficiaire": "ligne_beneficiaire",
                    "uf": "ligne_uf",
                    "compte": "ligne_compte",
                    "montantHT": "ligne_montant_ht",
                },
            ),
        }
        for row in rows
    ]
    assert [row["nombre_lignes"] for row in rows] == [str(len(rows))] * len(rows)
    return document


def plain(value: Any) -> Any:
    """Numbers as texts and decimal commas as points, so that the two writings compare."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    text = str(value)
    return text.replace(",", ".") if text.replace(",", "").replace("-", "").isdigit() else text


@pytest.mark.parametrize("name", NAMES)
def test_json_and_csv_say_the_same(name: str) -> None:
    said = json.loads(translate(event(name), "api").body)
    assert plain(as_document(translate(event(name), "file").body)) == plain(said)


def test_the_columns_are_those_of_the_table_schema() -> None:
    schema = contracts.get("gef_ideo_gelf/marches-csv/1").schema
    assert schema is not None
    assert tuple(field["name"] for field in json.loads(schema.read_text("utf-8"))["fields"]) == COLUMNS


def test_the_reference_depends_on_the_event_only_and_the_file_name_on_the_ordinal() -> None:
    said = event("marche_notifie")
    api, first, second = (
        translate(said, "api"),
        translate(said, "file", ordinal=1),
        translate(said, "file", ordinal=12),
    )
    assert api.reference == first.reference == second.reference == f"SEM-{said.id}"
    assert (first.filename, second.filename) == (
        "IDEO_990780017_20261121_00001.csv",
        "IDEO_990780017_20261121_00012.csv",
    )
    assert first.body == second.body
    assert api.business_ref == "2026VAL001"
    assert api.headers == {"X-Id-Message": api.reference}


def test_the_bank_account_never_leaves_and_is_a_declared_loss() -> None:
    for channel in CHANNELS:
        message = translate(event("fournisseur_cree"), channel)
        assert b"FR76" not in message.body
        assert message.losses == ("compteBancaire",)
    assert translate(event("fournisseur_modifie"), "api").losses == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_made_is_declared_in_the_manifest(name: str) -> None:
    declared = {loss.id for loss in connector().manifest.losses}
    assert set(translate(event(name), "api").losses) <= declared


def test_shares_that_do_not_make_the_amount_are_not_sent() -> None:
    lines = json.loads(translate(event("marche_modifie"), "api").body)["lignes"]
    assert [("montantHT" in line) for line in lines] == [False, False]
    assert "repartition" in translate(event("marche_modifie"), "api").losses
    assert "repartition" not in translate(event("marche_notifie"), "api").losses


def test_the_totals_are_those_of_the_last_modification_even_beside_the_initial_amount() -> None:
    after = json.loads(translate(event("marche_modifie"), "api").body)["marche"]
    beside = json.loads(translate(event("marche_modifie", montant="200000.00", dureeMois=36), "api").body)["marche"]
    assert (after["montantHT"], after["dureeMois"], after["dateFin"]) == ("215000.00", 48, "2030-11-30")
    assert beside == after


def test_one_holder_has_the_whole_amount() -> None:
    [line] = json.loads(translate(event("marche_notifie_titulaire_etranger"), "api").body)["lignes"]
    assert line["montantHT"] == "90000.50"


def test_the_account_is_that_of_the_longest_cpv_prefix() -> None:
    known = settings()
    assert known.compte("33651000-8") == "60211"
    assert known.compte("33100000-1") == "60221"
    assert known.compte("90000000-7") == "6068"


@pytest.mark.parametrize(
    "wrong",
    [
        {"etablissement": "99078001"},
        {"ufParDefaut": "UF 1"},
        {"compteParDefaut": "6A"},
        {"comptesParCPV": {"3": "6022"}},
        {"comptesParCPV": {"33": "six"}},
        {"baseUrl": "ftp://gef.example"},
        {"inconnu": 1},
    ],
)
def test_settings_refuse_what_would_make_refused_messages(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_an_event_this_partner_does_not_hear_is_unsupported() -> None:
    said = event("marche_notifie")
    other = Event(said.id, MARCHE_CREE, said.subject, 1, said.time, said.ght, said.data)
    with pytest.raises(Unsupported, match="does not hear"):
        translate(other, "api")


def test_a_modification_event_without_its_modification_is_unsupported() -> None:
    said = event("marche_modifie")
    without = Event(said.id, said.type, said.subject, 3, said.time, said.ght, {**said.data, "modification": None})
    with pytest.raises(Unsupported, match="which modification"):
        translate(without, "file")


def test_a_correction_without_a_motive_gets_a_documented_one() -> None:
    said = event("marche_corrige")
    without = Event(said.id, said.type, said.subject, 4, said.time, said.ght, {**said.data, "motif": None})
    assert json.loads(translate(without, "api").body)["motif"] == "Correction d'une erreur matérielle"


def test_a_text_with_separators_quotes_and_line_breaks_survives_both_writings() -> None:
    odd = 'Objet ; avec "guillemets",\nune deuxième ligne\r\net une apostrophe\u2019'
    said = event("marche_notifie", objet=odd)
    assert json.loads(translate(said, "api").body)["marche"]["objet"] == odd
    assert as_document(translate(said, "file").body)["marche"]["objet"] == odd
    for channel in CHANNELS:
        message = translate(said, channel)
        assert contracts.validate(message.contract, message.body).valid


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 12, 1), 36, date(2029, 11, 30)),
        (date(2026, 11, 3), 12, date(2027, 11, 2)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
    ],
)
def test_the_last_day_of_a_duration(start: date, months: int, end: date) -> None:
    assert last_day(start, months) == end


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_a_duration_never_ends_before_it_begins(start: date, months: int) -> None:
    assert last_day(start, months) >= start
