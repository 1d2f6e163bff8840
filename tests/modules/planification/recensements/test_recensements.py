"""Censuses: needs in their window, all or none, each line at its place; sums by category and établissement; closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.errors import Forbidden, NotFound
from semaphore_hub.modules.planification.recensements.schemas import BesoinsEntree, NouveauRecensement
from semaphore_hub.modules.referentiel.nomenclatures_tenues import CodesTenus
from semaphore_hub.modules.referentiel.schemas import NouvelEtablissement
from semaphore_hub.ports import events as types
from semaphore_hub.ports.payloads.achats import RecensementPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.planification.samples import BASE, besoin, planned, recensement
from tests.modules.samples import PARTIE, SUPPORT, SUPPORT_CH, changed, siret

MUETTE, AILLEURS = siret("26999903"), siret("26999904")
RECENSEMENTS = f"{BASE}/recensements"


async def opened(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(RECENSEMENTS, json=recensement(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def put(client: AsyncClient, census: dict[str, Any], *besoins: dict[str, Any]) -> Response:
    return await client.put(f"{RECENSEMENTS}/{census['uid']}/besoins", json={"besoins": list(besoins)})


def hospitals(services: Services) -> None:
    """A third hospital of the GHT, that says nothing, and one of another GHT."""
    with services.database.write() as unit:
        for code, ght in ((MUETTE, "FIC-01"), (AILLEURS, "FIC-02")):
            body = changed(
                SUPPORT_CH, siret=code, nom=f"CH Fictif {code}", ght=ght, role="partie", finessJuridique=None
            )
            services.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(body))


async def test_a_census_sums_over_the_ght_by_category_and_hospital(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    hospitals(known)
    with known.database.write() as unit:
        codes = {"codes": [{"code": "SYN-02.01", "libelle": "Perfusion (fictif)"}]}
        known.referentiel.nomenclatures.enregistrer(unit, LOCAL, "nchfs", CodesTenus.model_validate(codes))
    events.clear()
    census = await opened(client)
    recorded = await put(
        client,
        census,
        besoin(montantAnnuel="24000.10"),
        besoin(etablissement=SUPPORT, montantAnnuel="10000.05"),
        besoin(reference="PH-002", montantAnnuel="500.55", codeNCHFS="INCONNU-9"),
        besoin(reference="PH-003", montantAnnuel="99.99", codeNCHFS=None),
    )
    assert recorded.status_code == 200, recorded.text
    assert {**recorded.json(), "avertissements": None} == {
        "crees": 4, "modifies": 0, "inchanges": 0, "montantAnnuel": "34600.69", "avertissements": None,
    }  # fmt: skip
    assert [(one["regle"], one["champ"]) for one in recorded.json()["avertissements"]] == [
        ("PLA-NCHFS-INCONNU", "$.besoins[2].codeNCHFS")
    ]
    listed = await client.get(f"{RECENSEMENTS}/{census['uid']}/besoins", params={"codeNCHFS": "SYN-02.01"})
    uids = [one["uid"] for one in listed.json()["items"]]
    planned(known, besoins=uids[:1])
    found = (await client.get(f"{RECENSEMENTS}/{census['uid']}/synthese")).json()
    assert (found["besoins"], found["montantAnnuel"]) == (4, "34600.69")
    assert [
        (one["codeNCHFS"], one["libelle"], one["connu"], one["besoins"], one["montantAnnuel"], one["montantNonRepris"])
        for one in found["categories"]
    ] == [
        ("INCONNU-9", None, False, 1, "500.55", "500.55"),
        ("SYN-02.01", "Perfusion (fictif)", True, 2, "34000.15", "10000.05"),
        (None, None, False, 1, "99.99", "99.99"),
    ]
    shares = {one["etablissement"]: one["montantAnnuel"] for one in found["categories"][1]["etablissements"]}
    assert shares == {PARTIE: "24000.10", SUPPORT: "10000.05"}
    assert {one["etablissement"]: (one["besoins"], one["montantAnnuel"]) for one in found["etablissements"]} == {
        PARTIE: (3, "24600.64"),
        SUPPORT: (1, "10000.05"),
    }
    assert [one["siret"] for one in found["sansReponse"]] == [MUETTE]
    left = await client.get(f"{RECENSEMENTS}/{census['uid']}/besoins", params={"nonRepris": "true"})
    assert len(left.json()["items"]) == 3
    closed = await client.post(f"{RECENSEMENTS}/{census['uid']}/cloture", headers={"If-Match": '"1"'})
    assert (closed.json()["statut"], closed.headers["etag"]) == ("clos", '"2"')
    said = [event for event in events if event.subject == f"recensement/{census['uid']}"]
    assert [(event.type, event.version) for event in said] == [
        (types.RECENSEMENT_OUVERT, 1),
        (types.RECENSEMENT_CLOS, 2),
    ]
    told = RecensementPayload.model_validate(said[-1].data)
    assert (told.besoins, str(told.montantAnnuel)) == (4, "34600.69")


async def test_needs_are_stated_again_by_reference_and_only_those_that_change(client: AsyncClient) -> None:
    census = await opened(client)
    await put(client, census, besoin(), besoin(reference="PH-002"))
    again = await put(
        client, census, besoin(montantAnnuel="1"), besoin(reference="PH-002", version=1), besoin(reference="PH-003")
    )
    assert [again.json()[name] for name in ("crees", "modifies", "inchanges")] == [1, 1, 1]
    items = (await client.get(f"{RECENSEMENTS}/{census['uid']}/besoins")).json()["items"]
    assert [(one["reference"], one["version"], one["montantAnnuel"]) for one in items] == [
        ("PH-001", 2, "1.00"),
        ("PH-002", 1, "24000.00"),
        ("PH-003", 1, "24000.00"),
    ]
    stale = await put(client, census, besoin(reference="PH-004"), besoin(montantAnnuel="2", version=1))
    assert [(one["rule"], one["path"]) for one in stale.json()["errors"]] == [
        ("PLA-BESOIN-VERSION", "$.besoins[1].version")
    ]
    assert len((await client.get(f"{RECENSEMENTS}/{census['uid']}/besoins")).json()["items"]) == 3


@pytest.mark.parametrize(
    ("wrong", "rule", "field"),
    [
        ({"etablissement": AILLEURS}, "PLA-BESOIN-ETABLISSEMENT", ".etablissement"),
        ({"etablissement": "26999909000011"}, "PLA-BESOIN-ETABLISSEMENT", ".etablissement"),
        ({"famille": "Poterie"}, "PLA-FAMILLE", ".famille"),
        ({"quantite": "12"}, "PLA-BESOIN-QUANTITE", ".quantite"),
        ({"reference": "PH-001"}, "PLA-BESOIN-DOUBLE", ".reference"),
    ],
)
async def test_one_wrong_line_and_nothing_is_recorded(
    local: AsyncClient, embedded: Services, wrong: dict[str, Any], rule: str, field: str
) -> None:
    hospitals(embedded)
    census = await opened(local)
    bad = besoin(**{"reference": "PH-002", **wrong})
    answer = await put(local, census, besoin(), bad)
    assert answer.status_code == 409, answer.text
    assert (rule, f"$.besoins[1]{field}") in [(one["rule"], one["path"]) for one in answer.json()["errors"]]
    assert (await local.get(f"{RECENSEMENTS}/{census['uid']}")).json()["besoins"] == 0
    good = besoin(reference="PH-002", famille="dispositif médical", quantite="12000", unite="unité")
    assert (await put(local, census, besoin(), good)).status_code == 200


async def test_one_need_is_stated_once(local: AsyncClient) -> None:
    census = await opened(local)
    path = f"{RECENSEMENTS}/{census['uid']}/besoins"
    first = await local.post(path, json=besoin())
    assert (first.status_code, first.json()["famille"], first.json()["projet"]) == (201, "SYN-02", None)
    assert [one["regle"] for one in first.json()["avertissements"]] == ["PLA-NCHFS-INCONNU"]
    again = await local.post(path, json=besoin())
    assert [(one["rule"], one["path"]) for one in again.json()["errors"]] == [("PLA-BESOIN-EXISTE", "$.reference")]


async def test_a_need_that_a_project_takes_does_not_change(local: AsyncClient, embedded: Services) -> None:
    census = await opened(local)
    stated = await local.post(f"{RECENSEMENTS}/{census['uid']}/besoins", json=besoin())
    planned(embedded, besoins=[stated.json()["uid"]])
    refused = await put(local, census, besoin(montantAnnuel="1"))
    assert [one["rule"] for one in refused.json()["errors"]] == ["PLA-BESOIN-REPRIS"]
    assert (await put(local, census, besoin())).json()["inchanges"] == 1


async def test_needs_are_stated_from_the_first_to_the_last_day(
    local: AsyncClient, embedded: Services, clock: ManualClock
) -> None:
    census = await opened(local, ouverture="2026-03-03", cloture="2026-03-04")
    expected = [409, 200, 200, 409]
    for rank, status in enumerate(expected):
        answer = await put(local, census, besoin(reference=f"PH-{rank}"))
        assert answer.status_code == status, answer.text
        if status == 409:
            assert answer.json()["errors"][0]["rule"] == "PLA-RECENSEMENT-FENETRE"
        clock.advance(timedelta(days=1))


async def test_a_closed_census_changes_no_more(local: AsyncClient) -> None:
    census = await opened(local)
    path = f"{RECENSEMENTS}/{census['uid']}"
    assert (await local.post(f"{path}/cloture")).status_code == 428
    assert (await local.post(f"{path}/cloture", headers={"If-Match": '"2"'})).status_code == 412
    assert (await local.post(f"{path}/cloture", headers={"If-Match": '"1"'})).status_code == 200
    refused = [
        await local.post(f"{path}/cloture", headers={"If-Match": '"2"'}),
        await put(local, census, besoin()),
        await local.post(f"{path}/besoins", json=besoin()),
    ]
    assert [(one.status_code, "clos" in one.json()["detail"]) for one in refused] == [(409, True)] * 3


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"ght": "FIC-09"}, "PLA-RECENSEMENT-GHT"), ({"cloture": "2026-02-28"}, "PLA-RECENSEMENT-DATES")],
)
async def test_a_wrong_census_is_refused(local: AsyncClient, changes: dict[str, Any], rule: str) -> None:
    answer = await local.post(RECENSEMENTS, json=recensement(**changes))
    assert [one["rule"] for one in answer.json()["errors"]] == [rule]


async def test_lists_are_filtered_and_kept_to_the_perimeter(local: AsyncClient, embedded: Services) -> None:
    first, second = await opened(local), await opened(local, ght="FIC-02", annee=2027)
    for params, uids in (
        ({}, [second["uid"], first["uid"]]),
        ({"annee": "2026"}, [first["uid"]]),
        ({"ght": "FIC-02"}, [second["uid"]]),
        ({"statut": "clos"}, []),
    ):
        found = await local.get(RECENSEMENTS, params=params)
        assert [one["uid"] for one in found.json()["items"]] == uids
    stranger = Caller("voisin-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
    reader = Caller("ars-fictive", Role.ARS, None)
    census = NouveauRecensement.model_validate(recensement())
    needs = BesoinsEntree.model_validate({"besoins": [besoin()]})
    with embedded.database.write() as unit:
        service = embedded.recensements
        with pytest.raises(NotFound):
            service.synthese(unit.connection, stranger, first["uid"])
        with pytest.raises(NotFound):
            service.enregistrer(unit, stranger, first["uid"], needs)
        with pytest.raises(Forbidden):
            service.enregistrer(unit, reader, first["uid"], needs)
        with pytest.raises(Forbidden):
            service.ouvrir(unit, reader, census)
        assert service.synthese(unit.connection, reader, first["uid"]).montantAnnuel == 0
