"""The life of a concession through the API: one event each, every rule with a document that breaks it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient, Response

from semaphore_hub.modules.marches.concessions.rules import modification_problems
from semaphore_hub.modules.marches.concessions.schemas import NouvelleModificationConcession
from semaphore_hub.ports.events import (
    CONCESSION_CORRIGEE,
    CONCESSION_EXECUTEE,
    CONCESSION_MODIFIEE,
    CONCESSION_SIGNEE,
)
from semaphore_hub.ports.payloads import ConcessionPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FICTIMED, PHARMAFICTIF, SUPPORT, changed, siret

PLACE = "/v1/marches/concessions"
BODY: dict[str, Any] = {
    "id": "TV001",
    "autoriteConcedante": {"id": SUPPORT},
    "nature": "Concession de service",
    "procedure": "Procédure négociée ouverte",
    "objet": "Télévision et téléphonie au lit des patients",
    "lieuExecution": {"code": "59606", "typeCode": "Code commune"},
    "nomLieuExecution": "Valmont",
    "dateSignature": "2026-02-01",
    "datePublicationDonnees": "2026-02-10",
    "dateDebutExecution": "2026-03-01",
    "dureeMois": 60,
    "valeurGlobale": "900000.00",
    "montantSubventionPublique": "0",
    "concessionnaires": [{"typeIdentifiant": "SIRET", "id": FICTIMED}],
    "considerationsSociales": ["Pas de considération sociale"],
    "considerationsEnvironnementales": ["Clause environnementale"],
    "urlProfilAcheteur": "https://www.marches-publics.gouv.fr",
}
MODIFICATION = {
    "objet": "Dix chambres de plus",
    "dateSignatureModification": "2026-09-01",
    "datePublicationDonneesModification": "2026-09-10",
    "valeurGlobale": "950000.00",
}
ANNEE = {
    "datePublicationDonneesExecution": "2027-03-01",
    "depensesInvestissement": "40000.00",
    "tarifs": [{"intituleTarif": "Forfait jour", "tarif": "4.50"}],
}


async def signed(client: AsyncClient, **changes: Any) -> Response:
    answer = await client.post(PLACE, json=changed(BODY, **changes))
    assert answer.status_code == 201, answer.text
    return answer


async def ask(client: AsyncClient, uid: str, operation: str, body: object, version: int) -> Response:
    return await client.post(f"{PLACE}/{uid}/{operation}", json=body, headers={"If-Match": f'"{version}"'})


async def test_a_concession_is_signed_amended_executed_and_corrected(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await signed(client)).json()["uid"]
    assert (await ask(client, uid, "modifications", MODIFICATION, 1)).status_code == 201
    assert (await ask(client, uid, "donnees-execution", ANNEE, 2)).status_code == 201
    last = await ask(client, uid, "correction", {"motif": "Lieu erroné", "nomLieuExecution": "Ambreval"}, 3)
    assert last.status_code == 200, last.text
    assert [event.type for event in events] == [
        CONCESSION_SIGNEE,
        CONCESSION_MODIFIEE,
        CONCESSION_EXECUTEE,
        CONCESSION_CORRIGEE,
    ]
    assert [event.version for event in events] == [1, 2, 3, 4]
    assert {event.subject for event in events} == {f"concession/{uid}"}
    said = ConcessionPayload.model_validate(events[-1].data)
    assert said.motif == "Lieu erroné"
    assert said.concession.idContrat == "2026TV001"
    assert str(said.concession.valeurGlobale) == "950000.00"
    assert said.concession.nomLieuExecution == "Ambreval"
    [amendment] = said.concession.modifications
    assert (amendment.id, str(amendment.deltaValeurGlobale), amendment.dureeMois) == (1, "50000.00", None)
    read = (await client.get(f"{PLACE}/{uid}")).json()
    assert read["donneesExecution"][0]["tarifs"] == [{"intituleTarif": "Forfait jour", "tarif": "4.50"}]
    assert (await client.get(PLACE, params={"autorite": SUPPORT})).json()["items"][0]["uid"] == uid


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("CON-AUTORITE", {"autoriteConcedante": {"id": siret("26999977")}}),
        ("CON-CONCESSIONNAIRE", {"concessionnaires": [{"typeIdentifiant": "SIRET", "id": siret("99988899")}]}),
        (
            "CON-CONCESSIONNAIRE-DOUBLE",
            {
                "concessionnaires": [
                    {"typeIdentifiant": "SIRET", "id": FICTIMED},
                    {"typeIdentifiant": "SIRET", "id": FICTIMED},
                ]
            },
        ),
        ("CON-VALEUR-MIN", {"valeurGlobale": "0.99"}),
        ("CON-DUREE", {"dureeMois": 61}),
        ("CON-EXECUTION", {"dateDebutExecution": "2026-01-31"}),
        ("CON-PUBLICATION", {"datePublicationDonnees": "2026-03-02"}),
        ("CON-PUBLICATION", {"datePublicationDonnees": "2026-01-31"}),
        ("CON-VALEUR-SEULE", {"considerationsSociales": ["Pas de considération sociale", "Clause sociale"]}),
        (
            "CON-VALEUR-SEULE",
            {"considerationsEnvironnementales": ["Pas de considération environnementale", "Clause environnementale"]},
        ),
        ("CON-IDCONTRAT", {"id": "CONCESSION_TV_01"}),
        ("CON-IDCONTRAT-ANNEE", {"idContrat": "2025TV001"}),
        ("MAR-DATE-PERIODE", {"dateSignature": "2009-12-31"}),
    ],
)
async def test_a_broken_rule_refuses_the_concession(
    client: AsyncClient, events: RecordedEvents, rule: str, changes: dict[str, Any]
) -> None:
    answer = await client.post(PLACE, json=changed(BODY, **changes))
    assert answer.status_code == 409, answer.text
    assert rule in {problem["rule"] for problem in answer.json()["errors"]}
    assert events == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("CON-MODIFICATION-VIDE", {"valeurGlobale": "900000.00"}),
        ("CON-MODIFICATION-DATE", {"dateSignatureModification": "2026-01-31"}),
        ("CON-MODIFICATION-PUBLICATION", {"datePublicationDonneesModification": "2026-08-31"}),
        ("CON-DUREE", {"dureeMois": 72}),
    ],
)
async def test_a_broken_rule_refuses_the_amendment(client: AsyncClient, rule: str, changes: dict[str, Any]) -> None:
    uid = (await signed(client)).json()["uid"]
    answer = await ask(client, uid, "modifications", {**MODIFICATION, **changes}, 1)
    assert answer.status_code == 409, answer.text
    assert rule in {problem["rule"] for problem in answer.json()["errors"]}
    assert (await client.get(f"{PLACE}/{uid}")).json()["version"] == 1


async def test_a_longer_concession_is_justified_and_then_amended(client: AsyncClient) -> None:
    uid = (await signed(client)).json()["uid"]
    longer = {**MODIFICATION, "dureeMois": 72, "justificationDuree": "Équipement des chambres"}
    answer = await ask(client, uid, "modifications", longer, 1)
    assert answer.status_code == 201, answer.text
    assert answer.json()["justificationDuree"] == "Équipement des chambres"
    assert answer.json()["modifications"][0]["deltaDureeMois"] == 12


@pytest.mark.parametrize("day", ["2026-02-28", "2027-03-01", "2027-02-28"])
async def test_years_of_execution_follow_each_other(client: AsyncClient, day: str) -> None:
    uid = (await signed(client)).json()["uid"]
    assert (await ask(client, uid, "donnees-execution", ANNEE, 1)).status_code == 201
    answer = await ask(client, uid, "donnees-execution", {**ANNEE, "datePublicationDonneesExecution": day}, 2)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["rule"] == "CON-DONNEES-DATE"


async def test_a_correction_that_changes_nothing_is_refused(client: AsyncClient) -> None:
    uid = (await signed(client)).json()["uid"]
    answer = await ask(client, uid, "correction", {"motif": "Rien", "objet": BODY["objet"]}, 1)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (409, "CON-CORRECTION-VIDE")


async def test_the_same_number_twice_is_refused(client: AsyncClient) -> None:
    await signed(client)
    answer = await client.post(
        PLACE, json=changed(BODY, concessionnaires=[{"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}])
    )
    assert answer.status_code == 409
    assert "a déjà une concession TV001" in answer.json()["detail"]


async def test_an_unknown_concession_is_not_found_and_an_old_version_refused(client: AsyncClient) -> None:
    uid = (await signed(client)).json()["uid"]
    assert (await ask(client, uid, "modifications", MODIFICATION, 7)).status_code == 412
    assert (await client.get(f"{PLACE}/{uid[:-1]}{'0' if uid[-1] != '0' else '1'}")).status_code == 404


def test_a_concession_carries_at_most_99_amendments() -> None:
    new = NouvelleModificationConcession.model_validate(MODIFICATION)
    for count, expected in ((98, set()), (99, {"CON-MODIFICATION-NOMBRE"})):
        found = modification_problems(new, count, date(2026, 2, 1), changes=True)
        assert {problem.rule for problem in found} == expected
