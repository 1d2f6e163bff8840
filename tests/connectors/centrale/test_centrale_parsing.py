"""What the documents of a cooperative say: acknowledgements, states, marchés, products; the same by both channels."""

from __future__ import annotations

import json
from typing import Any

import pytest

import contracts
from connectors.centrale import produits
from semaphore_hub.modules.marches.adhesions.schemas import AvanceeAdhesion
from semaphore_hub.ports.connector import Command, Inbound, Interpretation, Verdict
from semaphore_hub.ports.outcomes import Unreadable
from tests.connectors.centrale.centrale_cases import CONNECTORS, IDS

UID = "0193f7f0-0000-7000-8000-000000000001"
PAIRS = {
    "acquittement": ("acquittement-json", "acquittements-csv"),
    "etat": ("etat-adhesion-json", "etats-adhesion-csv"),
    "marches": ("marches-json", "marches-csv"),
}
PEM = contracts.get("commun/produits-en-marche/1")


def example(contract: str, name: str) -> bytes:
    found = {one.path.stem: one.path for one in contracts.get(contract).examples}
    return found[name].read_bytes()


def interpreted(name: str, body: bytes, filename: str = "document") -> Interpretation:
    return CONNECTORS[name].interpret(Inbound(filename, body, "", "api"))


def valid_pairs() -> list[Any]:
    return [
        pytest.param(name, *(f"{name}/{one}/1" for one in pair), example_.path.stem, id=f"{name}-{example_.path.stem}")
        for name in IDS
        for pair in PAIRS.values()
        for example_ in contracts.get(f"{name}/{pair[0]}/1").examples
        if example_.rule is None
    ]


@pytest.mark.parametrize(("name", "as_json", "as_csv", "said"), valid_pairs())
def test_a_file_says_what_the_api_says(name: str, as_json: str, as_csv: str, said: str) -> None:
    by_api, by_file = (interpreted(name, example(contract, said)) for contract in (as_json, as_csv))
    assert by_api == by_file
    assert by_api.acknowledgements or by_api.commands


def every_broken_example() -> list[Any]:
    return [
        pytest.param(name, one.path.read_bytes(), id=f"{contract.id}/{one.path.name}")
        for name in IDS
        for contract in contracts.catalogue()
        if contract.partner == name and contract.schema is not None
        for one in contract.examples
        if one.rule is not None
        and (contract.rule(one.rule).severity == "error" or contract.interface.startswith("adhesion"))
    ]


@pytest.mark.parametrize(("name", "body"), every_broken_example())
def test_what_breaks_its_contract_is_not_applied_and_the_reason_is_french(name: str, body: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        interpreted(name, body)
    assert "contrat" in refused.value.reason or "vérifiez" in refused.value.reason


@pytest.mark.parametrize("name", IDS)
def test_an_acceptance_answers_its_message_and_asks_for_nothing(name: str) -> None:
    said = interpreted(name, example(f"{name}/acquittement-json/1", "accepte"))
    [answer] = said.acknowledgements
    assert (answer.reference, answer.business_ref, answer.verdict) == ("SEM-0101", UID, Verdict.ACCEPTED)
    assert said.commands == ()


@pytest.mark.parametrize("name", IDS)
def test_a_refused_demand_also_ends_the_adhesion_so_that_the_hospital_may_ask_again(name: str) -> None:
    said = interpreted(name, example(f"{name}/acquittement-json/1", "rejete"))
    [answer] = said.acknowledgements
    assert (answer.verdict, answer.code) == (Verdict.REJECTED, "LOT_CLOS")
    [command] = said.commands
    motive = "LOT_CLOS : Le lot 2 du marché M_2001 n'accepte plus d'adhésion."
    assert command == Command("centrale.adhesion", {"uid": UID, "statut": "refusee", "motif": motive})
    assert AvanceeAdhesion.model_validate(command.data).motif == motive


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("action", ["signature", "ventilation"])
def test_a_refused_step_leaves_the_adhesion_where_it_is(name: str, action: str) -> None:
    document = json.loads(example(f"{name}/acquittement-json/1", "rejete")) | {"action": action}
    said = interpreted(name, json.dumps(document).encode())
    assert said.acknowledgements[0].verdict is Verdict.REJECTED
    assert said.commands == ()


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("signature", {"statut": "signature"}),
        ("ventilation", {"statut": "ventilation", "motif": "Redevance annoncée : 480.00 € TTC."}),
        ("active", {"statut": "active", "dateEntree": "2026-12-01", "dateFin": "2028-09-30"}),
        ("refusee", {"statut": "refusee", "motif": "Redevance contestée par l'établissement facturé."}),
    ],
)
def test_a_state_is_a_command_that_the_module_of_adhesions_takes(name: str, said: str, wanted: dict[str, str]) -> None:
    [command] = interpreted(name, example(f"{name}/etat-adhesion-json/1", said)).commands
    assert command == Command("centrale.adhesion", {"uid": UID, **wanted})
    assert AvanceeAdhesion.model_validate(command.data).uid == UID


@pytest.mark.parametrize("name", IDS)
def test_marches_are_one_command_in_the_shape_of_the_json_contract(name: str) -> None:
    [command] = interpreted(name, example(f"{name}/marches-csv/1", "marches")).commands
    assert command.name == "centrale.marches"
    assert command.data == json.loads(example(f"{name}/marches-json/1", "marches"))


@pytest.mark.parametrize("name", IDS)
def test_a_cut_import_of_contracts_is_refused_even_at_the_end_of_a_row(name: str) -> None:
    whole = example(f"{name}/marches-csv/1", "marches")
    cut = whole[: whole.rstrip().rindex(b"\n") + 1]
    with pytest.raises(Unreadable, match="annonce 4 lignes et en a 3"):
        interpreted(name, cut)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    ("interface", "said"),
    [("marches-csv", "marches"), ("acquittements-csv", "accepte"), ("etats-adhesion-csv", "active")],
)
def test_a_file_cut_after_its_header_is_refused(name: str, interface: str, said: str) -> None:
    header = example(f"{name}/{interface}/1", said).split(b"\r\n")[0] + b"\r\n"
    with pytest.raises(Unreadable, match="en-tête"):
        interpreted(name, header)


@pytest.mark.parametrize("name", IDS)
def test_rows_that_make_a_wrong_lot_together_are_refused_as_by_the_api(name: str) -> None:
    whole = example(f"{name}/marches-csv/1", "marches")
    with pytest.raises(Unreadable, match="CEN-PARTS"):
        interpreted(name, whole.replace(b"70000.00", b"70000.01"))
    with pytest.raises(Unreadable, match="CEN-GROUPEMENT"):
        interpreted(name, whole.replace(b"co-traitant", b"titulaire"))


@pytest.mark.parametrize("name", IDS)
def test_commas_and_a_byte_order_mark_are_understood(name: str) -> None:
    whole = example(f"{name}/marches-csv/1", "marches")
    wanted = interpreted(name, whole)
    assert interpreted(name, b"\xef\xbb\xbf" + whole.replace(b"000.00", b"000,00")) == wanted


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("said", ["delta_en_deux_pages", "une_page"])
def test_pages_of_products_become_the_file_that_the_hub_imports(name: str, said: str) -> None:
    document = interpreted(name, example(f"{name}/produits-json/1", said))
    [command] = document.commands
    assert (command.name, command.data["complet"]) == ("centrale.produits", True)
    assert command.data["nom"] == f"{name.upper()}-PRO-0001.csv"
    body = command.data["contenu"].encode("utf-8")
    assert contracts.recognise(body) == PEM.id
    assert contracts.validate(PEM.id, body).findings == ()
    # The file form, given to the same connector, is the same command but for its name.
    [by_file] = interpreted(name, body, "fichier.csv").commands
    assert by_file.data == {**command.data, "nom": "fichier.csv"}


@pytest.mark.parametrize("name", IDS)
def test_every_column_of_the_common_file_has_its_key_in_a_line(name: str) -> None:
    contract = contracts.get(f"{name}/produits-json/1")
    assert contract.schema is not None
    keys = set(json.loads(contract.schema.read_text("utf-8"))["$defs"]["Ligne"]["properties"])
    assert PEM.schema is not None
    columns = [one["name"] for one in json.loads(PEM.schema.read_text("utf-8"))["fields"]]
    assert list(produits.PRODUIT_COLUMNS) == columns
    assert set(produits.PRODUIT_COLUMNS.values()) == keys


@pytest.mark.parametrize("name", IDS)
def test_an_incomplete_publication_says_so_and_an_empty_one_asks_for_nothing(name: str) -> None:
    cut = interpreted(name, example(f"{name}/produits-json/1", "CEN-COMPLET"))
    assert cut.commands[0].data["complet"] is False
    assert "incomplète" in cut.warnings[0]
    assert interpreted(name, example(f"{name}/produits-json/1", "vide")) == Interpretation()


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("one", [one.path for one in PEM.examples], ids=lambda path: str(path.name))
def test_a_file_of_products_is_passed_on_unless_it_cannot_be_read(name: str, one: Any) -> None:
    body = one.read_bytes()
    if contracts.recognise(body, one.name) != PEM.id or one.name.startswith("PEM-ENCODAGE"):
        with pytest.raises(Unreadable):
            interpreted(name, body, one.name)
        return
    [command] = interpreted(name, body, one.name).commands
    assert command.name == "centrale.produits"
    assert command.data["nom"] == one.name
    assert command.data["complet"] is True
    assert "operateur" in command.data["contenu"].splitlines()[0]


@pytest.mark.parametrize("name", IDS)
def test_documents_of_the_other_cooperative_are_not_ours(name: str) -> None:
    other = next(one for one in IDS if one != name)
    for interface, said in (("acquittement-json", "accepte"), ("marches-csv", "marches")):
        with pytest.raises(Unreadable, match="cette centrale"):
            interpreted(name, example(f"{other}/{interface}/1", said))


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html/>", b"a;b\n1;2\n", b"\xff\xfe\x00"])
def test_anything_else_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        interpreted(name, body)
