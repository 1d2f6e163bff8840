"""Other holders: who holds the marché now, who held it, in which group, for which share."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from semaphore_hub.ports.events import MARCHE_MODIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FICTIMED, MODIFICATION, NOTIFICATION, PHARMAFICTIF, changed, siret
from tests.modules.world import change, recorded

STRANGER = siret("99988803")
CESSION: dict[str, Any] = {
    "objet": "Transfert à la société absorbante",
    "dateNotificationModification": "2026-09-01",
    "datePublicationDonneesModification": "2026-09-10",
    "titulaires": [{"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}],
    "justification": {"causeCession": "restructuration du titulaire"},
}
PAIR = [
    {"typeIdentifiant": "SIRET", "id": FICTIMED, "montant": "150000.00"},
    {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "montant": "50000.00", "role": "co-traitant"},
]


async def test_a_transfer_replaces_the_holder_and_keeps_who_it_was(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    answer = await change(client, uid, "changement-titulaire", CESSION, 2)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert [holder["id"] for holder in found["titulaires"]] == [PHARMAFICTIF]
    amendment = found["modifications"][0]
    assert [holder["id"] for holder in amendment["titulaires"]] == [PHARMAFICTIF]
    assert (amendment["fondement"], amendment["article"]) == ("NOUVEAU_TITULAIRE", "R2194-6")
    assert amendment["typeGroupementOperateurs"] == "Pas de groupement"
    assert (await client.get(f"/v1/marches/{uid}")).json() == found
    assert events[-1].type == MARCHE_MODIFIE
    said = MarchePayload.model_validate(events[-1].data)
    assert said.marche.initial is not None
    assert [holder.fournisseur.id for holder in said.marche.initial.titulaires] == [FICTIMED]
    assert said.modification is not None
    assert [holder.fournisseur.denominationSociale for holder in said.modification.titulaires] == ["Pharmafictif SA"]
    listed = await client.get("/v1/marches", params={"fournisseur": PHARMAFICTIF})
    assert [item["uid"] for item in listed.json()["items"]] == [uid]
    assert (await client.get("/v1/marches", params={"fournisseur": FICTIMED})).json()["items"] == []


async def test_the_history_names_a_holder_that_came_and_went(client: AsyncClient, uid: str) -> None:
    await change(client, uid, "changement-titulaire", CESSION, 2)
    back = changed(CESSION, titulaires=[{"typeIdentifiant": "SIRET", "id": FICTIMED}])
    found = (await change(client, uid, "changement-titulaire", back, 3)).json()
    assert [[one["id"] for one in item["titulaires"]] for item in found["modifications"]] == [
        [PHARMAFICTIF],
        [FICTIMED],
    ]
    assert [holder["id"] for holder in found["titulaires"]] == [FICTIMED]


async def test_a_holder_joined_by_another_becomes_a_group_with_roles_and_shares(client: AsyncClient, uid: str) -> None:
    body = changed(CESSION, titulaires=PAIR, typeGroupementOperateurs="Solidaire")
    answer = await change(client, uid, "changement-titulaire", body, 2)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["typeGroupementOperateurs"] == "Solidaire"
    assert [(one["role"], one["montant"]) for one in found["titulaires"]] == [
        ("titulaire", "150000.00"),
        ("co-traitant", "50000.00"),
    ]
    alone = changed(
        CESSION, titulaires=[PAIR[0] | {"montant": "200000.00"}], typeGroupementOperateurs="Pas de groupement"
    )
    left = await change(client, uid, "changement-titulaire", alone, 3)
    assert left.status_code == 201, left.text
    assert [one["id"] for one in left.json()["titulaires"]] == [FICTIMED]


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-TITULAIRE", "$.titulaires[0].id", {"titulaires": [{"typeIdentifiant": "SIRET", "id": STRANGER}]}),
    ("MAR-TITULAIRE-DOUBLE", "$.titulaires[1].id", {"titulaires": [PAIR[0], PAIR[0]]}),
    ("MAR-ROLES", "$.titulaires", {"titulaires": PAIR}),
    (
        "MAR-PARTS",
        "$.titulaires",
        {"titulaires": [PAIR[0], PAIR[1] | {"montant": "50000.01"}], "typeGroupementOperateurs": "Conjoint"},
    ),
    ("MAR-GROUPEMENT", "$.titulaires", {"typeGroupementOperateurs": "Conjoint"}),
    ("MAR-R2194-6", "$.justification.causeCession", {"justification": None}),
    ("MAR-R2194-6", "$.titulaires", {"titulaires": [{"typeIdentifiant": "SIRET", "id": FICTIMED}]}),
]


async def test_a_change_of_holders_that_breaks_a_rule_is_refused(client: AsyncClient, uid: str) -> None:
    for rule, path, changes in REFUSED:
        answer = await change(client, uid, "changement-titulaire", changed(CESSION, **changes), 2)
        assert answer.status_code == 409, answer.text
        assert (rule, path) in {(item["rule"], item["path"]) for item in answer.json()["errors"]}
    other = await change(client, uid, "changement-titulaire", changed(CESSION, fondement="FAIBLE_MONTANT"), 2)
    assert other.status_code == 422
    parts = [{"typeIdentifiant": "SIRET", "id": FICTIMED, "montant": "215000.00"}]
    twice = changed(MODIFICATION, titulaires=CESSION["titulaires"], parts=parts)
    answer = await change(client, uid, "modifications", twice, 2)
    assert [item["rule"] for item in answer.json()["errors"]] == ["MAR-PARTS-TITULAIRES"]
    assert (await client.get(f"/v1/marches/{uid}")).json()["version"] == 2


async def test_holders_may_share_the_same_amount_anew(client: AsyncClient) -> None:
    uid = (await recorded(client, titulaires=PAIR, typeGroupementOperateurs="Solidaire")).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    same = changed(MODIFICATION, montant=None, titulaires=PAIR)
    nothing = await change(client, uid, "modifications", same, 2)
    assert [item["rule"] for item in nothing.json()["errors"]] == ["MAR-MODIFICATION-VIDE"]
    anew = [PAIR[0] | {"montant": "120000.00"}, PAIR[1] | {"montant": "80000.00"}]
    body = changed(same, titulaires=anew, fondement="NON_SUBSTANTIELLE")
    answers = {"autresCandidats": False, "equilibreFavorable": False, "objetModifie": False, "titulaireRemplace": False}
    answer = await change(client, uid, "modifications", changed(body, justification={"reponses": answers}), 2)
    assert answer.status_code == 201, answer.text
    assert [one["montant"] for one in answer.json()["modifications"][0]["titulaires"]] == ["120000.00", "80000.00"]
