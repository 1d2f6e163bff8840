"""A project that reaches attribution opens its marchés: all of them, linked both ways, or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api.attributions.checks import placed
from semaphore_hub.api.attributions.schemas import AttributionProjet, LotTraite
from semaphore_hub.api.attributions.service import attribuer
from semaphore_hub.api.attributions.suivi import suivre
from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import AlreadyExists, Forbidden, NotFound, Outdated, Problem, Refused, RuleBroken
from semaphore_hub.modules.referentiel.schemas import NouvelEtablissement
from semaphore_hub.ports.payloads import ProjetPayload
from tests.api.achats import BASE, DEUX, INFRUCTUEUX, LOTS, Projet, analysed, counted, lot
from tests.modules.fakes import RecordedEvents, app_for
from tests.modules.marches.projets.life import NOTIFICATION, SIGNATURE, attribution
from tests.modules.marches.projets.life import projet as life_projet
from tests.modules.samples import FICTIMED, PARTIE, SUPPORT, SUPPORT_CH, changed, siret

VOISIN = siret("26999903")


@pytest.fixture
async def local(embedded: Services) -> AsyncIterator[AsyncClient]:
    """A client on SQLite only."""
    transport = ASGITransport(app_for(embedded), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


@pytest.fixture
async def embedded_projet(local: AsyncClient, events: RecordedEvents) -> Projet:
    """A project of two lots whose offers are being analysed."""
    found = await analysed(local)
    events.clear()
    return found


async def test_from_the_census_to_two_marches_with_every_event(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    census = await client.post(
        f"{BASE}/recensements",
        json={
            "ght": "FIC-01",
            "annee": 2026,
            "intitule": "Besoins 2026",
            "ouverture": "2026-02-01",
            "cloture": "2026-03-31",
        },
    )
    assert census.status_code == 201, census.text
    needs = []
    for where, amount in ((SUPPORT, "70000.00"), (PARTIE, "35000.00")):
        answer = await client.post(
            f"{BASE}/recensements/{census.json()['uid']}/besoins",
            json={
                "etablissement": where,
                "reference": f"B-{where[:9]}",
                "libelle": "Perfuseurs",
                "typeAchat": "fournitures",
                "codeCPV": "33140000-3",
                "montantAnnuel": amount,
            },
        )
        assert answer.status_code == 201, answer.text
        needs.append(answer.json()["uid"])
    # 105,000 € a year for four years: what the two lots add up to.
    found = await analysed(client, besoins=needs, montantEstime="420000.00")
    assert (await found.read())["procedure"] == "procédure formalisée"
    events.clear()
    answer = await found.ask("attribution", DEUX)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["etag"] == f'"{body["version"]}"'
    assert answer.headers["location"] == f"{BASE}/projets/{found.uid}/marches"
    told = [(one["numero"], one["id"], one["statut"], one["montantEstime"], one["montant"]) for one in body["lots"]]
    assert told == [
        (1, "DM011", "attribue", "300000.00", "280000.00"),
        (2, "DM012", "attribue", "120000.00", "131000.50"),
    ]  # fmt: skip
    uids = [one["uid"] for one in body["lots"]]
    assert (body["statut"], body["marches"]) == ("attribution", uids)

    now = await found.read()
    assert (now["statut"], now["marches"], now["version"]) == ("attribution", uids, body["version"])
    assert [one["marche"] for one in now["lots"]] == uids
    assert [one["realise"] for one in now["jalons"] if one["code"] == "attribution"] == ["2026-02-12"]
    for rank, uid in enumerate(uids):
        marche = (await client.get(f"/v1/marches/{uid}")).json()
        assert (marche["statut"], marche["id"], marche["version"]) == ("attribue", f"DM01{rank + 1}", 4)
        assert marche["objet"] == (f"Dispositifs de perfusion – lot {rank + 1} : {LOTS[rank]['intitule']}")
        assert marche["lot"] == {
            "consultation": "2026-DM-017", "numero": rank + 1, "intitule": LOTS[rank]["intitule"],
        }  # fmt: skip
        assert [one["id"] for one in marche["beneficiaires"]] == [SUPPORT, PARTIE]
        assert marche["dureeMois"] == 48
        told = [event for event in events if event.subject == f"marche/{uid}"]
        assert [(event.type.split(".", 2)[2], event.version) for event in told] == [
            ("marche.projete.v1", 1), ("marche.consulte.v1", 2), ("marche.analyse.v1", 3), ("marche.attribue.v1", 4),
        ]  # fmt: skip
        launched = ProjetPayload.model_validate(told[1].data)
        assert (launched.dateLancement, launched.dateLimiteOffres) == (date(2026, 1, 5), date(2026, 2, 4))
        assert ProjetPayload.model_validate(told[2].data).dateOuverture == date(2026, 2, 5)
    said = [event for event in events if event.subject == f"planification/{found.uid}"]
    assert [event.data["statut"] for event in said] == ["analyse", "attribution"]
    assert said[-1].data["marches"] == uids
    consultation = await client.get("/v1/marches/consultations/2026-DM-017", params={"acheteur": SUPPORT})
    assert consultation.json()["montantAttribue"] == "411000.50"


async def test_a_project_knows_what_became_of_its_marches(client: AsyncClient) -> None:
    found = await analysed(client)
    before = await found.marches()
    assert [(one["issue"], one["marche"], one["montant"]) for one in before["lots"]] == [("en_cours", None, None)] * 2
    assert (before["montantEstime"], before["montant"], before["ecart"]) == ("0.00", "0.00", "0.00")
    uid = (await found.ask("attribution", DEUX)).json()["marches"][0]
    for step, body, version in (("signature", SIGNATURE, 4), ("notification", NOTIFICATION, 5)):
        answer = await client.post(f"/v1/marches/{uid}/{step}", json=body, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
    after = await found.marches()
    assert [
        (one["id"], one["statut"], one["dateNotification"], one["montantEstime"], one["montant"], one["ecart"])
        for one in after["lots"]
    ] == [
        ("DM011", "notifie", "2026-03-01", "300000.00", "280000.00", "-20000.00"),
        ("DM012", "attribue", None, "120000.00", "131000.50", "11000.50"),
    ]
    assert (after["montantEstime"], after["montant"], after["ecart"]) == ("420000.00", "411000.50", "-8999.50")
    other = after["lots"][1]["marche"]
    answer = await client.post(
        f"/v1/marches/{other}/sans-suite",
        json={"date": "2026-02-20", "motif": "Le besoin a disparu"},
        headers={"If-Match": '"4"'},
    )
    assert answer.status_code == 200, answer.text
    given_up = await found.marches()
    assert given_up["lots"][1]["statut"] == "sans_suite"
    assert (given_up["montantEstime"], given_up["montant"], given_up["ecart"]) == (
        "300000.00", "280000.00", "-20000.00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "statut", "types"),
    [
        ({"infructueux": INFRUCTUEUX}, "infructueux", ["projete", "consulte", "infructueux"]),
        (
            {"infructueux": {**INFRUCTUEUX, "motif": "offres irrégulières"}, "offresRecues": 2},
            "infructueux",
            ["projete", "consulte", "analyse", "infructueux"],
        ),
        (
            {"sansSuite": {"date": "2026-02-13", "motif": "Besoin disparu"}, "offresRecues": 1},
            "sans_suite",
            ["projete", "consulte", "analyse", "sans_suite"],
        ),
    ],
)
async def test_a_lot_without_a_result_has_no_marche_and_says_so(
    embedded_projet: Projet, events: RecordedEvents, declared: dict[str, Any], statut: str, types: list[str]
) -> None:
    answer = await embedded_projet.ask("attribution", {"lots": [lot(1), lot(2, attribution=None, **declared)]})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    first, second = body["lots"]
    assert (second["statut"], second["montant"], body["marches"]) == (statut, None, [first["uid"]])
    issue = next(iter(declared.values()))
    assert second["motif"] == issue["motif"]
    told = [event.type.split(".")[3] for event in events if event.subject == f"marche/{second['uid']}"]
    assert told == types
    now = await embedded_projet.read()
    assert (now["statut"], [one["sansSuite"] for one in now["lots"]]) == ("attribution", [False, True])
    realised = {one["code"]: one["realise"] for one in now["jalons"]}
    assert realised["attribution"] == max("2026-02-12", issue["date"])
    assert [one["issue"] for one in (await embedded_projet.marches())["lots"]] == ["marche", "sans_suite"]


async def test_lots_may_be_attributed_one_after_the_other(embedded_projet: Projet) -> None:
    first = await embedded_projet.ask(
        "attribution", {"lots": [lot(2, attribution=attribution(dateAttribution="2026-02-11"))]}
    )
    assert (first.status_code, first.json()["statut"]) == (201, "analyse")
    assert ("PLA-LOT-ATTRIBUE", "$.lots[0].numero") in await embedded_projet.refused({"lots": [lot(2, id="DM099")]})
    second = await embedded_projet.ask("attribution", {"lots": [lot(1)]})
    assert (second.status_code, second.json()["statut"]) == (201, "attribution")
    assert len(second.json()["marches"]) == 2
    again = await embedded_projet.ask("attribution", {"lots": [lot(1, id="DM098")]})
    assert [one["rule"] for one in again.json()["errors"]] == ["PLA-LOT-ATTRIBUE"]


async def test_the_last_attribution_is_the_milestone_whatever_the_order_of_the_lots(embedded_projet: Projet) -> None:
    early = attribution(dateAttribution="2026-02-10", dateInformationEvinces="2026-02-13")
    answer = await embedded_projet.ask("attribution", {"lots": [lot(1), lot(2, attribution=early)]})
    assert answer.status_code == 201, answer.text
    assert [one["numero"] for one in answer.json()["lots"]] == [1, 2]
    realised = {one["code"]: one["realise"] for one in (await embedded_projet.read())["jalons"]}
    assert realised["attribution"] == "2026-02-12"


async def test_a_project_without_lots_opens_one_marche_without_a_consultation(local: AsyncClient) -> None:
    found = await analysed(local, lots=[], montantEstime="420000.00")
    answer = await found.ask("attribution", {"lots": [lot(None)]})
    assert answer.status_code == 201, answer.text
    marche = (await local.get(f"/v1/marches/{answer.json()['marches'][0]}")).json()
    assert (marche["objet"], marche["lot"]) == ("Dispositifs de perfusion", None)
    [only] = (await found.marches())["lots"]
    assert (only["numero"], only["intitule"], only["issue"]) == (None, "Dispositifs de perfusion", "marche")


async def test_one_refused_lot_refuses_all_and_every_lot_is_said(
    embedded_projet: Projet, embedded: Services, events: RecordedEvents
) -> None:
    stranger = [{"typeIdentifiant": "SIRET", "id": siret("99988803")}]
    bodies = [
        lot(1, attribution=attribution(titulaires=stranger, dateAttribution="2026-02-04")),
        lot(2, attribution=attribution(tauxAvance=0, attributionAvance=False, titulaires=stranger)),
    ]
    rules = await embedded_projet.refused({"lots": bodies})
    assert ("MAR-PROJET-DATES", "$.lots[0].attribution.dateAttribution") in rules
    assert ("MAR-TITULAIRE", "$.lots[1].attribution.titulaires[0].id") in rules
    assert await embedded_projet.refused({"lots": [lot(1), bodies[1]]})
    assert counted(embedded) == (0, 0)
    assert events == []
    assert (await embedded_projet.ask("attribution", DEUX)).status_code == 201


async def test_a_lot_the_database_refuses_does_not_hide_the_next_one(client: AsyncClient, known: Services) -> None:
    found = await analysed(client)
    taken = await client.post("/v1/marches/projets", json=life_projet(id="DM011"))
    assert taken.status_code == 201, taken.text
    stranger = [{"typeIdentifiant": "SIRET", "id": siret("99988803")}]
    body = {"lots": [lot(1), lot(2, attribution=attribution(titulaires=stranger))]}
    assert await found.refused(body) == [
        ("MAR-PROJET-ID", "$.lots[0].id"),
        ("MAR-TITULAIRE", "$.lots[1].attribution.titulaires[0].id"),
    ]
    assert counted(known) == (1, 0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"lots": [lot(1), lot(2, id="DM011")]}, [("MAR-PROJET-ID", "$.lots[1].id")]),
        ({"lots": [lot(1), lot(3)]}, [("PLA-LOT-INCONNU", "$.lots[1].numero")]),
        ({"lots": [lot(None), lot(2)]}, [("PLA-LOT-REQUIS", "$.lots[0].numero")]),
        ({"lots": [lot(1), lot(1, id="DM099")]}, [("PLA-LOT-DOUBLE", "$.lots[1].numero")]),
        ({"lots": [lot(1), lot(2, attribution=None)]}, [("PLA-ATTRIBUTION-ISSUE", "$.lots[1]")]),
        ({"lots": [lot(1, infructueux=INFRUCTUEUX), lot(2)]}, [("PLA-ATTRIBUTION-ISSUE", "$.lots[0]")]),
        ({"lots": [lot(1, attribution=None, infructueux=INFRUCTUEUX)]}, [("PLA-AUCUN-MARCHE", "$.lots")]),
        (
            {"lots": [lot(1), lot(2, attribution=None, infructueux=INFRUCTUEUX, offresRecues=1)]},
            [("MAR-INFRUCTUEUX-AVEC-OFFRES", "$.lots[1].infructueux.motif")],
        ),
        (
            {**DEUX, "dateLancement": "2026-01-06", "dateLimiteOffres": "2026-02-04"},
            [("PLA-ATTRIBUTION-JALON", "$.dateLancement")],
        ),
        # Said once, though both lots are refused for it.
        ({**DEUX, "dateOuverture": "2026-02-03"}, [("MAR-PROJET-DATES", "$.dateOuverture")]),
        ({**DEUX, "acheteur": VOISIN}, [("PLA-ACHETEUR-GHT", "$.acheteur")]),
        ({**DEUX, "acheteur": siret("26999904")}, [("MAR-ACHETEUR", "$.acheteur")]),
    ],
)  # fmt: skip
async def test_what_is_refused_is_located(
    embedded_projet: Projet, embedded: Services, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    with embedded.database.write() as unit:
        neighbour = changed(SUPPORT_CH, siret=VOISIN, nom="CH Fictif voisin", ght="FIC-02", finessJuridique=None)
        embedded.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(neighbour))
    assert await embedded_projet.refused(body) == expected
    assert counted(embedded) == (0, 0)


async def test_a_lot_left_without_a_marche_needs_the_fate_of_every_other(local: AsyncClient) -> None:
    three = [*LOTS, {"numero": 3, "intitule": "Pompes", "montantEstime": "50000.00"}]
    found = await analysed(local, lots=three)
    body = {"lots": [lot(1), lot(2, attribution=None, infructueux=INFRUCTUEUX)]}
    assert await found.refused(body) == [("PLA-LOTS-RESTANTS", "$.lots")]


async def test_the_opening_may_come_before_the_analysis_begins(local: AsyncClient, embedded_projet: Projet) -> None:
    same = {**DEUX, "dateLancement": "2026-01-05", "dateLimiteOffres": "2026-02-04", "dateOuverture": "2026-02-04"}
    answer = await embedded_projet.ask("attribution", same)
    assert answer.status_code == 201, answer.text
    marche = (await local.get(f"/v1/marches/projets/{answer.json()['marches'][0]}")).json()
    assert marche["dateOuverture"] == "2026-02-04"


@pytest.mark.parametrize("until", ["recensement", "strategie", "dce", "publication"])
async def test_nothing_is_attributed_before_the_analysis(local: AsyncClient, until: str) -> None:
    found = await analysed(local, until)
    answer = await found.ask("attribution", DEUX)
    assert answer.status_code == 409
    assert "analyse" in answer.json()["detail"]


async def test_a_cooperative_opens_the_marche_itself(local: AsyncClient, embedded: Services) -> None:
    found = await analysed(local, "strategie", strategie="UniHA")
    answer = await found.ask("attribution", DEUX)
    [problem] = answer.json()["errors"]
    assert (answer.status_code, problem["rule"]) == (409, "PLA-ATTRIBUTION-ADHESION")
    assert f"/v1/planification/projets/{found.uid}/adhesion" in problem["message"]
    assert counted(embedded) == (0, 0)


async def test_the_version_the_role_and_the_perimeter_are_required(embedded_projet: Projet, embedded: Services) -> None:
    late = await embedded_projet.ask("attribution", DEUX, version=embedded_projet.version - 1)
    assert late.status_code == 412
    uid, version = embedded_projet.uid, embedded_projet.version
    body = AttributionProjet.model_validate(DEUX)
    reader = Caller("ars-fictive", Role.ARS, None)
    stranger = Caller("acheteur-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
    for caller, error in ((reader, Forbidden), (stranger, NotFound)):
        with pytest.raises(error), embedded.database.write() as unit:
            attribuer(embedded, unit, caller, uid, version, body)
    with embedded.database.read() as connection:
        assert suivre(embedded, connection, reader, uid).uid == uid
        with pytest.raises(NotFound):
            suivre(embedded, connection, stranger, uid)
    assert counted(embedded) == (0, 0)


async def test_the_same_request_under_the_same_key_opens_nothing_twice(
    embedded_projet: Projet, embedded: Services
) -> None:
    headers = {"If-Match": f'"{embedded_projet.version}"', "Idempotency-Key": "attribution-1"}
    path = f"{BASE}/projets/{embedded_projet.uid}/attribution"
    first = await embedded_projet.client.post(path, json=DEUX, headers=headers)
    again = await embedded_projet.client.post(path, json=DEUX, headers=headers)
    assert first.status_code == again.status_code == 201
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert counted(embedded) == (2, 2)
    assert FICTIMED in str((await embedded_projet.client.get(f"/v1/marches/{first.json()['marches'][0]}")).json())


async def test_of_two_callers_at_once_one_opens_the_marches(client: AsyncClient, known: Services) -> None:
    found = await analysed(client)

    def opened(name: str) -> bool:
        lots = [{**one, "id": f"{name}{one['numero']}"} for one in DEUX["lots"]]
        try:
            with known.database.write() as unit:
                attribuer(
                    known, unit, LOCAL, found.uid, found.version, AttributionProjet.model_validate({"lots": lots})
                )
        except Outdated:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(opened, ("DMA", "DMB"))) == [False, True]
    assert counted(known) == (2, 2)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AlreadyExists("Ce marché existe."), Problem("$.lots[3]", "PLA-ATTRIBUTION-REFUS", "Ce marché existe.")),
        (RuleBroken("x", [Problem("$.codeCPV", "R", "x")]), Problem("$.lots[3]", "R", "x")),
        (RuleBroken("x", [Problem("$.lot.numero", "R", "x")]), Problem("$.lots[3].numero", "R", "x")),
        (RuleBroken("x", [Problem("$.consultation", "R", "x")]), Problem("$.consultation", "R", "x")),
        (
            RuleBroken("x", [Problem("$.titulaires[1].montant", "R", "x")]),
            Problem("$.lots[3].attribution.titulaires[1].montant", "R", "x"),
        ),
        (RuleBroken("x", [Problem("$.date", "R", "x")]), Problem("$.lots[3].attribution.dateAttribution", "R", "x")),
    ],
)
def test_what_a_module_refuses_is_said_at_its_place_in_the_request(error: Refused, expected: Problem) -> None:
    assert list(placed(error, 3, LotTraite.model_validate(lot(1)))) == [expected]
