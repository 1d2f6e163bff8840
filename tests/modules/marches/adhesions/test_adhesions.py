"""Adhesions: the hospital asks, signs, chooses who pays; the cooperative says the rest, in its order only."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.errors import HubError, NotFound, RuleBroken
from semaphore_hub.modules.marches.adhesions.etats import SUITES
from semaphore_hub.modules.marches.adhesions.schemas import AdhesionVue, AvanceeAdhesion
from semaphore_hub.ports.payloads import AdhesionPayload, StatutAdhesion
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import PARTIE, SUPPORT

CHEMIN: tuple[StatutAdhesion, ...] = (
    "demande",
    "signature",
    "ventilation",
    "validation_ca",
    "notification_fournisseurs",
    "active",
    "echue",
)


def demande(**changes: Any) -> dict[str, Any]:
    return {
        "centrale": "uniha",
        "numeroMarche": "M_4242",
        "etablissement": PARTIE,
        "dateEntree": "2026-04-01",
        "besoinTTC": "120000.50",
        **changes,
    }


async def asked(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/marches/adhesions", json=demande(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def said(services: Services, uid: str, statut: str, centrale: str = "uniha", **more: Any) -> AdhesionVue:
    with services.database.write() as unit:
        given = AvanceeAdhesion.model_validate({"uid": uid, "statut": statut, **more})
        return services.adhesions.avancer(unit, centrale, given)


async def step(client: AsyncClient, name: str, adhesion: dict[str, Any], body: dict[str, Any]) -> Response:
    headers = {"If-Match": f'"{adhesion["version"]}"'}
    return await client.post(f"/v1/marches/adhesions/{adhesion['uid']}/{name}", json=body, headers=headers)


async def test_the_whole_workflow_leaves_one_event_a_step(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    adhesion = await asked(client)
    said(known, adhesion["uid"], "signature")
    signed = await step(client, "signature", {**adhesion, "version": 2}, {"signataire": "Direction fictive"})
    assert signed.status_code == 200, signed.text
    said(known, adhesion["uid"], "ventilation")
    chosen = await step(client, "ventilation", {**adhesion, "version": 4}, {"etablissementFacture": SUPPORT})
    assert chosen.status_code == 200, chosen.text
    for statut in ("validation_ca", "notification_fournisseurs"):
        said(known, adhesion["uid"], statut)
    active = said(known, adhesion["uid"], "active", dateEntree="2026-04-15", dateFin="2027-04-14")
    assert [event.type.split(".")[-2] for event in events] == [
        "demandee", "avancee", "signee", "avancee", "ventilee", "avancee", "avancee", "avancee",
    ]  # fmt: skip
    assert [event.version for event in events] == list(range(1, 9))
    told = AdhesionPayload.model_validate(events[4].data)
    assert (told.destinataire, told.adhesion.etablissementFacture) == ("uniha", SUPPORT)
    assert (str(active.dateEntree), str(active.dateFin)) == ("2026-04-15", "2027-04-14")
    with known.database.read() as connection:
        assert known.adhesions.beneficiaires(connection, "uniha", "M_4242", None) == [PARTIE]
        assert known.adhesions.beneficiaires(connection, "resah", "M_4242", None) == []


async def test_the_same_state_said_again_changes_nothing(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    adhesion = await asked(client)
    first = said(known, adhesion["uid"], "signature")
    assert said(known, adhesion["uid"], "signature") == first
    assert len(events) == 2


@pytest.mark.parametrize("avant", CHEMIN[:-1])
async def test_only_the_table_says_what_follows(client: AsyncClient, known: Services, avant: StatutAdhesion) -> None:
    adhesion = await asked(client)
    for statut in CHEMIN[1 : CHEMIN.index(avant) + 1]:
        said(known, adhesion["uid"], statut)
    # That it was asked is not for the cooperative to say: the document itself cannot.
    for apres in set(get_args(StatutAdhesion)) - SUITES[avant] - {avant, "demande"}:
        with pytest.raises(RuleBroken) as refused:
            said(known, adhesion["uid"], apres)
        assert refused.value.problems[0].rule == "MAR-ADHESION-SUITE"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"etablissement": "26999909000011"}, "MAR-ADHESION-ETABLISSEMENT"),
        ({"dateFin": "2026-03-31"}, "MAR-ADHESION-DATES"),
        ({"besoinTTC": "0"}, "MAR-ADHESION-BESOIN"),
    ],
)
async def test_a_wrong_demand_says_which_rule(client: AsyncClient, changes: dict[str, Any], rule: str) -> None:
    answer = await client.post("/v1/marches/adhesions", json=demande(**changes))
    assert answer.status_code == 409, answer.text
    assert [problem["rule"] for problem in answer.json()["errors"]] == [rule]


async def test_one_adhesion_at_a_time_until_it_ends_or_is_refused(client: AsyncClient, known: Services) -> None:
    adhesion = await asked(client)
    again = await client.post("/v1/marches/adhesions", json=demande())
    assert again.json()["errors"][0]["rule"] == "MAR-ADHESION-DOUBLE"
    await asked(client, lot=2)
    said(known, adhesion["uid"], "refusee", motif="Lot complet")
    assert (await asked(client))["statut"] == "demande"


async def test_another_cooperative_or_an_unknown_adhesion_is_refused(client: AsyncClient, known: Services) -> None:
    adhesion = await asked(client)
    with pytest.raises(RuleBroken) as refused:
        said(known, adhesion["uid"], "signature", centrale="resah")
    assert refused.value.problems[0].rule == "MAR-ADHESION-CENTRALE"
    with pytest.raises(NotFound):
        said(known, "0" * 8 + "-0000-7000-8000-" + "0" * 12, "signature")
    with pytest.raises(HubError):
        said(known, adhesion["uid"], "signature", dateEntree="2026-04-02", dateFin="2026-04-01")


async def test_steps_of_the_hospital_wait_for_their_state_and_version(client: AsyncClient, known: Services) -> None:
    adhesion = await asked(client)
    early = await step(client, "signature", adhesion, {"signataire": "Direction fictive"})
    assert early.status_code == 409
    said(known, adhesion["uid"], "signature")
    outdated = await step(client, "signature", adhesion, {"signataire": "Direction fictive"})
    assert outdated.status_code == 412
    said(known, adhesion["uid"], "ventilation")
    elsewhere = await step(
        client, "ventilation", {**adhesion, "version": 3}, {"etablissementFacture": "26999909000011"}
    )
    assert elsewhere.json()["errors"][0]["rule"] == "MAR-ADHESION-FACTURE"


async def test_lists_are_filtered(client: AsyncClient) -> None:
    first = await asked(client)
    await asked(client, centrale="resah")
    found = await client.get("/v1/marches/adhesions", params={"centrale": "uniha", "statut": "demande"})
    assert [one["uid"] for one in found.json()["items"]] == [first["uid"]]
    one = await client.get(f"/v1/marches/adhesions/{first['uid']}")
    assert (one.status_code, one.headers["ETag"]) == (200, '"1"')
