"""GHT, établissements with dated membership, suppliers."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden, NotFound
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouveauGht, NouvelEtablissement
from semaphore_hub.ports.events import FOURNISSEUR_CREE, FOURNISSEUR_MODIFIE
from semaphore_hub.ports.payloads import FournisseurPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FOURNISSEUR, PARTIE, SUPPORT, SUPPORT_CH, changed, siret
from tests.modules.world import recorded

ELSEWHERE = Caller("autre", Role.ACHETEUR, frozenset({"FIC-02"}))


async def hospital(client: AsyncClient, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/v1/etablissements", params={"siret": number})).json()["items"][0]
    return found


async def move(client: AsyncClient, uid: str, version: int = 1, **changes: str) -> Any:
    body = {"ght": "FIC-02", "role": "partie", "dateDebut": "2026-01-01", **changes}
    url = f"/v1/etablissements/{uid}/rattachements"
    return await client.post(url, json=body, headers={"If-Match": f'"{version}"'})


async def test_an_etablissement_changes_ght_and_keeps_its_history(client: AsyncClient) -> None:
    uid = (await hospital(client, PARTIE))["uid"]
    answer = await move(client, uid)
    assert answer.status_code == 201, answer.text
    assert answer.json()["rattachements"] == [
        {"ght": "FIC-01", "role": "partie", "dateDebut": "2024-01-01", "dateFin": "2025-12-31"},
        {"ght": "FIC-02", "role": "partie", "dateDebut": "2026-01-01", "dateFin": None},
    ]
    assert answer.headers["etag"] == '"2"'
    assert (await move(client, uid)).status_code == 412


async def test_a_marche_belongs_to_the_ght_of_its_buyer_on_the_day_it_is_recorded(client: AsyncClient) -> None:
    uid = (await hospital(client, PARTIE))["uid"]
    assert (await move(client, uid, dateDebut="2026-03-03")).status_code == 201
    tomorrow = await recorded(client, acheteur={"id": PARTIE})
    assert tomorrow.json()["ght"] == "FIC-01"  # the clock of the tests stands at 2 March 2026


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("REF-RATTACHEMENT-DATE", {"dateDebut": "2024-01-01"}),
        ("REF-RATTACHEMENT-IDENTIQUE", {"ght": "FIC-01"}),
        ("REF-GHT", {"ght": "FIC-99"}),
        ("REF-SUPPORT", {"ght": "FIC-01", "role": "support"}),
    ],
)
async def test_a_membership_that_contradicts_another_is_refused(
    client: AsyncClient, rule: str, changes: dict[str, Any]
) -> None:
    before = await hospital(client, PARTIE)
    answer = await move(client, before["uid"], **changes)
    assert answer.status_code == 409
    assert rule in {item["rule"] for item in answer.json()["errors"]}
    assert await hospital(client, PARTIE) == before


async def test_a_ght_whose_support_left_may_have_another(client: AsyncClient) -> None:
    await move(client, (await hospital(client, SUPPORT))["uid"], role="support")
    answer = await move(client, (await hospital(client, PARTIE))["uid"], ght="FIC-01", role="support")
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("rule", "path", "changes"),
    [
        ("REF-SIRET", "$.siret", {"siret": "26999903000011"}),
        ("REF-FINESS", "$.finessJuridique", {"finessJuridique": "590780194"}),
        ("REF-GHT", "$.ght", {"ght": "FIC-99"}),
        ("REF-SUPPORT", "$.role", {}),
    ],
)
async def test_a_wrong_etablissement_is_refused(
    client: AsyncClient, rule: str, path: str, changes: dict[str, Any]
) -> None:
    body = {**SUPPORT_CH, "siret": siret("26999903"), **changes}
    answer = await client.post("/v1/etablissements", json=body)
    assert answer.status_code == 409
    assert (rule, path) in {(item["rule"], item["path"]) for item in answer.json()["errors"]}


async def test_a_siret_ght_or_supplier_is_recorded_once(client: AsyncClient) -> None:
    partie = {**SUPPORT_CH, "role": "partie"}
    assert (await client.post("/v1/etablissements", json=partie)).status_code == 409
    assert (await client.post("/v1/ght", json={"code": "FIC-01", "nom": "Autre"})).status_code == 409
    assert (await client.post("/v1/fournisseurs", json=FOURNISSEUR)).status_code == 409


async def test_an_imported_etablissement_keeps_a_wrong_key_with_a_flag(client: AsyncClient, known: Services) -> None:
    body = NouvelEtablissement.model_validate({**SUPPORT_CH, "siret": "21750001630066", "role": "partie"})
    with known.database.write() as unit:
        vue = known.referentiel.creer_etablissement(unit, LOCAL, body, importe=True)
    assert vue.cleValide is False
    answer = await recorded(client, acheteur={"id": "21750001630066"})
    assert answer.json()["avertissements"][0]["regle"] == "MAR-CLE"


async def test_another_ght_s_caller_sees_neither_its_etablissements_nor_its_marches(
    client: AsyncClient, known: Services
) -> None:
    marche = (await recorded(client)).json()
    etablissement = await hospital(client, SUPPORT)
    with known.database.read() as connection:
        with pytest.raises(NotFound):
            known.marches.lire(connection, ELSEWHERE, marche["uid"])
        with pytest.raises(NotFound):
            known.referentiel.lire_etablissement(connection, ELSEWHERE, etablissement["uid"])
        with pytest.raises(NotFound):
            known.referentiel.lire_ght(connection, ELSEWHERE, "FIC-01")
        ghts, _ = known.referentiel.lister_ght(connection, ELSEWHERE, limit=10, after=None)
    assert [ght.code for ght in ghts] == ["FIC-02"]


async def test_only_an_integrator_records_ghts(known: Services) -> None:
    with pytest.raises(Forbidden), known.database.write() as unit:
        known.referentiel.creer_ght(unit, ELSEWHERE, NouveauGht(code="FIC-03", nom="GHT fictif"))


async def test_a_supplier_is_created_then_modified_and_each_time_said(
    client: AsyncClient, events: RecordedEvents
) -> None:
    body = {
        "typeIdentifiant": "SIRET",
        "id": "35600000049837",
        "denominationSociale": "Courrier Fictif",
    }
    created = await client.post("/v1/fournisseurs", json=body)
    assert created.status_code == 201, created.text
    uid = created.json()["uid"]
    assert (created.json()["categorieTiers"], created.json()["natureJuridique"]) == ("50", "03")
    change = {"compteBancaire": FOURNISSEUR["compteBancaire"], "natureJuridique": "08"}
    url = f"/v1/fournisseurs/{uid}/modification"
    modified = await client.post(url, json=change, headers={"If-Match": '"1"'})
    assert modified.status_code == 200, modified.text
    assert modified.headers["etag"] == '"2"'
    assert [(event.type, event.version, event.ght) for event in events] == [
        (FOURNISSEUR_CREE, 1, None),
        (FOURNISSEUR_MODIFIE, 2, None),
    ]
    supplier = FournisseurPayload.model_validate(events[-1].data).fournisseur
    assert supplier.compteBancaire is not None
    assert supplier.natureJuridique == "08"
    removed = await client.post(url, json={"compteBancaire": None}, headers={"If-Match": '"2"'})
    assert removed.json()["compteBancaire"] is None
    nothing = await client.post(url, json={"natureJuridique": "08"}, headers={"If-Match": '"3"'})
    assert [item["rule"] for item in nothing.json()["errors"]] == ["REF-MODIFICATION-VIDE"]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("SIRET", "99988801900019"),
        ("SIRET", "999888019"),
        ("TVA", "FR00999888019"),
        ("TVA", "123456789"),
        ("TAHITI", "1234567890"),
        ("RIDET", "12345678901"),
        ("FRWF", "FRWF12345"),
        ("IREP", "ABCDE1234"),
        ("HORS-UE", "1234567890"),
    ],
)
async def test_an_identifier_that_does_not_suit_its_type_is_refused(
    client: AsyncClient, kind: str, number: str
) -> None:
    body = changed(FOURNISSEUR, typeIdentifiant=kind, id=number)
    answer = await client.post("/v1/fournisseurs", json=body)
    assert answer.status_code == 409, answer.text
    assert [item["rule"] for item in answer.json()["errors"]] == ["REF-IDENTIFIANT"]


@pytest.mark.parametrize(
    ("kind", "number"),
    [("TVA", "FR83404833048"), ("TVA", "DE136695976"), ("TAHITI", "A12345678"), ("HORS-UE", "CH123456789")],
)
async def test_an_identifier_that_suits_its_type_is_recorded(client: AsyncClient, kind: str, number: str) -> None:
    answer = await client.post("/v1/fournisseurs", json=changed(FOURNISSEUR, typeIdentifiant=kind, id=number))
    assert answer.status_code == 201, answer.text


async def test_a_wrong_iban_is_refused_and_an_imported_supplier_keeps_a_wrong_key(
    client: AsyncClient, known: Services
) -> None:
    account = {**FOURNISSEUR["compteBancaire"], "iban": "FR7630006000011234567890188"}
    body = changed(FOURNISSEUR, id=siret("99988804"), compteBancaire=account)
    answer = await client.post("/v1/fournisseurs", json=body)
    assert [item["rule"] for item in answer.json()["errors"]] == ["REF-IBAN"]
    wrong = NouveauFournisseur.model_validate(changed(FOURNISSEUR, id="99988801900019"))
    with known.database.write() as unit:
        assert known.referentiel.fournisseurs.creer(unit, LOCAL, wrong, importe=True).cleValide is False


async def test_suppliers_are_found_by_name_and_identifier(client: AsyncClient) -> None:
    by_name = (await client.get("/v1/fournisseurs", params={"q": "pharma"})).json()["items"]
    assert [item["denominationSociale"] for item in by_name] == ["Pharmafictif SA"]
    read = await client.get(f"/v1/fournisseurs/{by_name[0]['uid']}")
    assert read.json() == by_name[0]


async def test_code_lists_say_their_status_and_source(client: AsyncClient) -> None:
    lists = {item["code"]: item for item in (await client.get("/v1/nomenclatures")).json()["items"]}
    assert lists["decp.nature"]["statut"] == "official"
    assert len(lists["decp.ccag"]["valeurs"]) == 7
    assert {"code": "05", "libelle": "Marché subséquent"} in lists["pes.natureMarche"]["valeurs"]
    assert all(item["source"] for item in lists.values())
    assert {"code": "74", "libelle": None} in lists["pes.catTiers"]["valeurs"]
