"""Amendments that say what they rest on, through the API: kept with their arithmetic, or refused with it."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.ports.events import MARCHE_CONSOMME, MARCHE_MODIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import MODIFICATION, NOTIFICATION, PHARMAFICTIF, SUPPORT, changed, marche
from tests.modules.world import change

SMALL = changed(MODIFICATION, fondement="FAIBLE_MONTANT")
SIMULATION = "modifications/simulation"


async def test_an_allowed_amendment_keeps_its_article_and_its_arithmetic(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    answer = await change(client, uid, "modifications", changed(SMALL, evenement="Nouvelles références"), 2)
    assert answer.status_code == 201, answer.text
    amendment = answer.json()["modifications"][0]
    assert (amendment["fondement"], amendment["article"]) == ("FAIBLE_MONTANT", "R2194-8")
    assert list(amendment["calcul"]) == [
        "fondement",
        "base",
        "cumul avant",
        "cette modification",
        "cumul après",
        "limite",
        "seuil européen",
        "conclusion",
    ]
    assert answer.json()["avertissements"] == []
    said = MarchePayload.model_validate(events[-1].data).modification
    assert said is not None
    assert (said.fondement, said.article) == ("FAIBLE_MONTANT", "R2194-8")
    assert (await client.get(f"/v1/marches/{uid}")).json() == answer.json()


async def test_a_refused_amendment_says_the_rule_and_the_arithmetic_and_leaves_nothing(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    before = (await client.get(f"/v1/marches/{uid}")).json()
    refused = await change(client, uid, "modifications", changed(SMALL, montant="220000.00"), 2)
    assert refused.status_code == 409
    assert [(item["rule"], item["path"]) for item in refused.json()["errors"]] == [("MAR-R2194-8", "$.montant")]
    assert "0,00 € + 20 000,00 € = 20 000,00 €, soit 10,00 % de la base de 200 000,00 €" in refused.json()["detail"]
    assert (await client.get(f"/v1/marches/{uid}")).json() == before
    assert events[-1].type != MARCHE_MODIFIE


async def test_successive_amendments_are_cumulated_by_case(client: AsyncClient, uid: str) -> None:
    assert (await change(client, uid, "modifications", SMALL, 2)).status_code == 201
    second = await change(client, uid, "modifications", changed(SMALL, montant="220000.00"), 3)
    assert "15 000,00 € + 5 000,00 € = 20 000,00 €" in second.json()["detail"]
    unforeseen = changed(
        SMALL,
        montant="305000.00",
        fondement="CIRCONSTANCES_IMPREVUES",
        evenement="Pénurie mondiale de nitrile",
        justification={"imprevisibilite": "Arrêt brutal de deux usines"},
    )
    third = await change(client, uid, "modifications", unforeseen, 3)
    assert third.status_code == 201, third.text
    assert third.json()["modifications"][1]["calcul"]["imprévisibilité"] == "Arrêt brutal de deux usines"
    assert [(item["regle"], item["champ"]) for item in third.json()["avertissements"]] == [
        ("MAR-R2194-10", "$.modifications[1]")
    ]
    again = await change(client, uid, "modifications", changed(unforeseen, montant="306000.00"), 4)
    assert [item["rule"] for item in again.json()["errors"]] == ["MAR-EVENEMENT-REPETE"]
    silent = changed(MODIFICATION, montant="306000.00", evenement="pénurie mondiale  de NITRILE")
    again = await change(client, uid, "modifications", silent, 4)
    assert [item["rule"] for item in again.json()["errors"]] == ["MAR-EVENEMENT-REPETE"]


async def test_the_base_follows_the_price_variation_clause(client: AsyncClient, known: Services, uid: str) -> None:
    assert (await change(client, uid, "modifications", SMALL, 2)).status_code == 201
    revisions = [
        {"date": "2026-08-01", "montantActualise": "100000.00", "motif": "avant la modification"},
        # 223 600 / 215 000 = +4 %: the base becomes 208 000, and 10 % of it 20 800.
        {"date": "2026-10-01", "montantActualise": "223600.00", "motif": "indice"},
        {"date": "2027-01-01", "montantActualise": "900000.00", "motif": "plus tard"},
    ]
    whole = table_of(Marche)
    with known.database.write() as unit:
        life = {"revisions": revisions, "initial": _initial()}
        unit.connection.execute(update(whole).where(whole.c.uid == uid).values(vie=life))
    later = changed(SMALL, dateNotificationModification="2026-11-01", datePublicationDonneesModification="2026-11-02")
    refused = await change(client, uid, "modifications", changed(later, montant="220800.00"), 3)
    assert "20 800,00 €" in refused.json()["detail"]
    answer = await change(client, uid, "modifications", changed(later, montant="220799.99"), 3)
    assert answer.status_code == 201, answer.text
    assert answer.json()["modifications"][1]["calcul"]["base"] == (
        "208 000,00 € = 200 000,00 € (montant initial) × 223 600,00 € / 215 000,00 €, révision de prix du 01/10/2026 "
        "(R2194-4)"
    )


def _initial() -> dict[str, Any]:
    return {
        "montant": "200000.00",
        "dureeMois": 24,
        "titulaires": [],
        "typeGroupementOperateurs": "Pas de groupement",
    }


async def test_without_a_case_nothing_is_computed_and_a_warning_says_so(client: AsyncClient, uid: str) -> None:
    answer = await change(client, uid, "modifications", changed(MODIFICATION, montant="390000.00"), 2)
    assert answer.status_code == 201, answer.text
    amendment = answer.json()["modifications"][0]
    assert (amendment["fondement"], amendment["article"], amendment["calcul"]) == (None, None, None)
    assert [(item["regle"], item["champ"]) for item in answer.json()["avertissements"]] == [
        ("MAR-FONDEMENT-ABSENT", "$.modifications[0].fondement")
    ]


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-R2194-1", "$.justification.clause", {"fondement": "CLAUSE_REEXAMEN"}),
    ("MAR-L2194-1", "$.justification.codeCPV", {"justification": {"codeCPV": "50421000-2"}}),
    ("MAR-JUSTIFICATION-SEULE", "$.fondement", {"fondement": None, "justification": {"texte": "Besoin accru"}}),
    ("MAR-TITULAIRE-FONDEMENT", "$.titulaires", {"titulaires": [{"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}]}),
    (
        "MAR-R2194-8",
        "$.montant",
        {"dateNotificationModification": "2028-01-01", "datePublicationDonneesModification": "2028-01-02"},
    ),
]


async def test_a_rule_of_the_law_refuses_the_amendment(client: AsyncClient, uid: str) -> None:
    for rule, path, changes in REFUSED:
        answer = await change(client, uid, "modifications", changed(SMALL, **changes), 2)
        assert answer.status_code == 409, answer.text
        assert [(item["rule"], item["path"]) for item in answer.json()["errors"]] == [(rule, path)]


async def test_a_new_estimate_is_an_amendment_with_its_difference(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    body = changed(MODIFICATION, montant=None, montantEstime="450000.00")
    answer = await change(client, uid, "modifications", body, 2)
    assert answer.status_code == 201, answer.text
    said = MarchePayload.model_validate(events[-1].data).modification
    assert said is not None
    assert (str(said.montantEstime), str(said.deltaMontantEstime), said.montant) == ("450000.00", "50000.00", None)


async def test_the_framework_carries_the_new_amount_of_a_subsequent_marche(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    of_framework = {"siretPAAccordCadre": SUPPORT, "montantEstime": None, "dateSignature": "2026-03-01"}
    body = marche(id="MS1", montant="50000.00", idAccordCadre="DM001", complements=of_framework)
    created = await client.post("/v1/marches", json=body)
    assert created.status_code == 201, created.text
    subsequent = created.json()["uid"]
    version = (await change(client, subsequent, "notification", NOTIFICATION)).json()["version"]
    answer = await change(client, subsequent, "modifications", changed(SMALL, montant="54000.00"), version)
    assert answer.status_code == 201, answer.text
    assert [event.type for event in events][-2:] == [MARCHE_MODIFIE, MARCHE_CONSOMME]
    assert (await client.get(f"/v1/marches/{uid}")).json()["consomme"] == "54000.00"


async def test_a_simulation_answers_every_case_and_writes_nothing(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    before = (await client.get(f"/v1/marches/{uid}")).json()
    said = len(events)
    answer = await client.post(f"/v1/marches/{uid}/{SIMULATION}", json=changed(MODIFICATION, montant="230000"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["base"], found["montantInitial"], found["difference"]) == ("200000.00", "200000.00", "30000.00")
    assert found["possibles"] == [
        "CLAUSE_REEXAMEN",
        "PRESTATIONS_SUPPLEMENTAIRES",
        "CIRCONSTANCES_IMPREVUES",
        "NON_SUBSTANTIELLE",
    ]
    assert {case["fondement"]: case["possible"] for case in found["regimes"]}["FAIBLE_MONTANT"] is False
    small = found["regimes"][-1]
    assert small["article"] == "R2194-8"
    assert "15,00 %" in small["calcul"]["cumul après"]
    assert [item["regle"] for item in small["refus"]] == ["MAR-R2194-8"]
    assert found["problemes"] == []
    # The other rules that the amendment breaks are said apart.
    body = changed(MODIFICATION, montant="410000", dureeMois=49, fondement="FAIBLE_MONTANT")
    found = (await client.post(f"/v1/marches/{uid}/{SIMULATION}", json=body)).json()
    assert {item["regle"] for item in found["problemes"]} == {"MAR-MONTANT-ESTIME", "MAR-DUREE-ACCORD-CADRE"}
    assert (await client.get(f"/v1/marches/{uid}")).json() == before
    assert len(events) == said


async def test_a_simulation_is_of_a_living_marche_of_the_perimeter(client: AsyncClient) -> None:
    created = (await client.post("/v1/marches", json=marche())).json()["uid"]
    early = await client.post(f"/v1/marches/{created}/{SIMULATION}", json=MODIFICATION)
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")
    nowhere = await client.post(f"/v1/marches/{created[:-4]}0000/{SIMULATION}", json=MODIFICATION)
    assert nowhere.status_code == 404


def test_an_imported_amendment_is_not_warned_of(known: Services) -> None:
    content = MarcheImporte.model_validate(marche(**NOTIFICATION, modifications=[MODIFICATION]))
    with known.database.write() as unit:
        result = known.marches.importer(unit, LOCAL, content)
    assert result.avertissements == ()


def test_an_imported_late_extension_is_taken_and_an_imported_case_is_kept(known: Services) -> None:
    late = {
        "dateNotificationModification": "2028-06-01",
        "datePublicationDonneesModification": "2028-06-02",
        "montant": None,
        "dureeMois": 30,
    }
    content = MarcheImporte.model_validate(marche(**NOTIFICATION, modifications=[SMALL, changed(MODIFICATION, **late)]))
    with known.database.write() as unit:
        result = known.marches.importer(unit, LOCAL, content)
    with known.database.read() as connection:
        found = known.marches.lire(connection, LOCAL, result.uid)
    assert [one.article for one in found.modifications] == ["R2194-8", None]
    assert found.dureeMois == 30
